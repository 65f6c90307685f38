"""Who does not take what the room says: closed before it costs memory, and let in again."""

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from chatsite.asgi import application
from rooms.actions.rooms import open_room
from rooms.models import Room
from rooms.realtime.fanout import ack_window as module
from rooms.realtime.fanout.ack_window import AckWindow
from rooms.realtime.log_events import LogEvent
from tests.rooms.realtime.conftest import LOBBY, Connect
from tests.rooms.realtime.sockets import expect_bye, say

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]


def events(first: int, last: int, text: str = "x" * 100) -> list[LogEvent]:
    return [LogEvent(seq, "text", None, text, "", "") for seq in range(first, last + 1)]


def test_the_ledger_knows_how_much_was_sent_up_to_a_row() -> None:
    window = AckWindow()
    window.add(events(5, 7))
    window.add([LogEvent(8, "text", None, "ä", "", "")])
    assert [window.up_to(seq) for seq in (4, 5, 7, 8, 99)] == [0, 100, 300, 302, 302]


def test_the_ledger_does_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_NEVER_ACKED", 10_000)
    window = AckWindow()
    for seq in range(1, 20_000):
        window.add(events(seq, seq))
    assert len(window._seqs) < 2 * module.TRIM_EVERY
    assert window.up_to(19_999) == window.total == 19_999 * 100
    assert window.up_to(19_950) == 19_950 * 100


async def test_a_client_that_acknowledges_stays_and_one_that_stopped_is_closed(
    room: Room, alice: User, bob: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_UNACKED", 20_000)
    hers, his = await connect(room, alice, after=2), await connect(room, bob, after=2)
    for line in (hers, his):
        await line.next("welcome")
        await line.send({"type": "ack", "seq": 2})
    for _ in range(8):
        await say(room, alice, "x" * 5_000)
        row = await hers.next("message")
        await hers.send({"type": "ack", "seq": row["seq"]})
    bye = await expect_bye(his, 4408, "too_slow")
    assert bye["retry_ms"] > 0
    await asyncio.sleep(1.2)
    await hers.post("1", "Still here")
    assert await hers.next("posted")
    again = await connect(room, bob, after=2)
    assert (await again.next("welcome"))["resumed"] is True


async def test_a_client_that_never_acknowledges_is_given_more(
    room: Room, alice: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_NEVER_ACKED", 20_000)
    monkeypatch.setattr(module, "MAX_UNACKED", 1_000)
    line = await connect(room, alice, after=2)
    await line.next("welcome")
    await say(room, alice, *["x" * 5_000] * 8)
    await asyncio.sleep(1.2)
    assert line.close_code is None
    monkeypatch.setattr(module, "NEVER_ACKED_SECONDS", 0.5)
    await expect_bye(line, 4408, "too_slow")


async def test_long_messages_that_were_missed_are_no_fault_of_the_reader(
    room: Room, alice: User, connect: Connect
) -> None:
    """More than may wait for a transport that takes nothing, in the very first frame."""
    await say(room, alice, *["x" * 10_000] * 120)
    line = await connect(room, alice, after=2)
    assert (await line.next("welcome"))["resumed"] is True
    for seq in range(3, 123):
        assert (await line.next("message"))["seq"] == seq
    assert line.of("bye") == []


async def test_a_transport_that_takes_nothing_costs_little_memory(room: Room, alice: User) -> None:
    from rooms.realtime.connections.sockets import MAX_PENDING, Socket

    taken: list[dict[str, Any]] = []
    goes_on = asyncio.Event()

    async def send(message: dict[str, Any]) -> None:
        taken.append(message)
        await goes_on.wait()

    socket = Socket(send, user=alice, session_key="")
    for _ in range(100):
        socket.send_encoded(['"' + "x" * (MAX_PENDING // 10) + '"'])
        await asyncio.sleep(0)
    assert socket.closed
    goes_on.set()
    await socket.ended()
    assert sum(len(message.get("text", "")) for message in taken) < 3 * MAX_PENDING
    assert taken[-1] == {"type": "websocket.close", "code": 4408}


async def test_a_slow_client_that_enters_many_rooms_gets_the_pages_of_all(
    room: Room, alice: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Together they are more than may wait for one socket: the next is read when the one before has been taken."""
    monkeypatch.setattr("rooms.realtime.connections.sockets.MAX_PENDING", 1_000)
    others = [await sync_to_async(open_room)(actor=alice, name=f"Long {number}") for number in range(4)]
    for other in others:
        await say(other, alice, "x" * 5_000)
    goes_on = asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        async def send_later(message: dict[str, Any]) -> None:
            if "xxx" in message.get("text", ""):
                await goes_on.wait()
            await send(message)

        await application(scope, receive, send_later)

    line = await connect(LOBBY, alice, application=slow)
    for other in others:
        await line.send({"type": "enter", "room": str(other.pk), "after": 0})
    await asyncio.sleep(0.5)
    goes_on.set()
    while sum(event["type"] == "message" for event in line.events) < 2 * len(others):
        await line.take()
    assert line.close_code is None
