"""People in the Django admin, and the one way into it."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from accounts.models import User

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/user/"
NEW_PERSON = {"username": "eve", "email": "Eve@example.org", "usable_password": "true"}
PASSWORDS = {"password1": "another good horse", "password2": "another good horse"}


@pytest.fixture
def admin(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


def change(admin: Client, user: User, **fields: str) -> None:
    known = {"username": user.username, "email": user.email, "display_name": user.display_name}
    response = admin.post(f"{LIST}{user.pk}/change/", {k: v for k, v in (known | fields).items() if v != "off"})
    assert response.status_code == 302, response.context["adminform"].form.errors


def test_the_way_in_is_the_log_in_page_of_the_site(client: Client) -> None:
    response = client.get("/admin/", follow=True)

    assert response.redirect_chain[-1][0].startswith(reverse("account_login"))


def test_somebody_else_is_told_that_it_is_not_open_to_them(client: Client, alice: User) -> None:
    client.force_login(alice)

    response = client.get("/admin/", follow=True)

    assert response.status_code == 403
    assert "This is not open to you" in response.content.decode()


@pytest.mark.parametrize("words", ["alice", "ALICE", "alice@example"])
def test_people_are_found_by_name_and_address(admin: Client, alice: User, bob: User, words: str) -> None:
    page = admin.get(LIST, {"q": words}).content.decode()

    assert "alice@example.org" in page
    assert "bob@example.org" not in page


def test_a_person_is_made_with_a_confirmed_address(admin: Client) -> None:
    response = admin.post(f"{LIST}add/", NEW_PERSON | PASSWORDS)

    assert response.status_code == 302
    eve = User.objects.get(username="eve")
    assert eve.email == "eve@example.org"
    assert EmailAddress.objects.get(user=eve).verified


@pytest.mark.parametrize("name", ["ALICE", "ａｌｉｃｅ"])
def test_a_taken_name_is_an_error_of_the_form(admin: Client, alice: User, name: str) -> None:
    response = admin.post(f"{LIST}add/", NEW_PERSON | PASSWORDS | {"username": name})

    assert response.status_code == 200
    assert response.context["adminform"].form.errors["username"]


@pytest.mark.parametrize("email", ["alice@example.org", "Alice.Other@example.org"])
def test_a_taken_address_is_an_error_of_the_form(admin: Client, alice: User, email: str) -> None:
    EmailAddress.objects.create(user=alice, email="alice.other@example.org", verified=True)

    response = admin.post(f"{LIST}add/", NEW_PERSON | PASSWORDS | {"email": email})

    assert response.status_code == 200
    assert not User.objects.filter(username="eve").exists()


def test_an_address_that_a_site_admin_corrects_replaces_the_old_one(admin: Client, alice: User) -> None:
    EmailAddress.objects.create(user=alice, email="alice@example.org", primary=True)

    change(admin, alice, email="right@example.org")

    addresses = EmailAddress.objects.filter(user=alice)
    assert [(one.email, one.verified, one.primary) for one in addresses] == [("right@example.org", True, True)]


def test_what_nobody_edits_is_shown_but_not_asked(admin: Client, alice: User) -> None:
    page = admin.get(f"{LIST}{alice.pk}/change/").content.decode()

    assert str(alice.pk) in page
    for field in ("id", "is_active", "is_guest", "last_login", "date_joined", "first_name", "last_name"):
        assert f'name="{field}"' not in page
