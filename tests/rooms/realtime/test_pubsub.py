"""Two processes and what is between them: hints over Redis, and the heads query when there are none."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import pytest
from channels.layers import BaseChannelLayer, InMemoryChannelLayer, channel_layers
from channels_redis.pubsub import RedisPubSubChannelLayer

from rooms.realtime.log_events import LogEvent
from rooms.realtime.redis.pubsub import PubSub, group_of
from tests import servers

PATIENCE = 10.0
EVENTS = [LogEvent(1, "text", None, '{"seq":1}', "aa", "00"), LogEvent(2, "removed", uuid4(), '{"seq":2}', "bb", "aa")]


class Process:
    """As much of another process as the pubsub sees: what was delivered to it."""

    def __init__(self) -> None:
        self.delivered: asyncio.Queue[tuple[UUID, list[LogEvent]]] = asyncio.Queue()
        self.notices: asyncio.Queue[dict[str, object]] = asyncio.Queue()
        self.pubsub = PubSub(
            on_rows=lambda room_id, events: self.delivered.put_nowait((room_id, events)),
            on_notice=self.notices.put_nowait,
        )
        self.task = asyncio.get_running_loop().create_task(self.pubsub.run())

    async def end(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@pytest.fixture(params=["in memory", "over redis"])
def layer(request: pytest.FixtureRequest) -> Iterator[BaseChannelLayer]:
    if request.param == "in memory":
        layer: BaseChannelLayer = InMemoryChannelLayer()
    else:
        redis: servers.Redis = request.getfixturevalue("redis")
        layer = RedisPubSubChannelLayer(hosts=[redis.url])
    before = channel_layers.set("default", layer)
    yield layer
    channel_layers.set("default", before)


async def test_rows_reach_the_other_process_and_not_oneself(layer: BaseChannelLayer) -> None:
    room, other_room = uuid4(), uuid4()
    here, there = Process(), Process()
    for process in (here, there):
        process.pubsub.subscribe(room)
    there.pubsub.subscribe(other_room)
    there.pubsub.unsubscribe(other_room)
    await asyncio.sleep(0.5)
    here.pubsub.publish(other_room, EVENTS)
    here.pubsub.publish(room, EVENTS)
    assert await asyncio.wait_for(there.delivered.get(), PATIENCE) == (room, EVENTS)
    assert here.delivered.empty()
    assert there.delivered.empty()
    await asyncio.gather(here.end(), there.end())
    await layer.flush()


async def test_what_has_no_row_reaches_the_other_process_too(layer: BaseChannelLayer) -> None:
    room = uuid4()
    here, there = Process(), Process()
    there.pubsub.subscribe(room)
    await asyncio.sleep(0.5)
    here.pubsub.broadcast_to_room(room, {"kind": "typing"})
    here.pubsub.broadcast({"kind": "renamed"})
    notices = [await asyncio.wait_for(there.notices.get(), PATIENCE) for _ in range(2)]
    assert [notice["kind"] for notice in notices] == ["typing", "renamed"]
    assert notices[0]["room"] == room.hex
    assert here.notices.empty()
    await asyncio.gather(here.end(), there.end())
    await layer.flush()


async def test_while_redis_is_gone_the_log_says_so_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The layer tries again each second, and has a traceback for each failure."""
    logger, failures = logging.getLogger("channels_redis.pubsub"), list[str]()
    log_exception = logger.exception

    def failed(message: str) -> None:
        failures.append(message)
        log_exception(message)

    monkeypatch.setattr(logger, "exception", failed)
    monkeypatch.setattr("rooms.realtime.redis.pubsub.BEAT_EVERY", 0.1)
    with servers.redis() as redis:
        layer = RedisPubSubChannelLayer(hosts=[redis.url])
        before = channel_layers.set("default", layer)
        process = Process()
        await until(lambda: bool(process.pubsub._joined))
        redis.kill()
        await until(lambda: not process.pubsub.is_well and len(failures) >= 3)
        redis.start()
        await until(lambda: process.pubsub.is_well)
        await process.end()
        await layer.flush()
        channel_layers.set("default", before)
    lines = [record.getMessage().partition(";")[0] for record in caplog.records if record.levelno >= logging.WARNING]
    assert lines == ["The channel layer is away", "The channel layer is back."]
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("fault", ["killed", "paused"])
async def test_it_notices_by_itself_that_redis_is_away_and_back(
    fault: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("rooms.realtime.redis.pubsub.BEAT_EVERY", 0.1)
    monkeypatch.setattr("rooms.realtime.redis.pubsub.BEAT_LATE", 0.5)
    with servers.redis() as redis:
        layer = RedisPubSubChannelLayer(hosts=[redis.url])
        before = channel_layers.set("default", layer)
        process = Process()
        await asyncio.sleep(1)
        assert process.pubsub.is_well
        redis.kill() if fault == "killed" else redis.pause()
        await until(lambda: not process.pubsub.is_well)
        redis.start() if fault == "killed" else redis.resume()
        await until(lambda: process.pubsub.is_well)
        await process.end()
        await layer.flush()
        channel_layers.set("default", before)
    said = [record.message for record in caplog.records if record.name == "rooms.realtime.redis.pubsub"]
    assert len(said) == 2
    assert said[-1] == "The channel layer is back."


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 (it is another task that changes it)
            await asyncio.sleep(0.05)


async def test_what_cannot_be_read_holds_up_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("rooms.realtime.redis.pubsub.PAUSE", 1_000)
    layer, room = InMemoryChannelLayer(), uuid4()
    before = channel_layers.set("default", layer)
    here, there = Process(), Process()
    there.pubsub.subscribe(room)
    await asyncio.sleep(0.5)
    for rows in ([[1, "text"]], None, "nonsense"):
        await layer.group_send(group_of(room), {"type": "site.news", "origin": "older", "room": room.hex, "rows": rows})
    here.pubsub.publish(room, EVENTS)
    assert await asyncio.wait_for(there.delivered.get(), PATIENCE) == (room, EVENTS)
    await asyncio.gather(here.end(), there.end())
    channel_layers.set("default", before)
    assert caplog.text.count("cannot be read") == 3


async def test_a_group_that_could_not_be_joined_is_joined_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rooms.realtime.redis.pubsub.PAUSE", 0.05)
    layer, failures = InMemoryChannelLayer(), 3
    join = layer.group_add

    async def away(group: str, channel: str) -> None:
        nonlocal failures
        failures -= 1
        if failures >= 0:
            raise ConnectionError("Redis is away")
        await join(group, channel)

    monkeypatch.setattr(layer, "group_add", away)
    before = channel_layers.set("default", layer)
    room = uuid4()
    here, there = Process(), Process()
    there.pubsub.subscribe(room)
    await asyncio.sleep(0.6)
    here.pubsub.publish(room, EVENTS)
    assert await asyncio.wait_for(there.delivered.get(), PATIENCE) == (room, EVENTS)
    await asyncio.gather(here.end(), there.end())
    channel_layers.set("default", before)
