"""Who gets what through the WebSocket: every address of its routing table, every frame that the consumer knows."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from rooms.models import Room
from rooms.realtime.consumer import LobbyConsumer, RoomConsumer
from rooms.routing import urlpatterns
from tests.rooms.realtime.conftest import LOBBY, Connect, Line
from tests.security.cast import ROLES, Scene, set_scene
from tests.security.frames import FRAMES, frame_types

pytestmark = [pytest.mark.security, pytest.mark.rules, pytest.mark.django_db(transaction=True)]

# Each address and who answers there. A new one has its tests to find, below.
ADDRESSES = {"ws/": LobbyConsumer, "ws/rooms/<uuid:room_id>/": RoomConsumer, "": None}
CLOSED_WITH = {"anonymous": 4401, "removed": 4403, "member": None, "admin": None}


async def look(scene: Scene) -> tuple[Any, ...]:
    """All that a frame could have changed."""
    room = await Room.objects.aget(pk=scene.room.pk)
    memberships = [row async for row in room.memberships.order_by("pk").values_list("user", "state", "read_talk")]
    return room.last_seq, memberships


async def knock(connect: Connect, scene: Scene, place: object, role: str) -> Line:
    user = scene.people.get(role)
    return await connect(place, user, headers=[] if user is None else None)


def test_every_address_and_every_frame_is_asked_here() -> None:
    found = {str(route.pattern): getattr(route.callback, "consumer_class", None) for route in urlpatterns}
    assert found == ADDRESSES
    assert frame_types(RoomConsumer) == set(FRAMES)
    assert frame_types(LobbyConsumer) == set()


@pytest.mark.parametrize("role", ROLES)
async def test_who_gets_what_in_a_private_room(connect: Connect, role: str) -> None:
    scene = await sync_to_async(set_scene)()
    line = await knock(connect, scene, scene.room, role)
    expected = CLOSED_WITH.get(role, 4404)
    if expected is None:
        assert (await line.next("welcome"))["room"]["name"] == "Den"
        for kind, (frame, answer) in FRAMES.items():
            await line.send({"type": kind, **frame})
            if answer:
                await line.next(answer)
        await line.send({"type": "made up"})
        # All that came before it was taken.
        assert (await line.next("error"))["code"] == "unknown_type"
        assert [event["code"] for event in line.of("error")] == ["unknown_type"]
        return
    before = await look(scene)
    assert await line.closed() == expected
    assert [event["type"] for event in line.events] == ["bye"]
    assert "Den" not in str(line.events)
    for kind, (frame, _answer) in FRAMES.items():
        await line.send({"type": kind, **frame})
    assert await line.nothing()
    assert await look(scene) == before


async def test_a_private_room_cannot_be_told_from_none(connect: Connect) -> None:
    scene = await sync_to_async(set_scene)()
    for role in ("guest", "stranger", "left", "blocked", "site_admin", "anonymous"):
        heard = []
        for place in (scene.room, "00000000-0000-4000-8000-000000000000"):
            line = await knock(connect, scene, place, role)
            heard.append((await line.closed(), line.events))
        assert heard[0] == heard[1]


@pytest.mark.parametrize("role", ROLES)
async def test_who_gets_what_in_the_lobby(connect: Connect, role: str) -> None:
    scene = await sync_to_async(set_scene)()
    line = await knock(connect, scene, LOBBY, role)
    if role == "anonymous":
        assert await line.closed() == 4401
        return
    assert (await line.next("welcome"))["you"]["id"] == str(scene.people[role].pk)
    before = await look(scene)
    for kind, (frame, _answer) in FRAMES.items():
        await line.send({"type": kind, **frame, "room": str(scene.room.pk)})
        assert (await line.next("error"))["code"] == "unknown_type"
    assert await look(scene) == before
