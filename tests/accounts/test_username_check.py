"""The question that the sign-up page asks while one types a name."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from accounts import limits
from accounts.models import User

pytestmark = pytest.mark.django_db


def ask(client: Client, **query: str) -> Any:
    response = client.get(reverse("username_check"), query)
    assert response.status_code == 200
    return response.json()


def test_a_free_name_is_free(client: Client) -> None:
    assert ask(client, username="eve") == {"free": True, "detail": "This username is free."}


@pytest.mark.parametrize("name", ["alice", "ALICE", "ａｌｉｃｅ"])
def test_a_name_that_somebody_has_is_not(client: Client, alice: User, name: str) -> None:
    answer = ask(client, username=name)

    assert answer == {"free": False, "detail": "Somebody has this username. Please choose another."}


@pytest.mark.parametrize("name", ["a@b", "two words", "x", "x" * 41, ""])
def test_a_name_of_the_wrong_form_is_told(client: Client, name: str) -> None:
    answer = ask(client, username=name)

    assert not answer["free"]
    assert answer["detail"]


def test_asking_without_a_name_is_answered(client: Client) -> None:
    assert not ask(client)["free"]


def test_asking_for_many_names_is_told_to_wait(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.USERNAME_CHECKS, "username_check", "2/m/ip")
    for name in ("one", "two"):
        ask(client, username=name)
    answer = client.get(reverse("username_check"), {"username": "three"})
    assert (answer.status_code, answer.json()["code"]) == (429, "too_fast")
    assert int(answer.headers["Retry-After"]) == answer.json()["retry_after"]
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    ask(elsewhere, username="three")


def test_behind_a_proxy_the_address_is_the_one_that_the_proxy_saw(
    client: Client, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    monkeypatch.setitem(limits.USERNAME_CHECKS, "username_check", "1/m/ip")
    for number, (forwarded, status) in enumerate(
        [("192.0.2.7", 200), ("192.0.2.8", 200), ("10.9.8.7, 192.0.2.7", 429), ("192.0.2.8, 192.0.2.9", 200)]
    ):
        answer = client.get(
            reverse("username_check"), {"username": f"name{number}"}, headers={"X-Forwarded-For": forwarded}
        )
        assert answer.status_code == status
