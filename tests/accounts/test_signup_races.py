"""Two people who send the sign-up form at the same moment."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from accounts.models import Invitation, SiteSettings, User
from accounts.views.app import SignupView
from accounts.views.entrance import SignupPage
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rules]


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Any]]:
    """Run two sign-ups so that both forms are found good before either is saved."""
    checked = Barrier(2, timeout=20)

    def when_both_are_checked(save: Callable[..., Any]) -> Callable[..., Any]:
        def wait_and_save(*args: Any, **kwargs: Any) -> Any:
            checked.wait()
            return save(*args, **kwargs)

        return wait_and_save

    # What begins the transaction in which the account is made, and its mail written.
    monkeypatch.setattr(SignupPage, "sign_up", when_both_are_checked(SignupPage.sign_up))
    monkeypatch.setattr(SignupView, "post", when_both_are_checked(SignupView.post))

    def run(sign_up: Callable[[str, str], Any], *people: tuple[str, str]) -> list[Any]:
        def one(person: tuple[str, str]) -> Any:
            try:
                return sign_up(*person)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(one, people))

    return run


def by_page(username: str, email: str, **more: str) -> Any:
    fields = {"email": email, "username": username, "password1": PASSWORD, **more}
    return Client().post(reverse("account_signup"), fields)


def by_app(username: str, email: str, **more: str) -> Any:
    fields = {"email": email, "username": username, "password": PASSWORD, **more}
    return Client().post("/_allauth/app/v1/auth/signup", json.dumps(fields), content_type="application/json")


def test_of_two_with_one_name_the_later_gets_a_form_error(at_once: Callable[..., list[Any]]) -> None:
    answers = at_once(by_page, ("eve", "eve@example.org"), ("EVE", "mallory@example.org"))

    assert sorted(answer.status_code for answer in answers) == [200, 302]
    refused = next(answer for answer in answers if answer.status_code == 200)
    assert "Somebody has this username" in refused.content.decode()
    assert User.objects.count() == 1


def test_of_two_with_names_alike_the_later_gets_a_form_error(at_once: Callable[..., list[Any]]) -> None:
    answers = at_once(by_page, ("bill1", "eve@example.org"), ("billl", "mallory@example.org"))

    assert sorted(answer.status_code for answer in answers) == [200, 302]
    refused = next(answer for answer in answers if answer.status_code == 200)
    assert "This username looks like somebody else’s" in refused.content.decode()
    assert User.objects.count() == 1


def test_of_two_with_one_address_the_later_gets_a_form_error(at_once: Callable[..., list[Any]]) -> None:
    answers = at_once(by_page, ("eve", "eve@example.org"), ("mallory", "Eve@example.org"))

    assert sorted(answer.status_code for answer in answers) == [200, 302]
    refused = next(answer for answer in answers if answer.status_code == 200)
    assert "Somebody has an account" in refused.content.decode()


@pytest.mark.parametrize("names", [("eve", "Eve"), ("bill1", "billl")])
def test_the_app_client_gets_its_error_too(at_once: Callable[..., list[Any]], names: tuple[str, str]) -> None:
    answers = at_once(by_app, (names[0], "eve@example.org"), (names[1], "mallory@example.org"))

    assert sorted(answer.status_code for answer in answers) == [200, 400]
    refused = next(answer for answer in answers if answer.status_code == 400)
    assert refused.json()["errors"][0]["param"] == "username"


@pytest.mark.parametrize("by", [by_page, by_app])
def test_of_two_with_the_last_use_of_an_invitation_one_gets_in(
    at_once: Callable[..., list[Any]], by: Callable[..., Any]
) -> None:
    SiteSettings.objects.create(sign_up="invitation")
    invitation = Invitation.objects.create(uses_left=1)

    def invited(username: str, email: str) -> Any:
        return by(username, email, invitation=invitation.code)

    answers = at_once(invited, ("eve", "eve@example.org"), ("mallory", "mallory@example.org"))

    assert User.objects.count() == 1
    refused = [answer for answer in answers if b"not good any more" in answer.content]
    assert len(refused) == 1
    invitation.refresh_from_db()
    assert invitation.uses_left == 0
