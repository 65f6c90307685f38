"""One room at a time: who attends another one, by socket or poll, is present there, and reads on wherever they were."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import LazySettings
from django.test import AsyncClient

from accounts.models import User
from rooms.actions.memberships import join_room
from rooms.actions.rooms import open_room
from rooms.models import Membership, Room
from rooms.realtime import lifecycle
from tests.rooms.conftest import session_of
from tests.rooms.realtime.conftest import LOBBY, Connect, Line
from tests.rooms.realtime.sockets import say

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def library(alice: User, bob: User) -> Room:
    library = open_room(actor=alice, name="Library")
    join_room(library, actor=bob)
    return library


async def expect_moved(line: Line, room: Room) -> None:
    assert await line.next("moved") == {"type": "moved", "room": str(room.pk)}
    assert line.close_code is None


async def next_in(line: Line, kind: str, room: Room) -> dict[str, Any]:
    """Return the next event of this kind that is of the room."""
    while (event := await line.next(kind))["room"] != str(room.pk):
        pass
    return event


async def wait_for_people(line: Line, *names: str) -> None:
    """Wait until the room of a line, as far as it was told, has these people."""
    welcome = next(event for event in line.events if event["type"] == "welcome")
    there = {person["username"] for person in welcome["present"]["people"]}
    while there != set(names):
        event = await next_in(line, "presence", Room(pk=line.room))
        there |= {person["username"] for person in event["entered"]}
        there -= {person["username"] for person in event["exited"]}


async def test_attending_another_room_moves_the_person_and_freezes_nobody(
    room: Room, library: Room, alice: User, bob: User, connect: Connect
) -> None:
    hers = await connect(room, alice)
    one, two = await connect(room, bob), await connect(room, bob)
    for line in (hers, one, two):
        await line.next("welcome")
    await wait_for_people(hers, "alice", "bob")
    there = await connect(library, bob)
    await expect_moved(one, library)
    await expect_moved(two, library)
    await wait_for_people(hers, "alice")
    await say(room, alice, "Where is bob?")
    await one.post("1", "Quiet in here")
    for line in (one, two):
        assert [(await line.next("message"))["body"] for _ in range(2)] == ["Where is bob?", "Quiet in here"]
    await there.post("2", "And here")
    assert (await there.next("posted"))["client_id"] == "2"


async def test_coming_back_moves_the_person_again(room: Room, library: Room, bob: User, connect: Connect) -> None:
    here = await connect(room, bob)
    await here.next("welcome")
    there = await connect(library, bob)
    await expect_moved(here, library)
    await here.send({"type": "attend"})
    await expect_moved(there, room)
    await there.send({"type": "attend"})
    await expect_moved(here, library)


async def test_two_rooms_on_one_connection(room: Room, library: Room, alice: User, bob: User, connect: Connect) -> None:
    hers, his = await connect(room, alice), await connect(room, bob, after=2)
    for line in (hers, his):
        await line.next("welcome")
    await wait_for_people(hers, "alice", "bob")
    await his.send({"type": "enter", "room": str(library.pk), "after": 2})
    welcome = await his.next("welcome")
    assert (welcome["room"]["name"], welcome["resumed"], welcome["present"]["people"]) == ("Library", True, [])
    # Entering took nothing: bob attends the first room until he says otherwise.
    await say(library, alice, "In the library")
    await say(room, alice, "In the room")
    assert {(row["room"], row["body"]) for row in [await his.next("message"), await his.next("message")]} == {
        (str(library.pk), "In the library"),
        (str(room.pk), "In the room"),
    }
    await his.send({"type": "attend", "room": str(library.pk)})
    presence = await next_in(his, "presence", library)
    assert [person["username"] for person in presence["entered"]] == ["bob"]
    await wait_for_people(hers, "alice")
    assert his.of("moved") == []
    await his.send({"type": "leave", "room": str(library.pk)})
    await his.send({"type": "ack", "room": str(library.pk), "seq": 3})
    assert (await his.next("error"))["code"] == "not_entered"
    await say(library, alice, "Is anybody here?")
    unread = await his.next("unread")
    assert (unread["room"], unread["talk_count"]) == (str(library.pk), 2)
    await say(room, alice, "Here")
    assert (await his.next("message"))["body"] == "Here"


async def test_one_who_only_reads_is_present_nowhere(
    room: Room, library: Room, alice: User, bob: User, connect: Connect
) -> None:
    hers, his = await connect(room, alice), await connect(LOBBY, bob)
    await hers.next("welcome")
    for place in (room, library):
        await his.send({"type": "enter", "room": str(place.pk), "after": 2})
    while len(his.of("welcome")) < 3:
        await his.take()
    await say(room, alice, "Hello")
    assert (await his.next("message"))["body"] == "Hello"
    await his.send({"type": "attend", "room": None})
    await his.send({"type": "away", "away": True})
    assert [person["username"] for person in hers.of("welcome")[0]["present"]["people"]] == ["alice"]
    assert not any(event["entered"] for event in hers.of("presence") if "bob" in str(event))
    membership = await Membership.objects.aget(room=library, user=bob)
    assert membership.visited_at is None


async def test_attending_none_is_going(
    room: Room, alice: User, bob: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.realtime.presence.tracker.GRACE", 0.1)
    hers, his = await connect(room, alice), await connect(room, bob)
    for line in (hers, his):
        await line.next("welcome")
    await wait_for_people(hers, "alice", "bob")
    await his.send({"type": "attend", "room": None})
    await wait_for_people(hers, "alice")


async def test_entering_anew_starts_from_what_one_names(room: Room, alice: User, bob: User, connect: Connect) -> None:
    await say(room, alice, "one", "two")
    his = await connect(room, bob, after=4)
    assert (await his.next("welcome"))["resumed"] is True
    await his.send({"type": "enter", "after": 3})
    assert (await his.next("welcome"))["head"] == 4
    assert (await his.next("message"))["body"] == "two"
    await his.send({"type": "enter"})
    assert (await his.next("welcome"))["resumed"] is False
    assert [row["seq"] for row in (await his.next("reset"))["messages"]] == [1, 2, 3, 4]
    await say(room, alice, "three")
    assert (await his.next("message"))["body"] == "three"
    hub = lifecycle.hub()
    assert len(hub.rooms.by_id[room.pk].subscriptions) == 1


async def test_a_connection_shows_a_number_of_rooms(
    room: Room, library: Room, bob: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.limits.MAX_ROOMS_SHOWN", 1)
    his = await connect(room, bob)
    await his.next("welcome")
    await his.send({"type": "enter", "room": str(library.pk)})
    error = await his.next("error")
    assert (error["code"], error["room"]) == ("too_many_rooms", str(library.pk))
    await his.send({"type": "enter"})
    assert (await his.next("welcome"))["room"]["id"] == str(room.pk)
    await his.send({"type": "leave"})
    await his.send({"type": "enter", "room": str(library.pk)})
    assert (await his.next("welcome"))["room"]["id"] == str(library.pk)


async def test_a_user_who_is_refused_in_another_room_stays_where_they_are(
    room: Room, alice: User, bob: User, connect: Connect
) -> None:
    closed = await sync_to_async(open_room)(actor=alice, name="Hers alone")
    line = await connect(room, bob, after=2)
    await line.next("welcome")
    await line.send({"type": "enter", "room": str(closed.pk)})
    ended = await line.next("ended")
    assert (ended["room"], ended["code"], ended["reason"]) == (str(closed.pk), 4403, "join_first")
    await line.post("1", "Still here")
    assert (await line.next("posted"))["client_id"] == "1"
    assert line.of("moved") == []


async def test_a_script_that_posts_is_present_nowhere(room: Room, library: Room, bob: User, connect: Connect) -> None:
    line = await connect(room, bob, after=2)
    headers = {"X-Session-Token": await sync_to_async(session_of)(bob)}
    response = await AsyncClient().post(
        f"/api/rooms/{library.pk}/messages",
        {"client_id": "1", "body": "From a script"},
        content_type="application/json",
        headers=headers,
    )
    assert response.status_code == 201
    await line.post("2", "Still here")
    assert (await line.next("posted"))["client_id"] == "2"
    assert line.of("moved") == []


async def test_where_the_site_says_so_people_are_in_several_rooms(
    room: Room, library: Room, alice: User, bob: User, connect: Connect, settings: LazySettings
) -> None:
    settings.ONE_ROOM_AT_A_TIME = False
    here, there = await connect(room, bob, after=2), await connect(library, bob)
    await there.next("welcome")
    hers = await connect(room, alice)
    await hers.next("welcome")
    await wait_for_people(hers, "alice", "bob")
    await here.post("1", "In both")
    assert (await here.next("posted"))["client_id"] == "1"
    assert here.of("moved") == []
