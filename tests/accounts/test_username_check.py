"""The question that the sign-up page asks while one types a name."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

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


@pytest.mark.parametrize("name", ["a@b", "two words", "x", "x" * 41, "", "nul\x00"])
def test_a_name_of_the_wrong_form_is_told(client: Client, name: str) -> None:
    answer = ask(client, username=name)

    assert not answer["free"]
    assert answer["detail"]


def test_asking_without_a_name_is_answered(client: Client) -> None:
    assert not ask(client)["free"]
