"""The sign-up page: who gets in, and what the form tells everybody else."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.rules]


def sign_up(client: Client, **fields: str) -> Any:
    answers = {"email": "eve@example.org", "username": "eve", "password1": PASSWORD, **fields}
    return client.post(reverse("account_signup"), answers)


def errors(response: Any, field: str) -> str:
    assert response.status_code == 200
    return " ".join(response.context["form"].errors.get(field, []))


def test_signing_up_makes_a_person_and_logs_them_in(client: Client) -> None:
    response = sign_up(client)

    assert response.status_code == 302
    assert response["Location"] == reverse("room_list")
    eve = User.objects.get(username="eve")
    assert eve.check_password(PASSWORD)
    assert client.session["_auth_user_id"] == str(eve.pk)
    assert EmailAddress.objects.get(user=eve).email == "eve@example.org"


def test_signing_up_leads_where_one_was_going(client: Client) -> None:
    assert sign_up(client, next="/rooms/new/")["Location"] == "/rooms/new/"


@pytest.mark.parametrize("name", ["alice", "ALICE", "Alice", "ａｌｉｃｅ", "ᴬlice"])
def test_a_name_is_taken_in_every_case_and_unicode_form(client: Client, alice: User, name: str) -> None:
    assert "Somebody has this username" in errors(sign_up(client, username=name), "username")
    assert User.objects.count() == 1


@pytest.mark.parametrize(("taken", "name"), [("fishy", "ﬁshy"), ("strasse", "Straße"), ("ﬁnn", "FINN")])
def test_ligatures_and_sharp_s_are_the_letters_that_they_stand_for(client: Client, taken: str, name: str) -> None:
    User.objects.create_user(taken, "first@example.org", PASSWORD)

    assert "Somebody has this username" in errors(sign_up(client, username=name), "username")


@pytest.mark.parametrize("name", ["a@b.org", "two words", "semi;colon", "<b>", "a\u200bb", "x" * 41, "x", ""])
def test_a_name_of_the_wrong_form_is_refused(client: Client, name: str) -> None:
    assert errors(sign_up(client, username=name), "username")
    assert not User.objects.exists()


@pytest.mark.parametrize("email", ["alice@example.org", "Alice@Example.ORG"])
def test_a_known_address_is_told_on_the_form_while_nobody_confirms_any(client: Client, alice: User, email: str) -> None:
    assert "Somebody has an account" in errors(sign_up(client, email=email), "email")


def test_an_address_that_the_command_line_stored_in_capitals_is_known_too(client: Client) -> None:
    User.objects.create_superuser("dana", "Dana@Example.org", PASSWORD)

    assert "Somebody has an account" in errors(sign_up(client, email="dana@example.org"), "email")


@pytest.mark.parametrize("password", ["short", "password", "", "eve@example.org"])
def test_a_weak_password_is_refused(client: Client, password: str) -> None:
    assert errors(sign_up(client, password1=password), "password1")


def test_an_address_is_needed(client: Client) -> None:
    assert errors(sign_up(client, email=""), "email")


def test_the_page_offers_to_log_in_and_asks_for_the_password_once(client: Client) -> None:
    page = client.get(reverse("account_signup")).content.decode()

    assert reverse("account_login") in page
    assert page.count('type="password"') == 1
    assert f'data-check="{reverse("username_check")}"' in page


def test_somebody_logged_in_is_led_on(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert client.get(reverse("account_signup"))["Location"] == reverse("room_list")
