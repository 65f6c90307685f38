import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import come_in_as_guest
from accounts.models import User
from rooms import errors
from rooms.actions.rooms import delete_room, open_room
from rooms.models import Membership, Message, Room

pytestmark = pytest.mark.django_db


def refusal(client: Client, **words: str) -> str:
    """Send the form, and return the page that says why no room was opened."""
    before = Room.objects.count()
    response = client.post(reverse("room_new"), words)
    assert response.status_code == 200
    assert Room.objects.count() == before
    return response.text


def test_opening_a_room_leads_into_it(client: Client, alice: User) -> None:
    client.force_login(alice)
    response = client.post(reverse("room_new"), {"name": "Tea", "topic": "Green and black"})
    room = Room.objects.get()
    assert (response.status_code, response["Location"]) == (302, reverse("room", args=[room.pk]))
    assert (room.name, room.topic, room.kind) == ("Tea", "Green and black", Room.Kind.PUBLIC)
    assert room.memberships.get().role == Membership.Role.ADMIN
    assert [row.kind for row in room.messages.after(0)] == [Message.Kind.OPENED]


@pytest.mark.rules
@pytest.mark.parametrize("name", ["Café", "CAFÉ", "cafe\u0301", "  café  ", "ｃａｆé"])
def test_a_name_in_use_in_any_case_or_form_is_refused_on_the_field(
    client: Client, alice: User, bob: User, name: str
) -> None:
    open_room(actor=alice, name="Café")
    client.force_login(bob)
    text = refusal(client, name=name, topic="Coffee")
    assert str(errors.NameTaken()) in text
    assert 'aria-invalid="true"' in text
    # What was typed is not lost.
    assert "Coffee" in text


def test_the_name_of_a_deleted_room_is_free_again(client: Client, alice: User) -> None:
    delete_room(open_room(actor=alice, name="Tea"), actor=alice)
    client.force_login(alice)
    assert client.post(reverse("room_new"), {"name": "Tea"}).status_code == 302


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "x" * 81])
def test_a_room_needs_a_name_that_fits(client: Client, alice: User, name: str) -> None:
    client.force_login(alice)
    assert str(errors.BadName()) in refusal(client, name=name)


def test_a_topic_has_its_length(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert str(errors.BadTopic()) in refusal(client, name="Tea", topic="x" * 201)


@pytest.mark.rules
def test_a_name_that_cannot_be_stored_is_no_server_error(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert client.post(reverse("room_new"), {"name": "Tea\0"}).status_code == 400


def test_the_form_takes_the_name_that_was_searched_for(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert 'value="Jazz"' in client.get(reverse("room_new"), {"name": "Jazz"}).text


def test_a_stranger_cannot_open_a_room(client: Client) -> None:
    response = client.post(reverse("room_new"), {"name": "Tea"})
    assert response["Location"].startswith(reverse("account_login"))
    assert not Room.objects.exists()


def test_a_guest_is_told_to_keep_the_account_first(client: Client) -> None:
    client.force_login(come_in_as_guest(display_name="Ada"))
    page = client.get(reverse("room_new")).content.decode()
    assert "Guests cannot open rooms." in page
    assert reverse("account_keep") in page
    assert '<form method="post" action="/rooms/new/"' not in page
    assert client.post(reverse("room_new"), {"name": "Tea"}).status_code == 200
    assert not Room.objects.exists()
