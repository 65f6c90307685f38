"""The one query that admits who reads says what the room would say."""

from collections.abc import Callable
from itertools import product
from uuid import UUID, uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from rooms import errors
from rooms.actions.directs import open_direct
from rooms.actions.memberships import join_room, leave_room, remove_member
from rooms.actions.rooms import delete_room
from rooms.models import Membership, Room
from rooms.queries.access import admit

pytestmark = [pytest.mark.django_db, pytest.mark.rules]


def answer(ask: Callable[[], tuple[Room, Membership]]) -> tuple[object, ...]:
    try:
        room, membership = ask()
    except errors.RoomError as refusal:
        return (refusal.code,)
    return (
        (room.pk, room.kind, room.name, room.last_seq, room.talk_count, room.topic, room.created_by_id),
        (membership.pk, membership.state, membership.role, membership.read_talk, membership.joined_at),
    )


def by_the_rule(room_id: UUID, user: User) -> tuple[Room, Membership]:
    room = Room.objects.find(room_id)
    return room, room.admit(user)


def test_it_says_of_everybody_and_every_room_what_the_rule_says(
    room: Room, den: Room, alice: User, bob: User, charlie: User, dana: User
) -> None:
    remove_member(room, actor=alice, user=bob)
    join_room(room, actor=charlie)
    leave_room(room, actor=charlie)
    direct = open_direct(actor=bob, user=charlie)
    rooms, people = (room.pk, den.pk, direct.pk, uuid4()), (alice, bob, charlie, dana)

    def said() -> set[object]:
        answers = set()
        for room_id, user in product(rooms, people):
            expected = answer(lambda: by_the_rule(room_id, user))  # noqa: B023
            assert answer(lambda: admit(room_id, user)) == expected  # noqa: B023
            answers.add(expected[0] if len(expected) == 1 else "in")
        return answers

    assert said() == {"in", "no_such_room", "join_first", "removed", "left"}
    delete_room(Room.objects.get(pk=room.pk), actor=alice)
    assert said() == {"in", "no_such_room", "room_deleted"}


def test_it_asks_once(room: Room, alice: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        admit(room.pk, alice)
