"""Requests that were a mistake of the site's, or were taken for others."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from rooms.actions.rooms import open_room
from rooms.models import Invitation
from tests.rooms.conftest import session_of

pytestmark = [pytest.mark.security, pytest.mark.django_db]


@pytest.mark.parametrize("word", ["foo", "room", "account_blocks", "//example.com", "javascript:1", "\u2028"])
def test_a_word_is_no_address_to_go_back_to(alice: User, bob: User, word: str) -> None:
    client = Client()
    client.force_login(alice)
    answer = client.post(reverse("account_blocks"), {"block": str(bob.pk), "next": word})
    assert answer.status_code == 302


@pytest.mark.parametrize("body", ["[null,null]", "[]", '"text"', "7", "false", "null", '[["seconds",60]]'])
def test_only_an_object_is_taken_for_one(alice: User, body: str) -> None:
    room = open_room(actor=alice, name="Lobby")
    headers: Any = {"X-Session-Token": session_of(alice)}
    for address in (f"/api/rooms/{room.pk}/invitations", "/api/rooms", "/api/me", f"/api/rooms/{room.pk}/mine"):
        method = "PATCH" if address.endswith(("me", "mine")) else "POST"
        answer = Client().generic(method, address, body, "application/json", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_request"), address
    assert not Invitation.objects.exists()
