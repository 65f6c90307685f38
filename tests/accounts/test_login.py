"""Logging in by name or address, and how long it lasts."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

TWO_WEEKS = 14 * 24 * 60 * 60


def log_in(client: Client, login: str, password: str = PASSWORD, **fields: str) -> Any:
    return client.post(reverse("account_login"), {"login": login, "password": password, **fields})


@pytest.mark.parametrize("login", ["alice", "ALICE", "ａｌｉｃｅ", " alice ", "alice@example.org", "Alice@Example.org"])
def test_one_logs_in_by_name_or_address_in_any_form(client: Client, alice: User, login: str) -> None:
    response = log_in(client, login)

    assert response["Location"] == reverse("room_list")
    assert client.session["_auth_user_id"] == str(alice.pk)


def test_logging_in_leads_where_one_was_going(client: Client, alice: User) -> None:
    assert log_in(client, "alice", next="/rooms/new/")["Location"] == "/rooms/new/"


def test_logging_in_leads_to_no_other_site(client: Client, alice: User) -> None:
    assert log_in(client, "alice", next="https://elsewhere.example/")["Location"] == reverse("room_list")


@pytest.mark.parametrize("login", ["alice", "alice@example.org", "nobody", "nobody@example.org"])
def test_a_wrong_password_and_an_unknown_name_get_the_same_clear_sentence(
    client: Client, alice: User, login: str
) -> None:
    page = log_in(client, login, "wrong").content.decode()

    assert "This password does not belong to that account." in page
    assert "_auth_user_id" not in client.session


def test_the_page_offers_to_sign_up_and_to_reset_the_password(client: Client) -> None:
    page = client.get(reverse("account_login"), {"next": "/rooms/new/"}).content.decode()

    assert f"{reverse('account_signup')}?next=%2Frooms%2Fnew%2F" in page
    assert reverse("account_reset_password") in page


def test_a_session_outlives_the_browser_for_two_weeks(client: Client, alice: User) -> None:
    log_in(client, "alice")

    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert int(cookie["max-age"]) == TWO_WEEKS
    assert cookie["httponly"]
    assert client.session.get_expiry_age() == TWO_WEEKS


def test_the_session_of_somebody_who_just_signed_up_lasts_as_long(client: Client) -> None:
    fields = {"email": "eve@example.org", "username": "eve", "password1": PASSWORD}
    client.post(reverse("account_signup"), fields)

    assert int(client.cookies[settings.SESSION_COOKIE_NAME]["max-age"]) == TWO_WEEKS


def test_an_account_that_is_turned_off_is_told_so(client: Client, alice: User) -> None:
    User.objects.update(is_active=False)

    response = log_in(client, "alice")

    assert response["Location"] == reverse("account_inactive")
    assert "turned off" in client.get(response["Location"]).content.decode()


def test_guessing_one_persons_password_ends_soon_whatever_the_form_of_the_name(client: Client, alice: User) -> None:
    for name in ("alice", "ALICE", "ａlice", "aｌice", "alｉce"):
        log_in(client, name, "guess")

    assert "Too many attempts" in log_in(client, "alice").content.decode()


def test_too_many_attempts_from_one_place_get_a_page_that_says_what_to_do(client: Client) -> None:
    for attempt in range(30):
        log_in(client, f"nobody{attempt}", "guess")

    response = log_in(client, "nobody", "guess")

    assert response.status_code == 429
    assert "Wait a few minutes" in response.content.decode()
