"""A guest becomes a full account: the same person, by the same rules as anybody who signs up."""

import json
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.actions import keep_account
from accounts.errors import NoGuest
from accounts.models import User
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.rules]


@pytest.fixture
def guest(client: Client) -> User:
    client.post(reverse("guest"), {"display_name": "Ada"})
    return User.objects.get(is_guest=True)


def keep(client: Client, **fields: str) -> Any:
    answers = {"email": "Ada@example.org", "username": "ada", "password1": PASSWORD, **fields}
    return client.post(reverse("account_keep"), answers)


def test_a_guest_becomes_a_full_account_and_stays_signed_in(client: Client, guest: User) -> None:
    assert keep(client)["Location"] == reverse("account")

    ada = User.objects.get(pk=guest.pk)
    assert (ada.username, ada.display_name, ada.email, ada.is_guest) == ("ada", "Ada", "ada@example.org", False)
    assert EmailAddress.objects.get(user=ada).primary
    assert client.get("/api/me").json()["username"] == "ada"
    assert Client().login(username="ada", password=PASSWORD)


@pytest.mark.parametrize(
    ("field", "value"),
    [("username", "ALICE"), ("username", "guest-1"), ("email", "alice@example.org"), ("password1", "short")],
)
def test_the_rules_are_those_of_signing_up(client: Client, guest: User, alice: User, field: str, value: str) -> None:
    assert keep(client, **{field: value}).context["form"].errors[field]

    guest.refresh_from_db()
    assert guest.is_guest


def test_a_full_account_is_kept_already(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert keep(client)["Location"] == reverse("account")
    with pytest.raises(NoGuest):
        keep_account(alice, username="ada", email="ada@example.org", password=PASSWORD)


def test_strangers_are_asked_to_log_in(client: Client) -> None:
    assert keep(client)["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("page", ["account_email", "account_change_password", "account_set_password"])
def test_what_needs_a_full_account_leads_a_guest_to_it(client: Client, guest: User, page: str) -> None:
    assert client.get(reverse(page))["Location"] == reverse("account_keep")


def test_no_guest_gets_a_password_past_the_page(guest: User) -> None:
    client = Client()
    body = json.dumps({"display_name": "Bea"})
    token = client.post("/api/guests", body, content_type="application/json").json()["session_token"]

    body = json.dumps({"new_password": PASSWORD})
    address = "/_allauth/app/v1/account/password/change"
    answer = client.post(address, body, content_type="application/json", headers={"X-Session-Token": token})

    assert answer.status_code == 403
    assert not User.objects.get(display_name="Bea").has_usable_password()


def test_where_addresses_are_confirmed_the_page_tells_no_secret(
    client: Client, guest: User, alice: User, settings: Settings
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)

    known = keep(client, email="alice@example.org")
    fresh = keep(client, email="ada@example.org")

    assert known["Location"] == fresh["Location"] == reverse("account_keep")
    assert [message.to for message in mail.outbox] == [["alice@example.org"], ["ada@example.org"]]
    assert User.objects.get(pk=guest.pk).is_guest


def test_the_pages_of_a_guest_say_how_to_keep_the_account(client: Client, guest: User) -> None:
    for page in ("account", "account_logout"):
        assert reverse("account_keep") in client.get(reverse(page)).content.decode()
