"""``manage.py doctor``: looks at what the site stands on, and says in words what is wrong and what to do about it."""

import os
import resource
import shutil
import ssl
import stat
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from enum import Enum
from http.client import HTTPException
from pathlib import Path
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit
from uuid import uuid4

import redis
from django.conf import settings
from django.core import checks
from django.core.mail.backends import smtp
from django.db import DatabaseError, connection
from django.http.request import validate_host
from django.utils import timezone

from accounts.models import User
from chatsite import outbox
from chatsite.models import OutgoingMail, ReadOnly
from chatsite.ops import backup_folder, file_modes, front
from chatsite.ops.health import waiting_migrations
from chatsite.startup import why_no_database
from chatsite.version import sentence
from rooms import usage
from rooms.log import state, triggers

# Bytes below which the disk deserves a look, and below which it is about to be full.
DISK_LOW = 2 * 1024**3
DISK_FULL = 200 * 1024**2
# Each socket is an open file, and so are the database's and the proxy's connections.
FILES_LOW = 4_096
# Seconds that a server may take to answer, and by which two clocks may differ.
PATIENCE = 5.0
CLOCK_DRIFT = 2.0
# One night may be missed; a backup that nobody has tried for a week is none.
BACKUP_OLD = timedelta(hours=36)
TRIAL_OLD = timedelta(days=8)
# Long past a mail server's restart.
MAIL_LATE = timedelta(minutes=15)


class Verdict(Enum):
    WELL = "ok"
    DOUBTFUL = "look"
    BROKEN = "BROKEN"


class Finding(NamedTuple):
    verdict: Verdict
    sentence: str


def well(sentence: str) -> Finding:
    return Finding(Verdict.WELL, sentence)


def doubtful(sentence: str) -> Finding:
    return Finding(Verdict.DOUBTFUL, sentence)


def broken(sentence: str) -> Finding:
    return Finding(Verdict.BROKEN, sentence)


def examine() -> Iterator[Finding]:
    """Look at everything; what cannot even be looked at is broken too, and keeps nothing else from being seen."""
    for look in LOOKS:
        try:
            yield from look()
        except Exception as error:
            yield broken(f"{look.__name__.replace('_', ' ').capitalize()}: {type(error).__name__}: {error}".strip())


def it_is_of_a_version() -> Iterator[Finding]:
    yield well(sentence())


# --- Settings --------------------------------------------------------------------------------------------------------


def settings_are_safe() -> Iterator[Finding]:
    found = checks.run_checks(include_deployment_checks=settings.PRODUCTION)
    messages = [message for message in found if not message.is_silenced()]
    for message in messages:
        say = broken if message.is_serious() else doubtful
        yield say(f"{message.msg} ({message.id})")
    host = urlsplit(settings.SITE_URL).hostname or ""
    if not validate_host(f"[{host}]" if ":" in host else host, settings.ALLOWED_HOSTS):
        yield broken(f"ALLOWED_HOSTS does not name {host}, the host of SITE_URL: nobody could reach the site. Add it.")
    elif not messages:
        yield well(f"The settings are those of a site at {settings.SITE_URL}.")


def secrets_are_kept() -> Iterator[Finding]:
    key = settings.DATA / "secret_key"
    if key.exists() and key.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield broken(
            f"Other users of this machine can read {key}, by which they could sign in as anybody: chmod 600 it."
        )
    if found := [path for path in file_modes.open_to_others() if path != key]:
        more = f" and {len(found) - 1} more" if found[1:] else ""
        yield broken(
            f"Other users of this machine can come at {found[0]}{more}: chmod -R o-rwx {found[0]}, or start the site "
            "as the owner of its files, which does so."
        )


# --- The database ----------------------------------------------------------------------------------------------------


def database_is_in_order() -> Iterator[Finding]:
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        yield broken(why_no_database(error))
        return
    yield well(f"{connection.display_name} {'.'.join(map(str, connection.get_database_version()))} answers.")
    if waiting := waiting_migrations():
        yield broken(f"{waiting} migrations have not been applied: run manage.py migrate.")
        return
    if missing := triggers.missing():
        names = ", ".join(sorted(missing))
        yield broken(f"Nothing in the database keeps log rows from being changed ({names}): run manage.py migrate.")
    if not User.objects.exists():
        yield doubtful(
            f"Nobody has ever signed up, as the database {connection.settings_dict['NAME']} has it: if people have, "
            "DATABASE_URL names another one than theirs."
        )
    if missing := usage.missing():
        yield broken(f"What arrives of files is not counted ({', '.join(sorted(missing))}): run manage.py migrate.")
    if wrong := [room for room in state.rooms_with_state() if state.fault_of(room)]:
        yield broken(
            f"Of {len(wrong)} rooms something else is kept beside the log than it says: run manage.py rebuild_state."
        )
    yield from people_may_write()
    yield from (sqlite_is_safe() if connection.vendor == "sqlite" else postgresql_is_safe())


