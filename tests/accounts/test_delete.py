"""Deleting one's account: who may, and what is left of it."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.dispatch import Signal
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts import signals
from accounts.actions import delete_account
from accounts.errors import LastSiteAdmin
from accounts.models import User
from tests.conftest import PASSWORD, new_user

pytestmark = [pytest.mark.django_db, pytest.mark.rules]

Hear = Callable[[Signal], list[dict[str, Any]]]


def delete(client: Client, proof: str) -> Any:
    return client.post(reverse("account_delete"), {"proof": proof})


def test_nothing_about_the_person_is_left(client: Client, alice: User) -> None:
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True)
    client.force_login(alice)
    client.get("/rooms/")

    assert delete(client, PASSWORD)["Location"] == reverse("home")

    row = User.objects.get(pk=alice.pk)
    assert row.username.startswith("deleted-")
    assert row.shown_name == "deleted account"
    assert (row.display_name, row.email, row.is_active, row.last_login) == ("", "", False, None)
    assert not row.has_usable_password()
    assert not EmailAddress.objects.exists()
    assert not UserSession.objects.exists()
    assert client.get("/rooms/").status_code == 302
    assert not Client().login(username="alice", password=PASSWORD)


def test_the_name_and_the_address_are_free_again(alice: User) -> None:
    delete_account(alice)

    assert new_user("alice").pk != alice.pk


def test_another_password_deletes_nothing(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert delete(client, "wrong").context["form"].errors["proof"]
    alice.refresh_from_db()
    assert alice.is_active


def test_passwords_cannot_be_tried_without_end(client: Client, alice: User, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"reauthenticate": "1/m/user"}
    client.force_login(alice)
    delete(client, "wrong")

    assert delete(client, PASSWORD).status_code == 429
    alice.refresh_from_db()
    assert alice.is_active


def test_a_guest_types_a_word(client: Client) -> None:
    client.post(reverse("guest"), {"display_name": "Ada"})

    assert delete(client, "no").context["form"].errors["proof"]
    delete(client, " Delete ")

    assert User.objects.get().shown_name == "deleted account"


def test_the_site_keeps_an_admin(client: Client, dana: User) -> None:
    client.force_login(dana)

    assert "Make somebody else a site admin" in delete(client, PASSWORD).content.decode()
    with pytest.raises(LastSiteAdmin):
        delete_account(dana)
    new_user("erin", is_superuser=True)
    delete_account(dana)
    dana.refresh_from_db()
    assert not dana.is_superuser


def test_the_others_hear_of_it_while_it_can_still_be_undone(alice: User, hear: Hear) -> None:
    heard = hear(signals.deleting)

    def refuse(**kwargs: Any) -> None:
        raise RuntimeError

    signals.deleting.connect(refuse)
    try:
        with pytest.raises(RuntimeError):
            delete_account(alice)
    finally:
        signals.deleting.disconnect(refuse)

    alice.refresh_from_db()
    assert (heard[0]["user"], alice.username, alice.is_active) == (alice, "alice", True)
