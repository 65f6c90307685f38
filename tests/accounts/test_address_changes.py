"""Changes to an account need its password anew, and are told to the address that it had before."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from tests.accounts.doors import app, app_log_in, is_in, link_in, log_in, reauthenticate, reset_password
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.security]

PAGE = "/accounts/email/"
OLD = "alice@example.org"
SPARE = "spare@example.org"
NEW = "new@example.net"
WORD = "another good horse"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"


@pytest.fixture(autouse=True)
def mail_server(settings: Settings) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.ACCOUNT_EMAIL_NOTIFICATIONS = True


@pytest.fixture(autouse=True)
def addresses(alice: User) -> None:
    EmailAddress.objects.create(user=alice, email=OLD, verified=True, primary=True)
    EmailAddress.objects.create(user=alice, email=SPARE, verified=True)


@pytest.fixture
def thief(alice: User) -> Client:
    """Somebody who has found her browser open."""
    client = Client()
    client.force_login(alice)
    return client


CHANGES = {
    "add": ("post", {"action_add": "", "email": NEW}, {"email": NEW}),
    "primary": ("patch", {"action_primary": "", "email": SPARE}, {"email": SPARE, "primary": True}),
    "remove": ("delete", {"action_remove": "", "email": SPARE}, {"email": SPARE}),
}


def state() -> list[Any]:
    return [*EmailAddress.objects.order_by("pk").values_list("email", "primary"), User.objects.get().email]


@pytest.mark.parametrize("change", CHANGES)
def test_no_address_is_changed_without_the_password(thief: Client, change: str) -> None:
    method, fields, data = CHANGES[change]
    before = state()

    assert thief.post(PAGE, fields)["Location"].startswith(reverse("account_reauthenticate"))
    answer = app(Client(), method, "account/email", data, str(thief.session.session_key))

    assert answer.status_code == 401
    assert {"id": "reauthenticate"} in answer.json()["data"]["flows"]
    assert state() == before
    assert not mail.outbox


def test_having_just_logged_in_is_not_enough(client: Client) -> None:
    """Whoever takes over a fresh session has not typed the password either."""
    log_in(client, "alice")
    assert client.post(PAGE, CHANGES["add"][1])["Location"].startswith(reverse("account_reauthenticate"))


@pytest.mark.parametrize("change", CHANGES)
def test_with_the_password_the_change_that_was_asked_for_is_made(client: Client, change: str) -> None:
    log_in(client, "alice")
    before = state()
    asked = client.post(PAGE, CHANGES[change][1])

    client.post(asked["Location"], {"password": PASSWORD, "next": PAGE})

    assert state() != before


def told() -> dict[str, list[str]]:
    """Return what each address was told."""
    answer: dict[str, list[str]] = {}
    for message in mail.outbox:
        answer.setdefault(message.to[0], []).append(message.subject)
    return answer


@pytest.mark.parametrize("by_app", [False, True])
def test_an_added_address_is_told_to_the_old_one(thief: Client, by_app: bool) -> None:
    change(thief, "add", by_app)

    assert told()[OLD] == ["An email address was added to your account on Chatsite"]
    assert told()[NEW] == ["Confirm your email address for Chatsite"]
    body = next(message.body for message in mail.outbox if message.to == [OLD])
    assert NEW in body
    assert re.search(r"http://testserver/accounts/password/reset/$", body, re.MULTILINE)


@pytest.mark.parametrize("by_app", [False, True])
def test_another_main_address_is_told_to_the_old_one(thief: Client, by_app: bool) -> None:
    change(thief, "primary", by_app)
    assert told() == {OLD: ["Your main email address on Chatsite has changed"]}


@pytest.mark.parametrize("by_app", [False, True])
def test_a_removed_address_is_told_itself_and_the_main_one_too(thief: Client, by_app: bool) -> None:
    change(thief, "remove", by_app)

    subject = "An email address was removed from your account on Chatsite"
    assert told() == {OLD: [subject], SPARE: [subject]}


def change(client: Client, name: str, by_app: bool) -> None:
    method, fields, data = CHANGES[name]
    if by_app:
        token = str(client.session.session_key)
        assert app(Client(), "post", "auth/reauthenticate", {"password": PASSWORD}, token).status_code == 200
        assert app(Client(), method, "account/email", data, token).status_code == 200
    else:
        reauthenticate(client)
        client.post(PAGE, fields)


# --- Passwords -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_app", [False, True])
def test_another_password_is_told(thief: Client, by_app: bool) -> None:
    if by_app:
        data = {"current_password": PASSWORD, "new_password": WORD}
        app(Client(), "post", "account/password/change", data, str(thief.session.session_key))
    else:
        thief.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": WORD})

    assert told() == {OLD: ["Your password on Chatsite has changed"]}


def test_a_first_password_is_told(alice: User) -> None:
    alice.set_unusable_password()
    alice.save()
    client = Client()
    client.force_login(alice)

    client.post(reverse("account_set_password"), {"password1": WORD})

    assert told() == {OLD: ["Your account on Chatsite has a password now"]}


def test_a_password_that_was_chosen_by_mail_is_told(client: Client) -> None:
    client.post(reverse("account_reset_password"), {"email": SPARE})
    link = mail.outbox.pop()

    reset_password(client, link, WORD)

    assert told() == {OLD: ["Your password on Chatsite has changed"]}


# --- Devices ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("door", [log_in, app_log_in])
def test_a_log_in_from_a_device_that_is_new_is_told(alice: User, door: Any) -> None:
    first = Client()
    door(first, "alice")
    assert not mail.outbox, "The first log-in of all is no news."

    stranger = Client(headers={"User-Agent": CHROME})
    door(stranger, "alice")

    assert told() == {OLD: ["Somebody logged in to your account on Chatsite"]}
    assert "Chrome on Windows" in mail.outbox[0].body
    mail.outbox.clear()
    for known in (first, stranger):
        door(known, "alice", PASSWORD)
        known.post(reverse("account_logout"))
        door(known, "alice")
    assert not mail.outbox


def test_signing_up_is_no_news(client: Client) -> None:
    fields = {"email": NEW, "username": "eve", "password1": PASSWORD}
    client.post(reverse("account_signup"), fields)
    client.post(link_in(mail.outbox[0]))
    mail.outbox.clear()

    log_in(client, "eve")

    assert is_in(client)
    assert not mail.outbox


def test_coming_in_as_a_guest_is_no_news_and_gives_no_cookie(client: Client, settings: Settings) -> None:
    client.post(reverse("guest"), {"display_name": "Ada"})

    assert not mail.outbox
    assert settings.DEVICE_COOKIE_NAME not in client.cookies


def test_notices_are_not_without_end(alice: User) -> None:
    log_in(Client(), "alice")
    for _ in range(25):
        log_in(Client(), "alice")

    assert 5 <= len(mail.outbox) <= 20


def test_nobody_is_told_where_there_is_no_mail(settings: Settings) -> None:
    settings.ACCOUNT_EMAIL_NOTIFICATIONS = False
    for _ in range(2):
        log_in(Client(), "alice")

    assert not mail.outbox


def test_a_mail_server_that_is_away_keeps_nobody_out(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise ConnectionRefusedError

    log_in(Client(), "alice")
    monkeypatch.setattr(EmailBackend, "send_messages", fail)

    log_in(client, "alice")

    assert is_in(client)


def test_notices_speak_the_language_of_who_gets_them(thief: Client, alice: User) -> None:
    User.objects.update(language="de")
    client = Client(headers={"Accept-Language": "ar"})
    client.post(reverse("account_reset_password"), {"email": OLD})

    assert "Passwort" in mail.outbox[0].subject
