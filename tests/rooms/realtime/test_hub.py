"""The hub where things go wrong, or happen at the same moment."""

import asyncio
import threading
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from rooms.actions.memberships import join_room, leave_room, remove_member
from rooms.actions.messages import post_message
from rooms.actions.rooms import open_room
from rooms.models import Room
from rooms.realtime import lifecycle, protocol
from rooms.realtime.connections.frames import text_frame
from rooms.realtime.connections.sockets import Socket
from rooms.realtime.fanout import head_queries, log_reader
from rooms.realtime.log_events import LogEvent
from rooms.realtime.presence.tracker import presence
from tests.rooms.realtime.conftest import Connect
from tests.rooms.realtime.sockets import expect_ended, say

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]


async def test_a_call_that_fails_does_not_hold_up_those_behind_it(caplog: pytest.LogCaptureFixture) -> None:
    hub, done = lifecycle.hub(), asyncio.Event()

    def fails() -> None:
        raise ValueError

    hub.call(fails)
    hub.call(done.set)
    await asyncio.wait_for(done.wait(), 5)
    await lifecycle.stop()
    assert "A call into the hub failed" in caplog.text


async def test_a_failed_check_is_followed_by_another(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.realtime.fanout.heartbeat.HEAD_EVENT_EVERY", 1)
    hub, looks = lifecycle.hub(), 0

    async def fails() -> None:
        nonlocal looks
        looks += 1
        raise ValueError

    task = hub.tasks.every(0.01, fails)
    await asyncio.sleep(0.2)
    assert looks > 1
    assert not task.done()
    await lifecycle.stop()
    assert "failed" in caplog.text


async def test_a_user_removed_while_entering_is_sent_nothing_after_it(
    room: Room, alice: User, bob: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    hers = await connect(room, alice, after=2)
    await hers.next("welcome")
    enter = log_reader.read_entry

    def removed_meanwhile(room_id: UUID, user: User, *args: Any) -> log_reader.Entry:
        entry = enter(room_id, user, *args)
        if user == bob:
            remove_member(room, actor=alice, user=bob)
            post_message(room, actor=alice, client_id="1", body="He is gone")
        return entry

    monkeypatch.setattr(log_reader, "read_entry", removed_meanwhile)
    his = await connect(room, bob, after=2)
    await expect_ended(his, 4403, "removed")
    assert [row["kind"] for row in his.of("message")] == ["removed"]
    assert bob.pk not in [UUID(person["id"]) for person in presence.people(room.pk)]


async def test_a_user_who_joined_again_is_not_taken_out_by_the_row_of_their_leaving(
    room: Room, alice: User, bob: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when another process was quicker: the hub hears of the leaving after the person is in again."""
    hers = await connect(room, alice, after=2)
    await hers.next("welcome")
    with monkeypatch.context() as patch:
        patch.setattr(lifecycle, "hubs", list)
        await sync_to_async(leave_room)(room, actor=bob)
        await sync_to_async(join_room)(room, actor=bob)
    his = await connect(room, bob, after=2)
    assert (await his.next("welcome"))["head"] == 4
    await say(room, alice, "Hello again")
    assert [(await hers.next("message"))["kind"] for _ in range(3)] == ["left", "joined", "text"]
    await his.post("1", "Hello")
    assert await his.next("posted")
    assert his.of("bye") == []
    assert bob.pk in [UUID(person["id"]) for person in presence.people(room.pk)]


async def test_nothing_is_kept_of_those_who_have_gone(
    room: Room, alice: User, bob: User, charlie: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.realtime.presence.tracker.GRACE", 0.1)
    for user in (alice, bob, charlie):
        line = await connect(room, user)
        await line.take()
        await line.hang_up()
    refused = await connect(UUID(int=0), alice)
    await refused.next("ended")
    await refused.hang_up()
    await asyncio.sleep(1.5)
    hub = lifecycle.hub()
    assert (hub.rooms.by_id, hub.registry.all(), presence.rooms()) == ({}, [], [])


async def test_a_room_that_is_entered_during_the_head_check_stays_open(
    room: Room, alice: User, bob: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    hers = await connect(room, alice, after=2)
    await hers.next("welcome")
    hub, changed = lifecycle.hub(), head_queries.changed
    asked, go_on = threading.Event(), threading.Event()

    def slow(known: dict[UUID, head_queries.Head | None]) -> dict[UUID, head_queries.Head | None]:
        seen = changed(known)
        if list(known) == [room.pk]:
            asked.set()
            go_on.wait(5)
        return seen

    other = await sync_to_async(open_room)(actor=bob, name="Elsewhere")
    monkeypatch.setattr(head_queries, "changed", slow)
    look = asyncio.create_task(hub.reconciler.run_checks())
    await asyncio.to_thread(asked.wait, 5)
    his = await connect(other, bob, after=1)
    await his.next("welcome")
    go_on.set()
    await look
    await his.post("1", "Still here")
    assert await his.next("posted")
    assert his.of("bye") == []


async def test_a_lone_message_waits_for_no_timer(room: Room, alice: User, connect: Connect) -> None:
    hub, written = lifecycle.hub(), []

    def write(frame: bytes) -> bool:
        written.append(frame)
        return True

    async def send(message: dict[str, object]) -> None:
        raise AssertionError

    socket = Socket(send, user=alice, session_key="", writer=SimpleNamespace(on_ready=lambda: None, write=write))
    hub.connect(socket, mentions=0)
    await hub.subscriptions.enter(socket, room.pk, after=2, known_hash=None)
    written.clear()
    feed = hub.rooms.by_id[room.pk]
    assert feed.head == 2
    hub.call(hub.publish, room.pk, [LogEvent(3, "text", None, '{"seq":3}', "", feed.hash)])
    # The next turn of the loop, in which no timer has come up yet.
    await asyncio.sleep(0)
    assert written == [text_frame(b'[{"seq":3}]')]
    hub.subscriptions.disconnect(socket)


async def test_in_each_round_everybody_hears_once_how_far_the_log_is_and_is_pinged_with_it(
    room: Room, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, alone, with_a_ping = lifecycle.hub(), [], []

    def write(frame: bytes) -> bool:
        alone.append(frame)
        return True

    def write_and_ping(frame: bytes) -> bool:
        with_a_ping.append(frame)
        return True

    async def send(message: dict[str, object]) -> None:
        raise AssertionError

    def socket_of(user: User) -> Socket:
        writer = SimpleNamespace(on_ready=lambda: None, write=write, write_and_ping=write_and_ping)
        return Socket(send, user=user, session_key="", writer=writer)

    in_rooms, outside = socket_of(alice), socket_of(bob)
    other = await sync_to_async(open_room)(actor=alice, name="Den")
    for socket in (in_rooms, outside):
        hub.connect(socket, mentions=0)
    for place, after in ((room, 2), (other, 1)):
        await hub.subscriptions.enter(in_rooms, place.pk, after=after, known_hash=None)
    alone.clear()
    # A round that the hub's own timer has no part in.
    monkeypatch.setattr("rooms.realtime.fanout.heartbeat.HEAD_EVENT_EVERY", 5)
    for _turn in range(5):
        await hub.heartbeat.beat()
    # One ping for each socket, however many rooms it shows.
    assert sorted(with_a_ping) == sorted([head({}, 0), head({"room": str(room.pk)}, 2)])
    assert alone == [head({"room": str(other.pk)}, 1)]
    for socket in (in_rooms, outside):
        hub.subscriptions.disconnect(socket)


def head(place: dict[str, str], seq: int) -> bytes:
    return text_frame(protocol.frame([protocol.encode({"type": "head", **place, "seq": seq})]).encode())
