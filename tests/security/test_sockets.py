"""Who gets what through the WebSocket: every address of its routing table, every frame that the consumer knows."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from rooms.models import Room
from rooms.realtime.consumer import SocketConsumer
from rooms.routing import urlpatterns
from tests.rooms.realtime.conftest import LOBBY, Connect, Line
from tests.rooms.realtime.sockets import expect_ended
from tests.security.cast import ROLES, Scene, set_scene
from tests.security.frames import FRAMES, frame_types

pytestmark = [pytest.mark.security, pytest.mark.rules, pytest.mark.django_db(transaction=True)]

# Each address and who answers there. A new one has its tests to find, below.
ADDRESSES = {"ws/": SocketConsumer, "ws/rooms/<uuid:room_id>/": SocketConsumer, "": None}
MEMBERS = ("member", "admin")
REFUSED = {"removed": (4403, "removed")}
NO_SUCH_ROOM = (4404, "no_such_room")
NOWHERE = "00000000-0000-4000-8000-000000000000"


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
    assert frame_types(SocketConsumer) == set(FRAMES)


async def answers_outside(line: Line, room: object) -> list[dict[str, Any]]:
    """Send a frame of each type about a room that this connection has not entered; return what comes back."""
    before = len(line.events)
    for kind, (frame, _answer) in FRAMES.items():
        await line.send({"room": str(room), "type": kind, **frame})
    await line.send({"room": str(room), "type": "made up"})
    # A post is answered by the writer, later than the frames that follow it.
    for known_by in ({"code": "unknown_type"}, {"client_id": FRAMES["post"][0]["client_id"]}):
        while not any(known_by.items() <= event.items() for event in line.events[before:]):
            await line.take()
    answers = line.events[before:]
    assert {event["room"] for event in answers} == {str(room)}
    return answers


def is_refused(answers: list[dict[str, Any]], role: str) -> bool:
    """Whether each frame was refused as somebody's of this role is."""
    _code, reason = REFUSED.get(role, NO_SUCH_ROOM)
    expected = {("ended", reason), ("error", reason), ("error", "not_entered"), ("error", "unknown_type")}
    return {(answer["type"], answer.get("reason") or answer["code"]) for answer in answers} == expected


@pytest.mark.parametrize("role", ROLES)
async def test_who_gets_what_in_a_private_room(connect: Connect, role: str) -> None:
    scene = await sync_to_async(set_scene)()
    line = await knock(connect, scene, scene.room, role)
    if role in MEMBERS:
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
    if role == "anonymous":
        assert await line.closed() == 4401
        assert [event["type"] for event in line.events] == ["bye"]
        for kind, (frame, _answer) in FRAMES.items():
            await line.send({"type": kind, **frame})
        assert await line.nothing()
    else:
        await expect_ended(line, *REFUSED.get(role, NO_SUCH_ROOM))
        assert [event["type"] for event in line.events] == ["ended"]
        assert is_refused(await answers_outside(line, scene.room.pk), role)
    assert "Den" not in str(line.events)
    assert await look(scene) == before


async def test_a_private_room_cannot_be_told_from_none(connect: Connect) -> None:
    scene = await sync_to_async(set_scene)()
    for role in ("guest", "stranger", "left", "blocked", "site_admin"):
        heard = []
        for place in (str(scene.room.pk), NOWHERE):
            line = await knock(connect, scene, place, role)
            await line.next("ended")
            await answers_outside(line, place)
            heard.append(str(line.events).replace(place, "the room"))
        assert heard[0] == heard[1]
    closed = [await (await knock(connect, scene, place, "anonymous")).closed() for place in (scene.room, NOWHERE)]
    assert closed == [4401, 4401]


@pytest.mark.parametrize("role", ROLES)
async def test_who_gets_what_without_having_entered_the_room(connect: Connect, role: str) -> None:
    scene = await sync_to_async(set_scene)()
    line = await knock(connect, scene, LOBBY, role)
    if role == "anonymous":
        assert await line.closed() == 4401
        return
    assert (await line.next("welcome"))["you"]["id"] == str(scene.people[role].pk)
    before = await look(scene)
    for kind in ("attend", "read", "ack", "typing"):
        await line.send({"type": kind, **FRAMES[kind][0], "room": str(scene.room.pk)})
        assert (await line.next("error"))["code"] == "not_entered"
    assert await look(scene) == before
    if role not in MEMBERS:
        assert is_refused(await answers_outside(line, scene.room.pk), role)
        assert "Den" not in str(line.events)
        assert await look(scene) == before
