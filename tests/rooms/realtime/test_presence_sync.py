"""Processes that tell each other over Redis who is here, and what they show when it is away, hangs or forgets."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings
from redis.asyncio import Redis

from accounts.models import User
from rooms.realtime.hub import UPKEEP_EVERY
from rooms.realtime.presence import announcer
from rooms.realtime.presence.tracker import Move, Presence
from rooms.realtime.redis import peer_reader, presence_shard, presence_sync
from rooms.realtime.redis.presence_codec import PROCESSES
from rooms.realtime.redis.presence_sync import PresenceSync
from tests import servers

PATIENCE = 15.0
ROOM, OTHER_ROOM = uuid4(), uuid4()
LEASE = 0.9


class Process:
    """As much of a process as presence needs. Its hints reach the ``others``, unless they are lost."""

    def __init__(self, urls: list[str]) -> None:
        self.presence = Presence()
        self.others: list[Process] = []
        self.hints: list[dict[str, Any]] = []
        self.hints_are_lost = False
        self.shown: set[UUID] = set()
        self.moves: list[Move] = []
        loop = asyncio.get_running_loop()
        self.sync = PresenceSync(
            self.presence, urls, broadcast=self.broadcast, call=loop.call_soon_threadsafe, on_merged=self.show
        )  # fmt: skip
        self.task = loop.create_task(self.sync.run())

    def broadcast(self, notice: dict[str, Any]) -> None:
        self.hints.append(notice)
        for other in self.others:
            if not self.hints_are_lost:
                other.sync.receive(notice)

    def show(self, rooms: Any, moves: list[Move]) -> None:
        self.shown |= set(rooms)
        self.moves += moves

    def names(self, room: UUID = ROOM) -> list[str]:
        self.presence.stale_rooms()
        return sorted(str(person["username"]) for person in self.presence.people(room))

    async def end(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


def test_by_default_the_people_of_a_killed_process_are_gone_within_30_seconds(settings: LazySettings) -> None:
    noticed = settings.PRESENCE_LEASE * (1 + 1 / presence_shard.BEATS)
    assert noticed + presence_sync.RESTART_GRACE + UPKEEP_EVERY + announcer.PRESENCE_BATCH_MAX < 30


Start = Callable[..., list[Process]]


@pytest.fixture
async def redis(redis: servers.Redis) -> servers.Redis:
    """Without the leases of earlier tests."""
    client: Any = Redis.from_url(redis.url)
    await client.flushall()
    await client.aclose()
    return redis


@pytest.fixture
def own_redis() -> Iterator[servers.Redis]:
    """One that may be stopped."""
    with servers.redis() as server:
        yield server


@pytest.fixture
async def start(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    settings.PRESENCE_LEASE = LEASE
    monkeypatch.setattr(presence_shard, "PAUSE", 0.1)
    monkeypatch.setattr(peer_reader, "TIMEOUT", 0.5)
    monkeypatch.setattr(presence_sync, "RESTART_GRACE", 1.0)
    monkeypatch.setattr("rooms.realtime.presence.tracker.GRACE", 0.3)
    processes: list[Process] = []

    def start(count: int, *urls: str) -> list[Process]:
        new = [Process(list(urls)) for _ in range(count)]
        processes.extend(new)
        for process in processes:
            process.others = [other for other in processes if other is not process]
        return new

    yield start
    await asyncio.gather(*(process.end() for process in processes))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 (what is awaited here is several processes' doing)
            await asyncio.sleep(0.02)


def user(name: str) -> User:
    return User(username=name)


async def test_each_process_shows_the_people_of_all(start: Start, redis: servers.Redis) -> None:
    one, two = start(2, redis.url)
    alice, bob = user("alice"), user("bob")
    one.presence.enter(ROOM, alice, "a")
    two.presence.enter(ROOM, bob, "b")
    await until(lambda: one.names() == two.names() == ["alice", "bob"])
    assert ROOM in one.shown & two.shown
    one.presence.exit(ROOM, "a", alice.pk)
    await until(lambda: one.names() == two.names() == ["bob"])
    (late,) = start(1, redis.url)
    await until(lambda: late.names() == ["bob"])


async def test_a_word_is_followed_at_once_and_a_lost_one_at_the_next_beat(
    start: Start, redis: servers.Redis, settings: LazySettings
) -> None:
    settings.PRESENCE_LEASE = 60.0
    one, two = start(2, redis.url)
    one.presence.enter(ROOM, user("alice"), "a")
    await until(lambda: two.names() == ["alice"])
    one.hints_are_lost, hints = True, len(one.hints)
    one.presence.enter(ROOM, user("bob"), "b")
    await until(lambda: len(one.hints) > hints)
    one.hints_are_lost = False
    one.presence.enter(ROOM, user("charlie"), "c")
    # The next hint does not continue the last one, so everything is read.
    await until(lambda: two.names() == ["alice", "bob", "charlie"])


async def test_without_any_hint_the_beat_is_enough(start: Start, redis: servers.Redis) -> None:
    one, two = start(2, redis.url)
    one.hints_are_lost = two.hints_are_lost = True
    alice = user("alice")
    one.presence.enter(ROOM, alice, "a")
    await until(lambda: two.names() == ["alice"])
    one.presence.exit(ROOM, "a", alice.pk)
    await until(lambda: two.names() == [])


async def test_the_people_of_a_killed_process_are_gone_after_the_lease(start: Start, redis: servers.Redis) -> None:
    one, two = start(2, redis.url)
    one.presence.enter(ROOM, user("alice"), "a")
    two.presence.enter(ROOM, user("bob"), "b")
    await until(lambda: two.names() == ["alice", "bob"])
    await one.end()
    await until(lambda: two.names() == ["bob"])
    client: Any = Redis.from_url(redis.url, decode_responses=True)
    kept = await client.smembers(PROCESSES)
    await client.aclose()
    # Nothing is left of it.
    assert one.hints[0]["process"] not in kept
    assert two.hints[0]["process"] in kept


async def test_a_process_that_ends_withdraws_its_records_and_its_users_may_come_back(
    start: Start, redis: servers.Redis, settings: LazySettings
) -> None:
    settings.PRESENCE_LEASE = 60.0
    one, two = start(2, redis.url)
    alice, bob = user("alice"), user("bob")
    one.presence.enter(ROOM, alice, "a")
    one.presence.enter(ROOM, bob, "b")
    await until(lambda: two.names() == ["alice", "bob"])
    two.presence.flush(ROOM)
    await one.sync.withdraw()
    await until(lambda: not two.presence.keys_from(one.hints[0]["process"]))
    two.presence.enter(ROOM, alice, "again")
    assert two.presence.flush(ROOM) is None
    await until(lambda: two.names() == ["alice"])


@pytest.mark.parametrize("fault", ["killed", "paused"])
async def test_without_redis_each_process_shows_its_own_and_finds_the_others_again(
    start: Start, own_redis: servers.Redis, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    one, two = start(2, own_redis.url)
    one.presence.enter(ROOM, user("alice"), "a")
    two.presence.enter(ROOM, user("bob"), "b")
    await until(lambda: one.names() == two.names() == ["alice", "bob"])
    own_redis.kill() if fault == "killed" else own_redis.pause()
    try:
        await until(lambda: one.names() == ["alice"] and two.names() == ["bob"])
        assert not one.sync.is_up
        one.presence.enter(ROOM, user("charlie"), "c")
        assert one.names() == ["alice", "charlie"]
    finally:
        own_redis.start() if fault == "killed" else own_redis.resume()
    await until(lambda: one.names() == two.names() == ["alice", "bob", "charlie"])
    await until(lambda: one.sync.is_up and two.sync.is_up)
    # Once for each process, however often it tried.
    assert caplog.text.count("only its own people") == caplog.text.count("Redis answers again") == 2


async def test_a_short_absence_of_redis_is_not_seen(start: Start, own_redis: servers.Redis) -> None:
    one, two = start(2, own_redis.url)
    one.presence.enter(ROOM, user("alice"), "a")
    await until(lambda: two.names() == ["alice"])
    two.presence.flush(ROOM)
    own_redis.kill()
    own_redis.start()
    await until(lambda: one.sync.is_up and two.sync.is_up)
    await asyncio.sleep(2 * LEASE)
    assert two.names() == ["alice"]
    assert two.presence.flush(ROOM) is None


async def test_what_redis_forgets_is_written_anew(start: Start, own_redis: servers.Redis) -> None:
    one, two = start(2, own_redis.url)
    alice = user("alice")
    one.presence.enter(ROOM, alice, "a")
    one.presence.enter(ROOM, user("bob"), "b")
    await until(lambda: two.names() == ["alice", "bob"])
    two.presence.flush(ROOM)
    client: Any = Redis.from_url(own_redis.url)
    await client.flushall()
    # A write right behind it: Redis holds that one and nothing of what was before.
    one.presence.exit(ROOM, "a", alice.pk)
    await until(lambda: two.names() == ["bob"])
    await asyncio.sleep(2 * LEASE)
    assert two.names() == ["bob"]
    (late,) = start(1, own_redis.url)
    await until(lambda: late.names() == ["bob"])
    await client.aclose()


async def test_one_room_at_a_time_is_healed_from_redis(start: Start, redis: servers.Redis) -> None:
    one, two = start(2, redis.url)
    alice = user("alice")
    one.presence.enter(ROOM, alice, "here")
    await until(lambda: two.names() == ["alice"])
    # Nothing tells of the move but the records in Redis.
    two.presence.enter(OTHER_ROOM, alice, "there")
    await until(lambda: bool(one.moves))
    assert one.moves == [Move(alice.pk, OTHER_ROOM, {ROOM})]
    # A beat of `two` may read the record of the old room again before `one` has withdrawn it.
    await until(lambda: one.names() == two.names() == [])
    await until(lambda: one.names(OTHER_ROOM) == two.names(OTHER_ROOM) == ["alice"])


async def test_a_user_removed_by_a_late_notice_is_found_again(start: Start, redis: servers.Redis) -> None:
    one, two = start(2, redis.url)
    alice = user("alice")
    one.presence.enter(ROOM, alice, "here")
    await until(lambda: two.names() == ["alice"])
    two.presence.expel(ROOM, alice.pk)
    assert two.names() == []
    await until(lambda: two.names() == ["alice"])


class SlowWay:
    """A way to Redis on which everything takes so many seconds longer."""

    def __init__(self, port: int, seconds: float) -> None:
        self._port = port
        self._seconds = seconds
        self._writers: list[asyncio.StreamWriter] = []
        self._ways: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> str:
        self._server = await asyncio.start_server(self._connect, servers.HOST, 0)
        return f"redis://{servers.HOST}:{self._server.sockets[0].getsockname()[1]}/0"

    async def __aexit__(self, *exc_info: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
        await asyncio.gather(*self._ways)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_redis, to_redis = await asyncio.open_connection(servers.HOST, self._port)
        self._writers += [writer, to_redis]
        for here, there in ((reader, to_redis), (from_redis, writer)):
            self._ways.append(asyncio.create_task(self._pass_on(here, there)))

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                await asyncio.sleep(self._seconds)
                writer.write(data)
        writer.close()


async def test_a_slow_redis_is_but_slow(
    start: Start, redis: servers.Redis, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PRESENCE_LEASE = 3.0
    monkeypatch.setattr(peer_reader, "TIMEOUT", 10.0)
    async with SlowWay(redis.port, 0.15) as url:
        one, two = start(2, url)
        one.presence.enter(ROOM, user("alice"), "a")
        two.presence.enter(ROOM, user("bob"), "b")
        await until(lambda: one.names() == two.names() == ["alice", "bob"])
        for process in (one, two):
            process.presence.flush(ROOM)
        await asyncio.sleep(settings.PRESENCE_LEASE + 1)
        assert one.names() == two.names() == ["alice", "bob"]
        assert one.sync.is_up
        assert two.sync.is_up
        await asyncio.gather(one.end(), two.end())


async def test_rooms_are_spread_over_several_redis(
    start: Start, redis: servers.Redis, own_redis: servers.Redis
) -> None:
    one, two = start(2, redis.url, own_redis.url)
    rooms, alice = [uuid4() for _ in range(16)], user("alice")
    one.presence.enter(rooms[0], alice, "elsewhere by now")
    for number, room in enumerate(rooms):
        one.presence.enter(room, user(f"person{number}"), "tab")
    await until(lambda: all(two.names(room) == [f"person{number}"] for number, room in enumerate(rooms) if number))
    own_redis.kill()
    (late,) = start(1, redis.url, own_redis.url)
    await until(lambda: any(late.names(room) for room in rooms) and not late.sync.is_up)
    assert not all(late.names(room) for room in rooms)
    own_redis.start()
    await until(lambda: all(late.names(room) for room in rooms))


async def test_many_records_travel_in_parts(
    start: Start, redis: servers.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence_shard, "CHUNK", 7)
    monkeypatch.setattr(peer_reader, "CHUNK", 7)
    one, two = start(2, redis.url)
    people = [user(f"person{number:02}") for number in range(40)]
    for person in people:
        one.presence.enter(ROOM, person, person.username)
    await until(lambda: len(two.names()) == 40)
    (late,) = start(1, redis.url)
    await until(lambda: len(late.names()) == 40)
    for person in people[1:]:
        one.presence.exit(ROOM, person.username, person.pk)
    await until(lambda: two.names() == late.names() == ["person00"])


async def test_quiet_rooms_cost_a_beat_and_nothing_else(start: Start, own_redis: servers.Redis) -> None:
    one, two = start(2, own_redis.url)
    for number in range(100):
        one.presence.enter(uuid4(), user(f"person{number}"), "tab")
    await until(lambda: len(two.presence.rooms()) == 100)
    client: Any = Redis.from_url(own_redis.url)
    await asyncio.sleep(LEASE)
    hints, before = len(one.hints), (await client.info("commandstats"))
    await asyncio.sleep(3 * LEASE)
    after = await client.info("commandstats")
    assert len(one.hints) == hints
    calls = {name: stat["calls"] - before.get(name, {"calls": 0})["calls"] for name, stat in after.items()}
    beats = calls.pop("cmdstat_smembers")
    assert beats <= 2 * 3 * presence_shard.BEATS / 0.8 + 2
    assert {name for name, count in calls.items() if count} <= {
        "cmdstat_pexpire",
        "cmdstat_hget",
        "cmdstat_hlen",
        "cmdstat_info",
    }
    await client.aclose()


async def test_an_address_that_cannot_be_read_fails_nobody(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    (process,) = start(1, "no address at all")
    process.presence.enter(ROOM, user("alice"), "a")
    await until(lambda: not process.sync.is_up)
    assert process.names() == ["alice"]
    assert "only its own people" in caplog.text


async def test_without_redis_in_the_settings_there_is_nothing_to_do(start: Start) -> None:
    (process,) = start(1)
    process.presence.enter(ROOM, user("alice"), "a")
    await process.sync.withdraw()
    assert process.sync.is_up
    assert process.hints == []
