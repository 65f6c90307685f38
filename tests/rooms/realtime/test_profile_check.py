"""What is shown of a user is what the database has, though every notice of a change was lost."""

from collections.abc import Callable, Sequence
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.db import DatabaseError

from accounts.actions import delete_account, set_display_name
from accounts.models import User
from rooms.events import person_json
from rooms.models import Room
from rooms.realtime import lifecycle
from rooms.realtime.fanout import profiles
from rooms.realtime.presence.tracker import presence
from tests.rooms.realtime.conftest import Connect
from tests.rooms.realtime.sockets import say

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]


def takes_a_name(user: User) -> None:
    set_display_name(user, display_name="Robert")


def takes_a_picture(user: User) -> None:
    user.picture = "0123456789abcdef"
    user.save(update_fields=["picture"])


def is_renamed_in_the_admin(user: User) -> None:
    user.username = "robert"
    user.save()


@pytest.mark.parametrize("change", [takes_a_name, takes_a_picture, is_renamed_in_the_admin, delete_account])
async def test_one_check_shows_a_changed_profile_without_any_notice(
    room: Room, alice: User, bob: User, connect: Connect, by_hand: None, change: Callable[[User], object]
) -> None:
    hers, his = await connect(room, alice), await connect(room, bob)
    while (await hers.next("presence"))["count"] < 2:
        pass
    hub = lifecycle.hub()
    await hub.reconciler.run()
    # As this process has him: what another one stored is another object.
    stored = await User.objects.aget(pk=bob.pk)

    await sync_to_async(change)(stored)
    await hub.reconciler.run()

    await stored.arefresh_from_db()
    assert await hers.next("person") == {"type": "person", **person_json(stored)}
    if change is not delete_account:
        assert await his.next("person") == {"type": "person", **person_json(stored)}
        present = [person for person in presence.people(room.pk) if person["id"] == str(bob.pk)]
        assert present == [{**person_json(stored), "away": False}]


async def test_the_checks_read_a_changed_profile_once(
    room: Room, alice: User, bob: User, connect: Connect, by_hand: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    hers = await connect(room, alice)
    await hers.next("welcome")
    hub, read = lifecycle.hub(), list[UUID]()
    await hub.reconciler.run()
    read_profile = profiles.read_profile

    def reading(user_id: UUID, room_ids: Sequence[UUID]) -> profiles.Profile | None:
        read.append(user_id)
        return read_profile(user_id, room_ids)

    monkeypatch.setattr(profiles, "read_profile", reading)
    await sync_to_async(set_display_name)(bob, display_name="Robert")
    for words in ("one", "two", "three"):
        await say(room, alice, words)
        await hub.reconciler.run()
    assert read == [bob.pk]
    await sync_to_async(set_display_name)(bob, display_name="Bobby")
    await hub.reconciler.run()
    assert read == [bob.pk] * 2


async def test_a_profile_that_could_not_be_shown_is_shown_by_the_next_check(
    room: Room, alice: User, bob: User, connect: Connect, by_hand: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    hers = await connect(room, alice)
    await hers.next("welcome")
    hub = lifecycle.hub()
    await hub.reconciler.run()

    def fail(*args: object) -> None:
        raise DatabaseError("The database is away.")

    await sync_to_async(set_display_name)(bob, display_name="Robert")
    with monkeypatch.context() as patch:
        patch.setattr(profiles, "read_profile", fail)
        with pytest.raises(DatabaseError):
            await hub.reconciler.run()
    await hub.reconciler.run()
    assert (await hers.next("person"))["display_name"] == "Robert"
