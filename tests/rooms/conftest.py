"""A room to test in: alice is its admin, bob a member, charlie not."""

from collections.abc import Iterator

import pytest
from django.test import Client

from accounts.models import User
from rooms import limits
from rooms.actions.memberships import add_member, join_room
from rooms.actions.rooms import open_room
from rooms.models import Room
from rooms.realtime.presence.tracker import presence
from rooms.realtime.writer import writer


@pytest.fixture
def room(alice: User, bob: User) -> Room:
    room = open_room(actor=alice, name="Lobby", topic="Whatever comes up")
    join_room(room, actor=bob)
    room.refresh_from_db()
    return room


@pytest.fixture
def den(alice: User, bob: User) -> Room:
    """A private room: alice is its admin, bob a member, nobody else knows of it."""
    den = open_room(actor=alice, name="Den", topic="Between us", kind=Room.Kind.PRIVATE)
    add_member(den, actor=alice, user=bob)
    den.refresh_from_db()
    return den


@pytest.fixture(autouse=True)
def quiet_realtime() -> Iterator[None]:
    """Nobody is here from the test before, and no writer holds the database when it is flushed."""
    presence.clear()
    limits.tally.clear()
    yield
    writer.stop()
    presence.clear()


def session_of(user: User) -> str:
    """Return a session token as the terminal would have it."""
    client = Client()
    client.force_login(user)
    key = client.session.session_key
    assert key
    return key