def sqlite_is_safe() -> Iterator[Finding]:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1, "secure_delete": 1}
    for name, value in wanted.items():
        if (found := ask(f"PRAGMA {name}")) != value:
            yield broken(f"SQLite works with {name} = {found} instead of {value}: unset DATABASE_URL's options.")
    if (found := ask("PRAGMA quick_check(1)")) != "ok":
        yield broken(f"The database file is damaged ({found}): put a backup back with manage.py restore.")


def postgresql_is_safe() -> Iterator[Finding]:
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        if ask(f"SHOW {name}") == "off":
            yield doubtful(
                f"PostgreSQL has {name} off: a power cut may lose messages that were acknowledged. Turn it on."
            )
    table = settings.CACHES["default"].get("LOCATION", "")
    if table and table not in connection.introspection.table_names():
        yield broken(f"The table {table} is missing, in which log-in attempts are counted: manage.py createcachetable.")
    pool, most = settings.DATABASE_POOL, int(ask("SHOW max_connections"))
    if pool > most - 3:
        yield broken(
            f"DATABASE_POOL is {pool} and PostgreSQL takes {most} connections in all: lower it, or raise theirs."
        )
    drift = (ask("SELECT clock_timestamp()") - timezone.now()).total_seconds()
    if abs(drift) > CLOCK_DRIFT:
        yield doubtful(f"The database's clock differs from this machine's by {drift:.1f} s: have both set by NTP.")


