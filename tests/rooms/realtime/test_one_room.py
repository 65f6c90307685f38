"""One room at a time: entering another, by socket or poll, moves the person there."""

import pytest
from asgiref.sync import sync_to_async
from django.conf import LazySettings
from django.test import AsyncClient

from accounts.models import User
from rooms.actions.memberships import join_room
from rooms.actions.rooms import open_room
from rooms.models import Room
from tests.rooms.conftest import session_of
from tests.rooms.realtime.conftest import Connect, Line

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def library(alice: User, bob: User) -> Room:
    library = open_room(actor=alice, name="Library")
    join_room(library, actor=bob)
    return library


async def expect_elsewhere(line: Line, room: Room) -> None:
    bye = await line.next("bye")
    assert (bye["code"], bye["reason"], bye["retry_ms"]) == (4409, "elsewhere", None)
    assert bye["room"] == {"id": str(room.pk), "name": room.name}
    assert bye["detail"].endswith(".")
    assert await line.closed() == 4409


async def poll(room: Room, user: User, tab: str) -> tuple[int, dict[str, object]]:
    headers = {"X-Session-Token": await sync_to_async(session_of)(user)}
    response = await AsyncClient().get(f"/api/rooms/{room.pk}/messages", {"here": tab, "after": 0}, headers=headers)
    return response.status_code, response.json()


async def test_entering_another_room_closes_the_sockets_in_this_one(
    room: Room, library: Room, alice: User, bob: User, connect: Connect
) -> None:
    hers = await connect(room, alice)
    one, two = await connect(room, bob), await connect(room, bob)
    while (await hers.next("presence"))["count"] < 2:
        pass
    there = await connect(library, bob)
    await expect_elsewhere(one, library)
    await expect_elsewhere(two, library)
    left = await hers.next("presence")
    assert ([person["username"] for person in left["exited"]], left["count"]) == (["bob"], 1)
    await there.post("1", "Quiet in here")
    assert (await there.next("posted"))["client_id"] == "1"


async def test_coming_back_moves_the_person_again(room: Room, library: Room, bob: User, connect: Connect) -> None:
    await connect(room, bob)
    there = await connect(library, bob)
    await there.next("welcome")
    back = await connect(room, bob)
    assert (await back.next("welcome"))["present"]["count"] == 1
    await expect_elsewhere(there, room)


async def test_a_page_that_polls_is_told_where_the_person_went(
    room: Room, library: Room, bob: User, connect: Connect
) -> None:
    assert (await poll(room, bob, "tab"))[0] == 200
    await (await connect(library, bob)).next("welcome")
    status, problem = await poll(room, bob, "tab")
    assert (status, problem["code"]) == (409, "elsewhere")
    assert problem["room"] == {"id": str(library.pk), "name": "Library"}
    assert (await poll(room, bob, "another-tab"))[0] == 200


async def test_a_page_that_polls_moves_the_person_too(room: Room, library: Room, bob: User, connect: Connect) -> None:
    line = await connect(room, bob)
    await line.next("welcome")
    assert (await poll(library, bob, "tab"))[0] == 200
    await expect_elsewhere(line, library)


async def test_who_is_refused_in_another_room_stays_where_they_are(
    room: Room, alice: User, bob: User, connect: Connect
) -> None:
    closed = await sync_to_async(open_room)(actor=alice, name="Hers alone")
    line = await connect(room, bob, after=2)
    await (await connect(closed, bob)).next("bye")
    assert (await poll(closed, bob, "tab"))[0] == 403
    await line.post("1", "Still here")
    assert (await line.next("posted"))["client_id"] == "1"


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


async def test_where_the_site_says_so_people_are_in_several_rooms(
    room: Room, library: Room, bob: User, connect: Connect, settings: LazySettings
) -> None:
    settings.ONE_ROOM_AT_A_TIME = False
    here, there = await connect(room, bob, after=2), await connect(library, bob)
    await there.next("welcome")
    await here.post("1", "In both")
    assert (await here.next("posted"))["client_id"] == "1"
