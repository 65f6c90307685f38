"""What a guest does in rooms, and what stays of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actions import come_in_as_guest, sweep_guests
from accounts.models import User
from rooms.actions.memberships import join_room
from rooms.actions.messages import post_message
from rooms.models import Message, Room

pytestmark = [pytest.mark.django_db, pytest.mark.rules]


@pytest.fixture
def guest(db: None) -> User:
    return come_in_as_guest(display_name="Ada")


def absent(guest: User) -> None:
    User.objects.filter(pk=guest.pk).update(seen_at=timezone.now() - timedelta(days=31))


def test_a_guest_joins_a_public_room_and_talks(room: Room, guest: User) -> None:
    join_room(room, actor=guest)

    assert post_message(room, actor=guest, client_id="1", body="Hello").row.author == guest


def test_an_absent_guest_who_wrote_keeps_the_name_and_loses_the_rest(room: Room, guest: User) -> None:
    join_room(room, actor=guest)
    post_message(room, actor=guest, client_id="1", body="Hello")
    absent(guest)

    assert sweep_guests() == (0, 1)

    guest.refresh_from_db()
    assert (guest.display_name, guest.is_active) == ("Ada", False)
    assert not room.memberships.active().filter(user=guest).exists()
    assert room.messages.latest("seq").kind == Message.Kind.LEFT
    assert sweep_guests() == (0, 0)