def ask(query: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


# --- Redis -----------------------------------------------------------------------------------------------------------


def redis_passes_news_on() -> Iterator[Finding]:
    for url in settings.REDIS_URL:
        # Without what stands before the @, which is a password.
        place = urlsplit(url).netloc.rpartition("@")[2] or urlsplit(url).path
        try:
            with redis.Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as server:
                yield pass_on(server, place)
        except (redis.RedisError, OSError, ValueError) as error:
            yield broken(
                f"Redis at {place} does not work ({error}); the site does without, and news between its processes "
                "take up to a second. Start it, or correct REDIS_URL."
            )


def pass_on(server: redis.Redis, place: str) -> Finding:
    """Publish a word and wait until it comes back."""
    channel, began = f"doctor.{uuid4().hex}", time.monotonic()
    version = cast(dict[str, Any], server.info("server"))["redis_version"]
    with server.pubsub(ignore_subscribe_messages=True) as ear:  # type: ignore[no-untyped-call]
        ear.subscribe(channel)
        server.publish(channel, "well?")
        while time.monotonic() - began < PATIENCE:
            if ear.get_message(timeout=0.2):
                took = (time.monotonic() - began) * 1_000
                return well(f"Redis {version} at {place} passes news on in {took:.0f} ms.")
    return broken(
        f"Redis at {place} answers but passes no messages on: it may be a replica, or its rights are too few."
    )


def people_may_write() -> Iterator[Finding]:
    if row := ReadOnly.objects.first():
        yield doubtful(f"The site is read-only since {row}: `readonly off` lets people write again.")


# --- The machine -----------------------------------------------------------------------------------------------------


def mail_can_be_sent() -> Iterator[Finding]:
    if not settings.HAS_MAIL_SERVER:
        if settings.PRODUCTION:
            yield doubtful("There is no mail server, so who forgets a password is locked out: set EMAIL_URL.")
        return
    place = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        with smtp.EmailBackend(timeout=PATIENCE):
            yield well(f"The mail server at {place} lets the site in.")
    except OSError as error:  # smtplib's errors are of this kind
        yield broken(f"No mail goes out by {place} ({error}), so nobody can confirm an address: correct EMAIL_URL.")


def mail_does_not_wait() -> Iterator[Finding]:
    if not settings.HAS_MAIL_SERVER:
        return
    mails, oldest = OutgoingMail.objects.waiting(), outbox.age_of_oldest()
    if oldest > MAIL_LATE:
        why = mails.exclude(error="").order_by("queued_at").values_list("error", flat=True).first()
        yield broken(
            f"{mails.count()} mails wait, one for {hours(oldest)} ({why or 'no process sends them'}); each is given up "
            f"after {hours(outbox.GIVE_UP_AFTER)}: correct EMAIL_URL, or mend the mail server; then: mail send."
        )
    if given_up := OutgoingMail.objects.filter(state=OutgoingMail.State.GIVEN_UP).count():
        yield doubtful(f"{given_up} mails were given up in the last 30 days: manage.py mail list says why.")


def the_front_answers() -> Iterator[Finding]:
    """The front is nginx, or whatever answers at SITE_URL; it sends files itself, which it may not be able to read."""
    try:
        status, _size = front.ask("/healthz")
        if status != 200:
            yield broken(f"{settings.SITE_URL}/healthz answers {status}: is what runs there this site, and its front?")
            return
        files = front.some_files()
        for name, size in files:
            if (found := front.ask_for_file(name)) != (206, size):
                yield broken(
                    f"{settings.SITE_URL} answers {found[0]} where it should send a file: the site's user, and the "
                    f"front by its group, have to be able to read all of {settings.FILES_STORAGE} (owner, group and "
                    "mode), and the front has to have FILES_ACCEL's location."
                )
                return
    except ssl.SSLError as error:
        yield broken(f"The certificate at {settings.SITE_URL} does not hold ({error}): certbot renew may say why.")
    except (OSError, HTTPException) as error:
        yield doubtful(f"Nothing was heard from {settings.SITE_URL} ({error}): are the site and its front running?")
    except DatabaseError:
        yield well(f"{settings.SITE_URL} answers.")
    else:
        yield well(f"{settings.SITE_URL} answers{' and sends files' if files else ''}.")


def there_is_room() -> Iterator[Finding]:
    free = shutil.disk_usage(settings.DATA).free
    room = f"{free / 1024**3:.1f} GiB are free where {settings.DATA} is"
    if free < DISK_FULL:
        yield broken(f"{room}: nothing can be stored for much longer. Make room.")
    elif free < DISK_LOW:
        yield doubtful(f"{room}: make room before it is full.")
    else:
        yield well(f"{room}.")


def backups_are_young() -> Iterator[Finding]:
    folder = settings.BACKUP_FOLDER
    if folder is None:
        if settings.PRODUCTION:
            yield doubtful(
                "BACKUP_FOLDER is not set, so nobody sees whether there are backups: docs/deploy.md, Backups."
            )
        return
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield broken(f"This user cannot write to {folder}, where backups go: make it, for the site's user alone.")
        return
    newest, tried = backup_folder.age_of_newest(folder), backup_folder.age_of_newest(folder, tried=True)
    if newest is None:
        yield doubtful(f"There is no backup in {folder} yet: systemctl enable --now chatsite-backup.timer makes them.")
    elif newest > BACKUP_OLD:
        yield broken(f"The newest backup is {hours(newest)} old: systemctl status chatsite-backup may say why.")
    elif tried is None or tried > TRIAL_OLD:
        yield doubtful(f"The newest backup is {hours(newest)} old, and none of late was tried: backup --try does so.")
    else:
        yield well(f"The newest backup is {hours(newest)} old; the newest that was tried, {hours(tried)}.")


def hours(age: timedelta) -> str:
    return f"{age.total_seconds() / 3600:.0f} h"


def files_can_be_opened() -> Iterator[Finding]:
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < FILES_LOW:
        yield doubtful(
            f"A process may open {soft} files, and each connected page takes one: raise the limit where the site is "
            "started (LimitNOFILE in systemd, ulimit -n in a shell)."
        )


def clock_is_set() -> Iterator[Finding]:
    # Rows are stamped by it: one that stands before our own code was written cannot be right.
    written = Path(__file__).stat().st_mtime
    if time.time() < written:
        yield broken("This machine's clock is behind: it is earlier than the site's own files. Have it set by NTP.")


def static_files_are_there() -> Iterator[Finding]:
    if not (settings.STATIC_ROOT / "staticfiles.json").exists():
        yield broken("The static files have not been collected, so pages fail: run manage.py collectstatic --noinput.")
    elif not os.access(settings.STATIC_ROOT, os.R_OK | os.X_OK):
        yield broken(f"This user cannot read {settings.STATIC_ROOT}: collect static files as the user of the site.")


LOOKS: list[Callable[[], Iterator[Finding]]] = [
    it_is_of_a_version,
    settings_are_safe,
    secrets_are_kept,
    database_is_in_order,
    redis_passes_news_on,
    mail_can_be_sent,
    mail_does_not_wait,
    the_front_answers,
    there_is_room,
    backups_are_young,
    files_can_be_opened,
    clock_is_set,
    static_files_are_there,
]
