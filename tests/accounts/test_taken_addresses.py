"""Where mail is set, no door tells whether an address has an account: not by its answer, and not by its work."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import Argon2PasswordHasher, MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from accounts.models import Invitation, SiteSettings, User
from tests.accounts.doors import app, app_log_in, log_in
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.security, pytest.mark.rules]

KNOWN = "alice@example.org"
UNKNOWN = "nobody@example.org"

Door = Callable[[Client, str], Any]


@pytest.fixture(autouse=True)
def mail_server(settings: Settings) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


@pytest.fixture(autouse=True, params=[True, False], ids=["confirmed", "unconfirmed"])
def known(request: pytest.FixtureRequest, alice: User) -> None:
    EmailAddress.objects.create(user=alice, email=KNOWN, verified=request.param, primary=True)


def sign_up(client: Client, email: str, **more: str) -> Any:
    fields = {"email": email, "username": "eve", "password1": PASSWORD, **more}
    return client.post(reverse("account_signup"), fields, follow=True)


def sign_up_by_app(client: Client, email: str, **more: str) -> Any:
    data = {"email": email, "username": "eve", "password": PASSWORD, **more}
    return app(client, "post", "auth/signup", data)


def keep(client: Client, email: str, **more: str) -> Any:
    fields = {"email": email, "username": "eve", "password1": PASSWORD, **more}
    return client.post(reverse("account_keep"), fields, follow=True)


def reset(client: Client, email: str) -> Any:
    return client.post(reverse("account_reset_password"), {"email": email}, follow=True)


def reset_by_app(client: Client, email: str) -> Any:
    return app(client, "post", "auth/password/request", {"email": email})


def wrong_log_in(client: Client, email: str) -> Any:
    return log_in(client, email, "a guess")


def wrong_log_in_by_app(client: Client, email: str) -> Any:
    return app_log_in(client, email, "a guess")


DOORS = {
    door.__name__: door
    for door in (sign_up, sign_up_by_app, keep, reset, reset_by_app, wrong_log_in, wrong_log_in_by_app)
}


class Work:
    """What a request answered, and what it cost."""

    def __init__(self, door: Door, email: str, monkeypatch: pytest.MonkeyPatch) -> None:
        hashed: list[str] = []
        for hasher in (MD5PasswordHasher, Argon2PasswordHasher):
            encode, verify = hasher.encode, hasher.verify
            monkeypatch.setattr(hasher, "encode", counted(encode, hashed))
            monkeypatch.setattr(hasher, "verify", counted(verify, hashed))
        client = Client()
        if door is keep:
            client.post(reverse("guest"), {"display_name": "Ada"})
        cache.clear()
        SiteSettings.current()
        mail.outbox.clear()
        with CaptureQueriesContext(connection) as queries:
            answer = door(client, email)
        monkeypatch.undo()
        self.mails = [message.to for message in mail.outbox]
        self.hashed = len(hashed)
        self.writes = [kind(query["sql"]) for query in queries if kind(query["sql"])]
        self.queries = len(queries)
        self.answer = (answer.status_code, [*getattr(answer, "redirect_chain", [])], plain(answer, email))
        User.objects.filter(username="eve").delete()
        User.objects.filter(is_guest=True).delete()


def counted(function: Callable[..., Any], calls: list[str]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        # MD5 verifies by encoding: that is one.
        if not calls or calls[-1] != "busy":
            calls.append("busy")
            answer = function(*args, **kwargs)
            calls[-1] = "done"
            return answer
        return function(*args, **kwargs)

    return call


def kind(sql: str) -> str:
    found = re.match(r'(INSERT INTO|UPDATE|DELETE FROM) "(accounts_\w+|account_\w+)"', sql)
    return found[0] if found else ""


def plain(answer: Any, email: str) -> str:
    """Return the answer byte for byte, but for what is drawn by lot and the address that was typed in."""
    body = answer.content.decode().replace(email, "(the address)")
    body = re.sub(r'(name="csrfmiddlewaretoken" value=)"\w+"', r"\1", body)
    body = re.sub(r"guest-[0-9a-f]{8}", "(the guest)", body)
    return re.sub(r'("session_token": )"\w+"', r"\1", body)


@pytest.mark.parametrize("door", DOORS)
def test_the_answer_and_the_work_are_the_same(door: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Once beforehand: what is read and kept for later would be the first one's.
    Work(DOORS[door], "first@example.org", monkeypatch)
    unknown = Work(DOORS[door], UNKNOWN, monkeypatch)
    known = Work(DOORS[door], KNOWN, monkeypatch)

    assert known.answer == unknown.answer
    assert known.hashed == unknown.hashed
    assert known.hashed == (0 if "reset" in door else 1)
    assert known.writes == unknown.writes
    assert abs(known.queries - unknown.queries) <= 3
    if "log_in" not in door:
        assert (known.mails, unknown.mails) == ([[KNOWN]], [[UNKNOWN]])


@pytest.mark.parametrize("door", [sign_up, sign_up_by_app])
def test_pretending_to_sign_up_leaves_nothing_behind(door: Door) -> None:
    door(Client(), KNOWN)

    assert list(User.objects.values_list("username", flat=True)) == ["alice"]
    assert EmailAddress.objects.count() == 1


@pytest.mark.parametrize("door", [sign_up, sign_up_by_app])
def test_an_invitation_is_used_up_either_way(door: Any) -> None:
    SiteSettings.objects.create(sign_up="invitation")
    for email in (KNOWN, UNKNOWN):
        invitation = Invitation.objects.create(uses_left=1)
        door(Client(), email, invitation=invitation.code)
        invitation.refresh_from_db()
        assert invitation.uses_left == 0


@pytest.mark.parametrize("door", [sign_up, sign_up_by_app])
def test_where_no_mail_is_sent_the_form_has_to_tell(door: Door, settings: Settings) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "none"
    assert "Somebody has an account with this email address" in door(Client(), KNOWN).content.decode()


def test_the_check_of_names_tells_of_names_alone(client: Client) -> None:
    """Usernames are shown to everybody anyway."""
    for email in (KNOWN, UNKNOWN):
        answer = json.loads(client.get(reverse("username_check"), {"username": email}).content)
        assert not answer["free"]
        assert "letters, digits" in answer["detail"]
