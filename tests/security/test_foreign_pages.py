"""What a page of another site can have a visitor's browser do at the doors that ask for no session."""

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, override_settings

from accounts.models import User
from tests.conftest import PASSWORD
from tests.security.headless import headless_doors

pytestmark = [pytest.mark.security, pytest.mark.django_db]

GUESTS = "/api/guests"
LOGIN = "/_allauth/app/v1/auth/login"
SIGNUP = "/_allauth/app/v1/auth/signup"
BODIES: dict[str, dict[str, str]] = {
    GUESTS: {"display_name": "Gus"},
    LOGIN: {"username": "alice", "password": PASSWORD},
    SIGNUP: {"username": "eve", "email": "eve@example.org", "password": PASSWORD},
}
FOREIGN: list[dict[str, str]] = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://testserver:8000"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://sub.testserver"},
]
OWN: list[dict[str, str]] = [
    {},
    {"Origin": "http://testserver"},
    {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
]


@pytest.fixture(autouse=True)
def nobody_has_come_in_yet() -> None:
    """As far as the limits of sign-ups and log-ins know."""
    cache.clear()


def post(address: str, headers: dict[str, str], kind: str = "application/json") -> Any:
    return Client().post(address, json.dumps(BODIES[address]), content_type=kind, headers=headers)


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("address", BODIES)
def test_a_foreign_page_neither_makes_a_person_nor_signs_one_in(
    alice: User, address: str, headers: dict[str, str]
) -> None:
    answer = post(address, headers)
    assert (answer.status_code, answer.json()["code"], answer.cookies) == (403, "forbidden", {})
    assert User.objects.count() == 1


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("address", BODIES)
def test_nor_does_one_whose_browser_does_not_say_where_it_comes_from(alice: User, address: str, kind: str) -> None:
    """Of these kinds a page may send anything anywhere, without being asked first."""
    answer = post(address, {}, kind)
    assert (answer.status_code, answer.json()["code"]) == (415, "no_json")
    assert User.objects.count() == 1


@pytest.mark.parametrize("headers", OWN)
@pytest.mark.parametrize("address", BODIES)
def test_an_own_page_and_a_program_may(alice: User, address: str, headers: dict[str, str]) -> None:
    assert post(address, headers).status_code in (200, 201)


@override_settings(CSRF_TRUSTED_ORIGINS=["https://chat.example.org"], ALLOWED_HOSTS=["*"])
def test_a_page_at_the_address_of_a_public_site_may() -> None:
    assert post(GUESTS, {"Origin": "https://chat.example.org"}).status_code == 201


def test_no_door_without_a_session_lets_a_foreign_page_in() -> None:
    for door in headless_doors():
        answer = Client().generic(
            door.method,
            f"/{door.route}",
            "{}",
            content_type="application/json",
            headers={"Origin": "https://evil.example"},
        )
        assert answer.status_code == 403, str(door)


def test_the_forms_by_which_people_come_in_ask_for_the_page_s_own_token(alice: User) -> None:
    for address in ("/accounts/login/", "/accounts/signup/", "/accounts/guest/", "/i18n/setlang/", "/setup/token/"):
        form = {"login": "alice", "password": PASSWORD, "display_name": "Gus", "language": "de"}
        assert Client(enforce_csrf_checks=True).post(address, form).status_code == 403, address
