"""Somebody who opens more sockets than anybody needs, or takes nothing of what is sent to them."""

import asyncio
import base64
import json
import os
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.conf import LazySettings
from websockets.frames import Frame, Opcode

from accounts.models import User
from chatsite.asgi import application
from rooms import limits
from rooms.limits import MAX_POLLING_TABS
from rooms.models import Room
from rooms.realtime import lifecycle
from rooms.realtime.fanout import log_reader
from rooms.realtime.presence.tracker import Presence, presence
from tests import servers
from tests.api.caller import Caller
from tests.rooms.conftest import session_of
from tests.rooms.realtime.conftest import LOBBY, Connect, Line
from tests.rooms.realtime.sockets import expect_bye, say
from tests.scripts import Script

pytestmark = [pytest.mark.security, pytest.mark.rules, pytest.mark.django_db(transaction=True)]

MIB = 1024 * 1024
# As docs/protocol.md has them.
MOST = 20
AT_ONCE = 100
HELD = 8 * MIB
# What the hub may put behind a full transport, and Twisted keeps before it calls itself full.
OF_ONE_SOCKET = MIB + 64 * 1024


async def first(line: Line) -> dict[str, Any]:
    while not line.events:
        await line.take()
    return line.events[0]


# --- How many --------------------------------------------------------------------------------------------------------


