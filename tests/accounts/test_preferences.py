"""The language, the theme and the time to take words back that somebody chose."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from rooms.actions.rooms import open_room

pytestmark = [pytest.mark.django_db, pytest.mark.rules]


def prefer(client: Client, **fields: str) -> Any:
    return client.post(reverse("account_preferences"), {"language": "", "theme": "system", **fields})


def test_the_chosen_language_is_spoken_on_every_device(client: Client, alice: User) -> None:
    client.force_login(alice)
    prefer(client, language="de")
    elsewhere = Client(headers={"Accept-Language": "en"})
    elsewhere.force_login(alice)

    assert '<html lang="de"' in elsewhere.get("/rooms/").content.decode()
    prefer(client)
    assert '<html lang="en"' in elsewhere.get("/rooms/").content.decode()


def test_the_theme_reaches_the_pages(client: Client, alice: User) -> None:
    assert client.get("/").context["theme"] == "system"
    client.force_login(alice)

    prefer(client, theme="dark")

    page = client.get("/rooms/")
    assert page.context["theme"] == "dark"
    # Paper is white for everybody.
    assert re.search(r'css/dark[^"]*\.css" media="screen">', page.text)


def test_the_time_to_take_words_back_reaches_the_rooms_page(client: Client, alice: User) -> None:
    client.force_login(alice)
    room = open_room(actor=alice, name="Tea")
    assert client.get(f"/rooms/{room.pk}/").context["page_data"]["hold_ms"] == 0

    prefer(client, undo_seconds="5")

    assert client.get(f"/rooms/{room.pk}/").context["page_data"]["hold_ms"] == 5000


@pytest.mark.parametrize("fields", [{"language": "tlh"}, {"theme": "plaid"}, {"undo_seconds": "3600"}])
def test_an_unknown_language_theme_or_time_cannot_be_chosen(
    client: Client, alice: User, fields: dict[str, str]
) -> None:
    client.force_login(alice)

    assert prefer(client, **fields).context["form"].errors
    alice.refresh_from_db()
    assert (alice.language, alice.theme, alice.undo_seconds) == ("", "system", 0)
