"""The extension that writes frames straight to daphne's transports does what the plain ASGI way does."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.frames import Frame as TheirFrame, Opcode

from rooms.realtime.connections import eager_task
from rooms.realtime.connections.frames import Frame, text_frame
from tests import servers
from tests.scripts import Script


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_a_frame_is_made_as_others_make_it(length: int) -> None:
    payload = ("é" * length).encode()[:length]
    assert text_frame(payload) == TheirFrame(Opcode.TEXT, payload).serialize(mask=False)


def test_a_frame_is_the_same_text_both_ways() -> None:
    frame = Frame(['{"a":"é👋"}', '{"b":2}'])
    assert json.loads(frame.text) == [{"a": "é👋"}, {"b": 2}]
    assert frame.wire == text_frame(frame.text.encode())


async def test_a_send_that_has_to_wait_goes_on_in_a_task() -> None:
    done: list[str] = []
    gate = asyncio.Event()

    async def send(word: str, *, waits: bool) -> None:
        if waits:
            await gate.wait()
            await asyncio.sleep(0)
        done.append(word)

    assert eager_task.run(send("at once", waits=False)) is None
    task = eager_task.run(send("later", waits=True))
    assert (task is not None, done) == (True, ["at once"])
    gate.set()
    await task  # type: ignore[misc]
    assert done == ["at once", "later"]


async def test_a_send_that_fails_says_so_both_at_once_and_later() -> None:
    async def fail(*, waits: bool) -> None:
        if waits:
            await asyncio.sleep(0)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        eager_task.run(fail(waits=False))
    task = eager_task.run(fail(waits=True))
    assert task is not None
    with pytest.raises(ConnectionError):
        await task


# --- On a live server, with the extension and without it --------------------------------------------------------------


@pytest.fixture(params=servers.PROGRAMS, scope="module")
def live_site(request: pytest.FixtureRequest) -> Iterator[servers.Site]:
    with servers.site(program=request.param) as site:
        yield site


@pytest.fixture(scope="module")
def cast(live_site: servers.Site) -> dict[str, Script]:
    return {name: Script(live_site.url, name) for name in ("alice", "bob")}


def room_of(cast: dict[str, Script], name: str) -> str:
    room: str = cast["alice"].call("POST", "/api/rooms", {"name": name})["id"]
    cast["bob"].call("POST", f"/api/rooms/{room}/join")
    return room


def in_order(rows: list[dict[str, Any]]) -> bool:
    seqs = [row["seq"] for row in rows]
    return seqs == list(range(seqs[0], seqs[0] + len(seqs)))


async def test_all_read_the_same_rows_in_order(cast: dict[str, Script]) -> None:
    room = room_of(cast, "Order")
    words = [f"{number} é👋" for number in range(50)]
    async with cast["alice"].line(room) as alice, cast["bob"].line(room) as bob:
        await alice.say(*words)
        assert await alice.until_words(50) == await bob.until_words(50) == words
        assert in_order(alice.rows())
        assert in_order(bob.rows())
        assert [row["hash"] for row in alice.rows()] == [row["hash"] for row in bob.rows()]


async def test_a_removed_user_is_sent_that_row_and_no_more(cast: dict[str, Script]) -> None:
    room = room_of(cast, "Removal")
    me = cast["bob"].call("GET", "/api/me")["id"]
    async with cast["alice"].line(room) as alice, cast["bob"].line(room) as bob:
        await bob.until(lambda: any(event["type"] == "welcome" for event in bob.events))
        await asyncio.to_thread(cast["alice"].call, "DELETE", f"/api/rooms/{room}/members/{me}")
        await alice.say("not for bob")
        assert await bob.until_ended() == 4403
        await alice.until_words(1)
        assert bob.rows()[-1]["kind"] == "removed"
        assert bob.events[-1]["type"] == "ended"
        assert not bob.words()


async def test_a_client_that_does_not_read_for_a_while_misses_nothing(cast: dict[str, Script]) -> None:
    """Some long messages are more than the kernel takes: the rest waits in the transport, then in the hub."""
    room = room_of(cast, "Slow")
    words = [f"{number} {'x' * 9_900}" for number in range(90)]
    async with cast["alice"].line(room) as alice:
        await alice.say(*words[:60])
        await alice.until_words(60)
        line = cast["bob"].line(room, after=0)
        # The library reads a few frames ahead and then no more.
        line.receive_buffer = 4_096
        async with line as bob:
            bob.pause()
            await alice.say(*words[60:])
            await alice.until_words(90)
            bob.resume()
            assert await bob.until_words(90) == words
            assert in_order(bob.rows())