async def test_of_sixty_sockets_of_one_person_twenty_are_let_in(
    room: Room, alice: User, bob: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    enter = log_reader.read_entry
    monkeypatch.setattr(log_reader, "read_entry", lambda *args: read.append(args) or enter(*args))  # type: ignore[func-returns-value]

    lines = [await connect(LOBBY if number % 3 == 0 else room, bob) for number in range(60)]

    answers = [await first(line) for line in lines]
    assert [answer["type"] for answer in answers] == ["welcome"] * MOST + ["bye"] * (60 - MOST)
    for line in lines[MOST:]:
        bye = await expect_bye(line, 4429, "too_many_sockets")
        assert bye["retry_ms"] >= 30_000
        assert "Close some" in bye["detail"]
    # Nothing was read for those who were refused, and nobody hears of them.
    assert len(read) == len([line for number, line in enumerate(lines[:MOST]) if number % 3])
    assert lifecycle.hub().registry.count() == MOST
    assert (await first(await connect(room, alice)))["type"] == "welcome"


async def test_who_closes_one_may_open_one(room: Room, bob: User, connect: Connect) -> None:
    lines = [await connect(room, bob) for _ in range(MOST)]
    for line in lines:
        await line.next("welcome")
    await expect_bye(await connect(room, bob), 4429, "too_many_sockets")
    await lines[0].hang_up()
    await (await connect(room, bob)).next("welcome")


async def test_a_load_test_opens_as_many_as_it_likes(
    room: Room, bob: User, connect: Connect, settings: LazySettings
) -> None:
    settings.RATE_LIMITS = False
    for _ in range(MOST + 5):
        await (await connect(LOBBY, bob)).next("welcome")


async def test_entering_again_and_again_is_slowed_down(
    room: Room, alice: User, bob: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without waiting for it: the clock of the limits stands still.
    now = limits.tally._clock()
    monkeypatch.setattr(limits.tally, "_clock", lambda: now)
    for number in range(AT_ONCE):
        line = await connect(LOBBY if number % 2 else room, bob)
        assert (await first(line))["type"] == "welcome"
        await line.hang_up()
    for key in (LOBBY, room):
        bye = await expect_bye(await connect(key, bob), 4429, "too_fast")
        assert 0 < bye["retry_ms"] <= 2_000
    assert (await first(await connect(room, alice)))["type"] == "welcome"
    now += 1
    await (await connect(room, bob)).next("welcome")


async def test_entering_by_ever_new_frames_is_slowed_down(
    room: Room, bob: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = limits.tally._clock()
    monkeypatch.setattr(limits.tally, "_clock", lambda: now)
    line = await connect(room, bob)
    await line.next("welcome")
    for _ in range(AT_ONCE - 1):
        await line.send({"type": "enter"})
        await line.next("welcome")
    await line.send({"type": "enter"})
    refused = await line.next("error")
    assert (refused["code"], refused["room"]) == ("too_fast", str(room.pk))
    assert 0 < refused["retry_ms"] <= 2_000
    now += 1
    await line.send({"type": "enter"})
    await line.next("welcome")


@pytest.mark.django_db(transaction=False)
def test_a_page_that_polls_under_ever_new_names_is_slowed_down(
    room: Room, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However long the calls take: the clock of the limits stands still.
    now = limits.tally._clock()
    monkeypatch.setattr(limits.tally, "_clock", lambda: now)
    call = Caller(bob)

    def enter(tab: str, since: float | None = None) -> tuple[int, Any]:
        asked = {"rooms": [{"room": str(room.pk), "after": 2}], "here": tab, "attend": str(room.pk), "since": since}
        return call("POST", "v1/poll", asked)

    answers = [enter(f"tab-{number}") for number in range(AT_ONCE + 5)]
    since = answers[AT_ONCE - 1][1]["since"]
    assert [status for status, _answer in answers] == [200] * AT_ONCE + [429] * 5
    # Who is there already goes on.
    assert enter(f"tab-{AT_ONCE - 1}", since)[0] == 200


@pytest.mark.django_db(transaction=False)
def test_one_person_is_present_under_so_many_names_and_no_more(room: Room, bob: User) -> None:
    here = Presence()
    here.publish_changes(lambda: None)
    for number in range(1_000):
        here.poll(room.pk, bob, f"tab-{number}")
    [told] = here.records(here.local_keys()).values()
    assert told is not None
    assert len(told.tabs) == MAX_POLLING_TABS
    assert here.count(room.pk) == 1
    # One that was forgotten comes in again.
    assert here.poll(room.pk, bob, "tab-0").left is not None


async def test_ten_pages_come_back_after_each_restart(site: servers.Site) -> None:
    alice = Script(site.url, "alice")
    room = alice.call("POST", "/api/rooms", {"name": "Lobby"})["id"]
    for _restart in range(3):
        lines = [await alice.line(room, after=1).__aenter__() for _ in range(10)]
        for line in lines:
            await line.until(lambda line=line: line.events)
        assert [line.events[0]["type"] for line in lines] == ["welcome"] * 10
        await asyncio.to_thread(site.stop)
        assert {await line.until_closed() for line in lines} == {4412}
        for line in lines:
            await line.__aexit__()
        await asyncio.to_thread(site.start)


# --- Who takes nothing -----------------------------------------------------------------------------------------------


class Stuck:
    """A client whose line takes what has been let through, and nothing else, while it can still send."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.frames: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.flows = asyncio.Event()
        self.flows.set()

    async def send(self, message: dict[str, Any]) -> None:
        await self.flows.wait()
        self.sent.append(message)

    def says(self, text: str) -> None:
        self.frames.put_nowait({"type": "websocket.receive", "text": text})

    @property
    def close_code(self) -> int | None:
        return next((message["code"] for message in self.sent if message["type"] == "websocket.close"), None)


Stick = Callable[[Room | object, User], Awaitable[Stuck]]


@pytest.fixture
async def stick() -> Any:
    running: list[tuple[Stuck, asyncio.Task[None]]] = []

    async def stick(room: Room, user: User) -> Stuck:
        stuck = Stuck()
        token = await sync_to_async(session_of)(user)
        scope = {
            "type": "websocket", "path": "/ws/", "query_string": f"v=2&enter={room.pk}&after=2&attend=1".encode(),
            "subprotocols": [], "headers": [(b"x-session-token", token.encode())],
        }  # fmt: skip
        stuck.frames.put_nowait({"type": "websocket.connect"})
        running.append((stuck, asyncio.create_task(application(scope, stuck.frames.get, stuck.send))))
        await until(lambda: '"present"' in str(stuck.sent))
        return stuck

    yield stick
    for stuck, task in running:
        stuck.flows.set()
        stuck.frames.put_nowait({"type": "websocket.disconnect", "code": 1006})
        await task
    await lifecycle.stop()


async def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 (it is another task that changes it)
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    "frame", [{"type": "typing"}, {"type": "away", "away": True}, {"type": "ack", "seq": 3}, {"type": "attend"}]
)
async def test_who_takes_nothing_is_closed_whatever_they_send(
    room: Room, alice: User, bob: User, stick: Stick, monkeypatch: pytest.MonkeyPatch, frame: dict[str, Any]
) -> None:
    monkeypatch.setattr("rooms.realtime.connections.backpressure.STALLED_AFTER", 2.0)
    his = await stick(room, bob)
    await say(room, alice, "This is taken")
    await until(lambda: "This is taken" in str(his.sent))
    his.flows.clear()
    await say(room, alice, "This is not")
    hub = lifecycle.hub()
    for _ in range(100):
        his.says(json.dumps({"room": str(room.pk), **frame}))
        await asyncio.sleep(0.1)
        if not hub.registry.of(bob.pk):
            break
    assert not hub.registry.of(bob.pk)
    his.flows.set()
    await until(lambda: his.close_code)
    assert his.close_code == 4408
    assert '"too_slow"' in his.sent[-2]["text"]


async def test_who_acknowledges_more_each_time_is_alive(
    room: Room, alice: User, bob: User, stick: Stick, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.realtime.connections.backpressure.STALLED_AFTER", 2.0)
    his = await stick(room, bob)
    await say(room, alice, *map(str, range(8)))
    await until(lambda: '"body":"7"' in str(his.sent))
    his.flows.clear()
    await say(room, alice, "A long way")
    for seq in range(3, 11):
        his.says(json.dumps({"type": "ack", "room": str(room.pk), "seq": seq}))
        await asyncio.sleep(0.5)
    assert lifecycle.hub().registry.of(bob.pk)
    his.flows.set()
    await until(lambda: "A long way" in str(his.sent))
    assert his.close_code is None


async def test_what_waits_for_one_person_is_bounded_over_all_their_sockets(
    room: Room, alice: User, bob: User, stick: Stick
) -> None:
    theirs = [await stick(room, bob) for _ in range(MOST)]
    for stuck in theirs:
        stuck.flows.clear()
    hub = lifecycle.hub()
    most = 0
    # A little less than may wait for one socket.
    for _ in range(90):
        await say(room, alice, "x" * 9_000)
        most = max(most, sum(socket.held() for socket in hub.registry.of(bob.pk)))
    await asyncio.sleep(2.2)
    left = hub.registry.of(bob.pk)
    assert 0 < len(left) < MOST
    assert sum(socket.held() for socket in left) <= HELD
    assert most <= MOST * OF_ONE_SOCKET
    assert presence.count(room.pk) == 1


async def test_a_client_that_missed_much_is_sent_the_newest_page_and_no_more(
    room: Room, alice: User, connect: Connect
) -> None:
    # Each of these takes three bytes a character: 240 of them are over 6 MiB.
    for number in range(240):
        await say(room, alice, f"{number} " + "語" * 9_000)
    line = await connect(room, alice, after=2)
    assert (await line.next("welcome"))["resumed"] is False
    page = await line.next("reset")
    assert [row["seq"] for row in page["messages"]] == list(range(143, 243))
    assert page["more"] is True
    near = await connect(room, alice, after=140)
    assert (await near.next("welcome"))["resumed"] is True
    assert [(await near.next("message"))["seq"] for _ in range(102)] == list(range(141, 243))


# --- On a live server: sockets that nobody reads ---------------------------------------------------------------------


@pytest.fixture
def counting(tmp_path: Path) -> Iterator[tuple[servers.Site, Path]]:
    held = tmp_path / "held"
    with servers.site(env={"SECURITY_HELD": str(held)}, program="tests.security.serve") as site:
        yield site, held


def never_read(script: Script, room: str) -> socket.socket:
    """Shake hands, and read nothing after that; the kernel on our side takes as little as it can."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect((servers.HOST, int(script.url.rsplit(":", 1)[1])))
    key = base64.b64encode(os.urandom(16)).decode()
    line.sendall(
        f"GET /ws/?v=2&enter={room}&attend=1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nX-Session-Token: {script.token}\r\n\r\n".encode()
    )
    line.setblocking(False)
    return line


def type_on(lines: list[socket.socket], room: str) -> None:
    frame = Frame(Opcode.TEXT, json.dumps({"type": "typing", "room": room}).encode()).serialize(mask=True)
    for line in lines:
        try:
            line.send(frame)
        except OSError:
            line.close()


@pytest.mark.django_db(transaction=False)
async def test_sockets_that_nobody_reads_cost_little_and_not_for_long(counting: tuple[servers.Site, Path]) -> None:
    site, held = counting
    people = [Script(site.url, name) for name in ("alice", "bob")]
    room = people[0].call("POST", "/api/rooms", {"name": "Lobby"})["id"]
    people[1].call("POST", f"/api/rooms/{room}/join")
    for _ in range(100):
        # The longest page that there is: some 4 MB.
        people[0].call("POST", f"/api/rooms/{room}/messages", {"client_id": uuid4().hex, "body": "👋" * 9_990})
    page = 4 * MIB

    lines = [never_read(person, room) for _ in range(20) for person in people]
    for _ in range(30):
        type_on([line for line in lines if line.fileno() >= 0], room)
        await asyncio.sleep(0.5)

    most, now = map(int, held.read_text().split())
    assert most <= len(people) * (HELD + page)
    assert now == 0
    assert people[0].status("GET", "/api/me") == 200
    for line in lines:
        line.close()
