"""Who is here, across two processes: one list, exact in quiet, which survives a killed process and a lost Redis."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any

import pytest
from redis import Redis

from rooms.realtime.presence.tracker import GRACE, POLL_LEASE
from tests.cluster import Cluster, cluster
from tests.faults.pair import Page, Pair, here, until
from tests.scripts import Line, Script

pytestmark = pytest.mark.faults

# Shorter than the default, so that the tests need not wait; what follows a lease's end is as it is served.
LEASE = 3.0


@pytest.fixture(scope="module")
def running() -> Iterator[Cluster]:
    with cluster(2, nginx=False, PRESENCE_LEASE=str(LEASE)) as running:
        yield running


@pytest.fixture
def pair(running: Cluster) -> Pair:
    return Pair(running)


def exits(line: Line) -> list[str]:
    return [person["username"] for event in line.events if event["type"] == "presence" for person in event["exited"]]


def asked(person: Script, room: str) -> list[str]:
    return sorted(one["username"] for one in person.call("GET", f"/api/rooms/{room}/presence")["people"])


def told_names(line: Line) -> list[str]:
    return [event["display_name"] for event in line.events if event["type"] == "person"]


def shown(person: Script, room: str) -> list[str]:
    return sorted(one["display_name"] for one in person.call("GET", f"/api/rooms/{room}/presence")["people"])


def counted(person: Script, room: str) -> int:
    (listed,) = [one for one in person.call("GET", "/api/rooms?scope=mine")["rooms"] if one["id"] == room]
    return int(listed["here"])


@contextmanager
def words_are_lost(running: Cluster) -> Iterator[Redis]:
    """Let Redis refuse all that processes tell each other in passing; it stores and answers as before."""
    client = Redis.from_url(running.redis.url)
    client.acl_setuser("default", enabled=True, reset_channels=True)
    try:
        yield client
    finally:
        client.acl_setuser("default", enabled=True, channels=["*"])
        # Who was refused does not ask again on that connection.
        client.client_kill_filter(_type="pubsub")
        client.close()


async def test_both_processes_show_both_people(running: Cluster, pair: Pair) -> None:
    async with pair.lines() as (hers, his):
        assert asked(pair.alice, pair.room) == asked(pair.bob, pair.room) == pair.both
        await his.send("away", away=True)
        await until(lambda: any(event.get("away") for event in hers.events if event["type"] == "presence"))
    async with pair.alice.line(pair.room) as hers:
        await until(lambda: here(hers) == pair.both[:1])
        # Bob's own process counts her, too, where nobody is connected to the room now.
        await until(lambda: counted(pair.bob, pair.room) == 1)
        await until(lambda: asked(pair.bob, pair.room) == pair.both[:1])
    await until(lambda: counted(pair.alice, pair.room) == counted(pair.bob, pair.room) == 0)
    assert not any("Traceback" in site.log() for site in running.sites)


async def test_the_people_of_a_killed_process_are_gone_within_30_seconds(running: Cluster, pair: Pair) -> None:
    async with pair.lines() as (hers, _his):
        killed_at = time.monotonic()
        running.sites[1].kill()
        try:
            await until(lambda: here(hers) == pair.both[:1])
            # The default lease is 9 s longer than this one.
            assert time.monotonic() - killed_at < 30 - 9
        finally:
            running.sites[1].start()
        await until(lambda: asked(pair.bob, pair.room) == pair.both[:1])


async def test_a_restart_shows_nobody_going_who_comes_back_by_the_other(running: Cluster, pair: Pair) -> None:
    async with pair.lines() as (hers, his):
        running.sites[1].stop()
        try:
            await until(lambda: his.close_code is not None)
            await asyncio.sleep(his.events[-1]["retry_ms"] / 1000)
            async with pair.bob.at(pair.first).line(pair.room) as again:
                await until(lambda: here(again) == pair.both)
                await asyncio.sleep(10)
                assert here(hers) == pair.both
                assert exits(hers) == []
        finally:
            running.sites[1].start()


@pytest.mark.parametrize("fault", ["killed", "paused"])
async def test_without_redis_each_shows_its_own_and_with_it_all_again(running: Cluster, pair: Pair, fault: str) -> None:
    async with pair.lines() as (hers, his):
        running.redis.kill() if fault == "killed" else running.redis.pause()
        try:
            asked_at = time.monotonic()
            assert asked(pair.alice, pair.room) == pair.both
            assert pair.alice.call("GET", f"/api/rooms/{pair.room}/messages?after=0")["messages"]
            assert time.monotonic() - asked_at < 2
            await until(lambda: here(his) == pair.both[1:])
        finally:
            running.redis.start() if fault == "killed" else running.redis.resume()
        await until(lambda: here(hers) == here(his) == pair.both)
        assert hers.close_code is his.close_code is None
    # One line when it goes and one when it is back.
    assert not any("Traceback" in site.log() for site in running.sites)


async def test_what_redis_forgets_is_told_anew_and_nobody_is_said_to_go(running: Cluster, pair: Pair) -> None:
    async with pair.lines() as (hers, his):
        with Redis.from_url(running.redis.url) as client:
            client.flushall()
        await asyncio.sleep(LEASE * 2)
        assert here(hers) == here(his) == pair.both
        assert exits(hers) == exits(his) == []
        with Redis.from_url(running.redis.url) as client:
            assert client.scard("chatsite:presence:1") == 2


async def test_a_removed_user_is_gone_everywhere_at_once(running: Cluster, pair: Pair) -> None:
    me = pair.bob.call("GET", "/api/me")["id"]
    page = Page(pair.room, "tab")
    assert page.moved_to(pair.bob) is None
    async with pair.alice.line(pair.room) as hers:
        await until(lambda: here(hers) == pair.both)
        removed_at = time.monotonic()
        pair.alice.call("DELETE", f"/api/rooms/{pair.room}/members/{me}")
        await until(lambda: here(hers) == asked(pair.alice.at(pair.second), pair.room) == pair.both[:1])
        # Not only when the lease of a page that polls has run out, and the grace after it.
        assert time.monotonic() - removed_at < POLL_LEASE + GRACE - 2


async def test_a_page_may_ask_now_one_process_and_now_the_other(running: Cluster, pair: Pair) -> None:
    first, second = pair.bob.at(pair.first), pair.bob
    page, other = Page(pair.room, "tab"), Page(pair.library, "other")

    def presence(person: Script, version: int | None = None) -> Any:
        (news,) = page.poll(person, presence=version)["rooms"]
        return news["presence"]

    page.poll(first)
    await until(lambda: all((presence(person) or {"version": 0})["version"] for person in (first, second)))
    version = None
    for person in (first, second, first, second):
        told = presence(person, version)
        assert told is None or version is None
        version = version or told["version"]
    # Attending another room by one of them moves them at both, as does coming back there.
    assert other.moved_to(second) is None
    await until(lambda: asked(first, pair.library) == pair.both[1:])
    assert page.moved_to(first) == page.moved_to(second) == pair.library
    assert other.moved_to(first) is None
    await until(lambda: asked(first, pair.room) == [])


async def test_who_comes_and_goes_before_it_is_announced_stays_in_nobodys_list(running: Cluster, pair: Pair) -> None:
    """A welcome or a polled list in between may not name them, for nothing would tell that they are gone."""
    lists: dict[int, list[str]] = {}
    hers, first = Page(pair.room, "tab"), pair.bob.at(pair.first)
    async with AsyncExitStack() as stack:
        lines = []
        for number in range(8):
            await asyncio.to_thread(Page(pair.room, f"here-{number}").poll, first)
            lines.append(await stack.enter_async_context(pair.alice.line(pair.room)))
            (news,) = (await asyncio.to_thread(hers.poll, pair.alice))["rooms"]
            polled = news["presence"] or {"version": 0, "people": []}
            names = [person["username"] for person in polled["people"]]
            assert lists.setdefault(polled["version"], names) == names
            await asyncio.to_thread(Page(pair.library, f"there-{number}").poll, first)
        await until(lambda: asked(pair.alice, pair.room) == asked(pair.bob, pair.room) == pair.both[:1])
        await until(lambda: all(here(line) == pair.both[:1] for line in lines))


async def test_of_two_pages_that_attend_two_rooms_at_once_by_two_processes_one_goes_on(
    running: Cluster, pair: Pair
) -> None:
    """A proxy sends each poll to another process, which may not take the next poll of either for a new entry."""
    first, second = pair.bob.at(pair.first), pair.bob
    for number in range(5):
        room, library = Page(pair.room, f"room-{number}"), Page(pair.library, f"library-{number}")
        assert room.moved_to(first) is None
        assert library.moved_to(second) is None
        await until(lambda: all(asked(person, pair.library) == pair.both[1:] for person in (first, second)))
        await until(lambda: all(asked(person, pair.room) == [] for person in (first, second)))
        for person in (second, first, second, first):
            assert room.moved_to(person) == pair.library
            assert library.moved_to(person) is None


# --- Last, because the channel layer takes some seconds to recover ---------------------------------------------------


async def test_one_room_at_a_time_holds_where_the_word_of_a_move_is_lost(running: Cluster, pair: Pair) -> None:
    async with pair.lines() as (hers, his):
        page = Page(pair.room, "tab")
        assert page.moved_to(pair.bob) is None
        with words_are_lost(running):
            async with pair.bob.at(pair.first).line(pair.library) as there:
                # Their other connection goes on, and attends none.
                await his.until(lambda: [event for event in his.events if event["type"] == "moved"])
                assert [event["room"] for event in his.events if event["type"] == "moved"] == [pair.library]
                assert page.moved_to(pair.bob) == pair.library
                await until(lambda: here(hers) == pair.both[:1])
                await until(lambda: asked(pair.bob, pair.library) == asked(pair.alice, pair.library) == pair.both[1:])
                assert there.close_code is his.close_code is None


async def test_a_new_name_is_shown_by_all_processes_where_the_word_of_it_is_lost(running: Cluster, pair: Pair) -> None:
    async with pair.lines() as (hers, his):
        with words_are_lost(running):
            pair.bob.call("PATCH", "/api/me", {"display_name": "Robert"})
            await until(lambda: told_names(hers)[-1:] == told_names(his)[-1:] == ["Robert"])
            names = ["Robert", pair.alice.username]
            first, second = pair.alice, pair.alice.at(pair.second)
            await until(lambda: shown(first, pair.room) == shown(second, pair.room) == names)


async def test_who_is_removed_and_asks_is_gone_where_the_word_of_it_is_lost(running: Cluster, pair: Pair) -> None:
    me = pair.bob.call("GET", "/api/me")["id"]
    with words_are_lost(running):
        page = Page(pair.room, "tab")
        assert page.moved_to(pair.bob) is None
        await until(lambda: asked(pair.alice, pair.room) == asked(pair.bob, pair.room) == pair.both[1:])
        pair.alice.call("DELETE", f"/api/rooms/{pair.room}/members/{me}")
        await until(lambda: asked(pair.alice, pair.room) == [])
        (news,) = page.poll(pair.bob)["rooms"]
        assert (news["ended"]["code"], news["ended"]["reason"]) == (4403, "removed")
        await until(lambda: asked(pair.alice.at(pair.second), pair.room) == [])
