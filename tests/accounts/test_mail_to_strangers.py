"""What anybody can have mailed to any address: how much of it, and that none of it is their own words."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from tests.accounts.doors import app, app_log_in, from_ip, log_in, reauthenticate
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.security]

KNOWN = "alice@example.org"
UNKNOWN = "stranger@example.net"
EVIL = "visit-evil.example"

Door = Callable[[int, str], Any]


@pytest.fixture(autouse=True)
def mail_server(settings: Settings) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.ACCOUNT_EMAIL_NOTIFICATIONS = True
    # allauth's own pause between two confirmations to one address, which would hide what our limit does.
    settings.ACCOUNT_EMAIL_CONFIRMATION_COOLDOWN = 0


@pytest.fixture(autouse=True)
def known(alice: User) -> None:
    EmailAddress.objects.create(user=alice, email=KNOWN, verified=True, primary=True)


def headers() -> dict[str, str]:
    return {"User-Agent": f"{EVIL}/1.0", "Accept-Language": EVIL}


def sign_up(number: int, email: str, **origin: str) -> Any:
    fields = {"email": email, "username": f"{EVIL}.{number}", "password1": PASSWORD}
    return Client(headers=headers()).post(reverse("account_signup"), fields, **origin)


def sign_up_by_app(number: int, email: str, **origin: str) -> Any:
    data = {"email": email, "username": f"{EVIL}.{number}", "password": PASSWORD}
    return app(Client(), "post", "auth/signup", data, **origin)


def keep(number: int, email: str, **origin: str) -> Any:
    client = Client(headers=headers())
    client.post(reverse("guest"), {"display_name": EVIL}, **from_ip(number + 2_000))
    fields = {"email": email, "username": f"{EVIL}.{number}", "password1": PASSWORD}
    return client.post(reverse("account_keep"), fields, **origin)


def reset(number: int, email: str, **origin: str) -> Any:
    return Client(headers=headers()).post(reverse("account_reset_password"), {"email": email}, **origin)


def reset_by_app(number: int, email: str, **origin: str) -> Any:
    return app(Client(), "post", "auth/password/request", {"email": email}, **origin)


def log_in_unconfirmed(number: int, email: str, **origin: str) -> Any:
    unconfirmed(email)
    return log_in(Client(headers=headers()), EVIL, **origin)


def log_in_unconfirmed_by_app(number: int, email: str, **origin: str) -> Any:
    unconfirmed(email)
    return app_log_in(Client(), EVIL, **origin)


def unconfirmed(email: str) -> User:
    person = User.objects.filter(username=EVIL).first() or User.objects.create_user(EVIL, None, PASSWORD)
    EmailAddress.objects.filter(user=person).delete()
    EmailAddress.objects.create(user=person, email=email, primary=True)
    return person


def insider() -> tuple[User, Client]:
    """Somebody of that name with an address that is theirs, who has just typed their password."""
    person = User.objects.filter(username=EVIL).first() or User.objects.create_user(EVIL, None, PASSWORD)
    EmailAddress.objects.get_or_create(user=person, email="mallory@example.org", verified=True, primary=True)
    client = Client(headers=headers())
    client.force_login(person)
    reauthenticate(client, **from_ip(3_000))
    return person, client


def add_address(number: int, email: str, **origin: str) -> Any:
    person, client = insider()
    EmailAddress.objects.filter(user=person, verified=False).delete()
    return client.post(reverse("account_email"), {"action_add": "", "email": email}, **origin)


def send_again(number: int, email: str, **origin: str) -> Any:
    person, client = insider()
    EmailAddress.objects.get_or_create(user=person, email=email)
    return client.post(reverse("account_email"), {"action_send": "", "email": email}, **origin)


def send_again_by_app(number: int, email: str, **origin: str) -> Any:
    person, client = insider()
    EmailAddress.objects.get_or_create(user=person, email=email)
    return app(client, "put", "account/email", {"email": email}, str(client.session.session_key), **origin)


DOORS: dict[str, Door] = {
    door.__name__: door
    for door in (
        sign_up, sign_up_by_app, keep, reset, reset_by_app, log_in_unconfirmed, log_in_unconfirmed_by_app, add_address,
        send_again, send_again_by_app,
    )
}  # fmt: skip


@pytest.fixture
def no_other_limits(settings: Settings) -> None:
    """What allauth's limits of requests let through must hold by itself."""
    none = dict.fromkeys(("signup", "login", "reset_password", "manage_email", "reauthenticate"), "1000/s/ip")
    settings.ACCOUNT_RATE_LIMITS = none


@pytest.mark.usefixtures("no_other_limits")
@pytest.mark.parametrize("email", [KNOWN, UNKNOWN])
@pytest.mark.parametrize("door", DOORS)
def test_one_address_gets_a_few_mails_whoever_asks(door: str, email: str) -> None:
    for number in range(30):
        DOORS[door](number, email, **from_ip(number))

    assert 1 <= len([message for message in mail.outbox if message.to == [email]]) <= 5


@pytest.mark.usefixtures("no_other_limits")
@pytest.mark.parametrize("door", DOORS)
def test_one_place_has_some_mails_sent_to_whomever(door: str) -> None:
    for number in range(65):
        DOORS[door](number, f"stranger{number}@example.net", **from_ip(1))

    assert 30 <= len([message for message in mail.outbox if "stranger" in message.to[0]]) <= 60


def test_who_has_an_address_is_not_told_so_thirty_times() -> None:
    client = Client()
    client.post(reverse("guest"), {"display_name": "Eve"})
    for _ in range(30):
        client.post(reverse("account_keep"), {"email": KNOWN, "username": "eve", "password1": PASSWORD})

    assert len(mail.outbox) <= 5


@pytest.mark.usefixtures("no_other_limits")
def test_beyond_the_limit_the_answer_is_the_same() -> None:
    answers = [reset(number, KNOWN, **from_ip(number)) for number in range(8)]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (302, reverse("account_reset_password_done"))
    }


@pytest.mark.usefixtures("no_other_limits")
@pytest.mark.parametrize("email", [KNOWN, UNKNOWN])
@pytest.mark.parametrize("door", DOORS)
def test_no_mail_to_an_address_that_nobody_confirmed_has_words_of_a_stranger(door: str, email: str) -> None:
    DOORS[door](1, email, **from_ip(1))

    assert mail.outbox
    for message in mail.outbox:
        if message.to == [email]:
            assert "evil" not in f"{message.subject} {message.body} {message.extra_headers}"


def test_a_link_to_a_new_password_names_nobody_whose_address_is_not_confirmed() -> None:
    person = unconfirmed(UNKNOWN)
    for is_confirmed in (False, True):
        EmailAddress.objects.filter(user=person).update(verified=is_confirmed)
        reset(1, UNKNOWN)

    assert [EVIL in message.body for message in mail.outbox] == [False, True]


def test_notices_go_to_no_address_that_nobody_confirmed() -> None:
    client = Client(headers=headers())
    client.force_login(unconfirmed(UNKNOWN))
    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": "another good horse"})

    assert not mail.outbox


def test_strangers_cannot_use_up_the_notices_of_an_account(alice: User) -> None:
    for number in range(30):
        reset(number, KNOWN, **from_ip(number))
    mail.outbox.clear()
    client = Client()
    client.force_login(alice)

    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": "another good horse"})

    assert [message.to for message in mail.outbox] == [[KNOWN]]
