"""What the site uses over a network: Redis, the mail server, the front."""

import ssl
import time
from collections.abc import Iterator
from datetime import timedelta
from http.client import HTTPException
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import uuid4

import redis
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Info
from django.core.mail.backends import smtp
from django.db import DatabaseError

from chatsite import outbox
from chatsite.models import OutgoingMail
from chatsite.ops import front
from chatsite.ops.doctor.registry import hours, registry

# Seconds that a server may take to answer.
PATIENCE = 5.0
# Long past a mail server's restart.
MAIL_LATE = timedelta(minutes=15)


@registry.register
def redis_passes_news_on(**kwargs: Any) -> Iterator[CheckMessage]:
    for url in settings.REDIS_URL:
        # Without what stands before the @, which is a password.
        address = urlsplit(url).netloc.rpartition("@")[2] or urlsplit(url).path
        try:
            with redis.Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as server:
                yield pass_on(server, address)
        except (redis.RedisError, OSError, ValueError) as error:
            yield Error(
                f"Redis at {address} does not work ({error}); the site does without, and news between its processes "
                "take up to a second. Start it, or correct REDIS_URL.",
                id="chatsite.E401",
            )


def pass_on(server: redis.Redis, address: str) -> CheckMessage:
    """Publish a word and wait until it comes back."""
    channel, began = f"doctor.{uuid4().hex}", time.monotonic()
    version = cast(dict[str, Any], server.info("server"))["redis_version"]
    with server.pubsub(ignore_subscribe_messages=True) as ear:  # type: ignore[no-untyped-call]
        ear.subscribe(channel)
        server.publish(channel, "well?")
        while time.monotonic() - began < PATIENCE:
            if ear.get_message(timeout=0.2):
                took = (time.monotonic() - began) * 1_000
                return Info(f"Redis {version} at {address} passes news on in {took:.0f} ms.", id="chatsite.I402")
    return Error(
        f"Redis at {address} answers but passes no messages on: it may be a replica, or its rights are too few.",
        id="chatsite.E403",
    )


@registry.register
def mail_can_be_sent(**kwargs: Any) -> Iterator[CheckMessage]:
    if not settings.HAS_MAIL_SERVER:
        if settings.PRODUCTION:
            yield checks.Warning(
                "There is no mail server, so who forgets a password is locked out: set EMAIL_URL.", id="chatsite.W404"
            )
        return
    address = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        with smtp.EmailBackend(timeout=PATIENCE):
            yield Info(f"The mail server at {address} lets the site in.", id="chatsite.I405")
    except OSError as error:  # smtplib's errors are of this kind
        yield Error(
            f"No mail goes out by {address} ({error}), so nobody can confirm an address: correct EMAIL_URL.",
            id="chatsite.E406",
        )


@registry.register
def mail_does_not_wait(**kwargs: Any) -> Iterator[CheckMessage]:
    if not settings.HAS_MAIL_SERVER:
        return
    mails, oldest = OutgoingMail.objects.waiting(), outbox.age_of_oldest()
    if oldest > MAIL_LATE:
        why = mails.exclude(error="").order_by("queued_at").values_list("error", flat=True).first()
        yield Error(
            f"{mails.count()} mails wait, one for {hours(oldest)} ({why or 'no process sends them'}); each is given up "
            f"after {hours(outbox.GIVE_UP_AFTER)}: correct EMAIL_URL, or mend the mail server; then: mail send.",
            id="chatsite.E407",
        )
    if given_up := OutgoingMail.objects.filter(state=OutgoingMail.State.GIVEN_UP).count():
        yield checks.Warning(
            f"{given_up} mails were given up in the last 30 days: manage.py mail list says why.", id="chatsite.W408"
        )


@registry.register
def the_front_answers(**kwargs: Any) -> Iterator[CheckMessage]:
    """The front is nginx, or whatever answers at SITE_URL; it sends files itself, which it may not be able to read."""
    try:
        status, _size = front.ask("/healthz")
        if status != 200:
            yield Error(
                f"{settings.SITE_URL}/healthz answers {status}: is what runs there this site, and its front?",
                id="chatsite.E409",
            )
            return
        files = front.some_files()
        for name, size in files:
            if (found := front.ask_for_file(name)) != (206, size):
                yield Error(
                    f"{settings.SITE_URL} answers {found[0]} where it should send a file: the site's user, and the "
                    f"front by its group, have to be able to read all of {settings.FILES_STORAGE} (owner, group and "
                    "mode), and the front has to have FILES_ACCEL's location.",
                    id="chatsite.E410",
                )
                return
    except ssl.SSLError as error:
        yield Error(
            f"The certificate at {settings.SITE_URL} does not hold ({error}): certbot renew may say why.",
            id="chatsite.E411",
        )
    except (OSError, HTTPException) as error:
        yield checks.Warning(
            f"Nothing was heard from {settings.SITE_URL} ({error}): are the site and its front running?",
            id="chatsite.W412",
        )
    except DatabaseError:
        yield Info(f"{settings.SITE_URL} answers.", id="chatsite.I413")
    else:
        yield Info(f"{settings.SITE_URL} answers{' and sends files' if files else ''}.", id="chatsite.I414")
