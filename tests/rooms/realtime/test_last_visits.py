"""Where people were last is stored for many at once."""

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError

from accounts.models import User
from rooms.actions.memberships import leave_room
from rooms.models import Membership, Room
from rooms.queries import access
from rooms.realtime.presence import last_visits
from rooms.realtime.presence.last_visits import LastVisits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rules]


def membership_of(room: Room, user: User) -> Membership:
    return Membership.objects.get(room=room, user=user)


async def test_the_room_that_was_entered_last_is_where_one_was(room: Room, den: Room, alice: User, bob: User) -> None:
    where = LastVisits()
    for user, place in ((alice, room), (alice, den), (bob, room)):
        where.note(user.pk, (await sync_to_async(membership_of)(place, user)).pk)
    await where.store()
    last_visited = sync_to_async(access.last_visited)
    assert (await last_visited(alice), await last_visited(bob)) == (den.pk, room.pk)


async def test_a_member_who_has_left_meanwhile_keeps_no_visit(room: Room, bob: User) -> None:
    where = LastVisits()
    where.note(bob.pk, (await sync_to_async(membership_of)(room, bob)).pk)
    await sync_to_async(leave_room)(room, actor=bob)
    await where.store()
    assert (await sync_to_async(membership_of)(room, bob)).visited_at is None


async def test_what_could_not_be_stored_is_stored_the_next_time(
    room: Room, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[list[int]] = []

    def away(membership_ids: list[int]) -> None:
        where.note(bob.pk, 3)
        raise OperationalError

    where = LastVisits()
    where.note(alice.pk, 1)
    where.note(bob.pk, 2)
    monkeypatch.setattr(last_visits, "store", away)
    with pytest.raises(OperationalError):
        await where.store()
    monkeypatch.setattr(last_visits, "store", stored.append)
    await where.store()
    await where.store()
    assert stored == [[1, 3]]
