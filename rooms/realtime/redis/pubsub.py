"""Between the hub and the channel layer: hints to and from the site's other processes.

Nothing about the channel layer may fail or delay a socket, a page or a post. So everything here runs in the background,
with a time-out and a bounded queue, and what is lost the hub's look at the heads makes good within a second.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID, uuid4

from channels.layers import get_channel_layer

from rooms.events import Json
from rooms.realtime.fanout.log_reader import LogEvent

logger = logging.getLogger(__name__)

# Seconds that one call of the channel layer may take.
TIMEOUT = 5.0
# Seconds to wait after a failure.
PAUSE = 1.0
# Seconds between two messages to oneself, and after which one that has not come back shows that the layer is away.
BEAT_EVERY = 2.0
BEAT_LATE = 6.0
# Hints that may wait; more are dropped, oldest kept, for the heads query to make good.
MAX_WAITING = 1_000

# The group of every process, whichever rooms are open in it.
SITE = "site"

Deliver = Callable[[UUID, list[LogEvent]], None]
# What is told besides rows: a "kind", and what belongs to it.
Hear = Callable[[Json], None]


def group_of(room_id: UUID) -> str:
    return f"room.{room_id.hex}"


class Relay:
    """One channel for the whole process, in the site's group and in those of the rooms that are open in it."""

    def __init__(self, deliver: Deliver, hear: Hear) -> None:
        self._deliver = deliver
        self._hear = hear
        self._origin = uuid4().hex
        # Which groups to be in, and which the channel layer has been told of: the difference is work to do, however
        # often rooms open and close while it is away.
        self._wanted = {SITE}
        self._joined: set[str] = set()
        self._work: deque[tuple[str, Json]] = deque()
        self._woken = asyncio.Event()
        self._channel = ""
        # Whether the channel layer brings what it is given; and when it last did, by the loop's clock.
        self.is_well = True
        self._heard_at = 0.0

    @property
    def waiting(self) -> int:
        return len(self._work)

    def subscribe(self, room_id: UUID) -> None:
        self._wanted.add(group_of(room_id))
        self._woken.set()

    def unsubscribe(self, room_id: UUID) -> None:
        self._wanted.discard(group_of(room_id))
        self._woken.set()

    def publish(self, room_id: UUID, events: list[LogEvent]) -> None:
        # Ids travel as text: the layers' serialisers know no UUID.
        rows = [[*event._replace(subject_id=None), event.subject_id and event.subject_id.hex] for event in events]
        self._send(group_of(room_id), {"room": room_id.hex, "rows": rows})

    def tell(self, room_id: UUID, news: Json) -> None:
        """Tell something in passing to the processes in which the room is open."""
        self._send(group_of(room_id), {**news, "room": room_id.hex})

    def tell_all(self, news: Json) -> None:
        self._send(SITE, news)

    def _send(self, group: str, message: Json) -> None:
        if self._channel and len(self._work) < MAX_WAITING:
            self._work.append((group, {"type": "site.news", "origin": self._origin, **message}))
            self._woken.set()

    async def run(self) -> None:
        layer = get_channel_layer()
        if layer is None:
            return
        while not self._channel:
            try:
                async with asyncio.timeout(TIMEOUT):
                    self._channel = await layer.new_channel()
            except Exception as error:
                self._is_away(error)
                await asyncio.sleep(PAUSE)
        await asyncio.gather(self._tell(layer), self._listen(layer), self._beat(layer))

    async def _tell(self, layer: Any) -> None:
        while True:
            self._woken.clear()
            try:
                await self._do_work(layer)
                await self._woken.wait()
            except Exception as error:
                self._is_away(error)
                await asyncio.sleep(PAUSE)

    async def _do_work(self, layer: Any) -> None:
        while self._wanted != self._joined or self._work:
            for group in self._wanted - self._joined:
                await self._in_time(layer.group_add(group, self._channel))
                self._joined.add(group)
            for group in self._joined - self._wanted:
                # Whether or not the layer hears of it: it is a group that may be joined anew.
                self._joined.discard(group)
                await self._in_time(layer.group_discard(group, self._channel))
            if self._work:
                group, message = self._work.popleft()
                await self._in_time(layer.group_send(group, message))

    async def _in_time(self, work: Coroutine[Any, Any, None]) -> None:
        # Not wait_for, which in Python 3.11 may swallow a cancellation, after which the hub could not be stopped.
        async with asyncio.timeout(TIMEOUT):
            await work

    async def _listen(self, layer: Any) -> None:
        while True:
            try:
                message = await layer.receive(self._channel)
            except Exception as error:
                logger.warning("A hint of the channel layer was lost: %s", error)
                await asyncio.sleep(PAUSE)
                continue
            self._is_here()
            try:
                if message["origin"] != self._origin:
                    self._take(message)
            except Exception as error:
                # Of a process of another version, perhaps, which sends many: those behind it wait for nothing.
                logger.warning("A hint of another process cannot be read: %r", error)

    async def _beat(self, layer: Any) -> None:
        """Send oneself a message now and then: a layer that has gone while all are quiet is noticed by that alone."""
        loop = asyncio.get_running_loop()
        self._heard_at = loop.time()
        while True:
            try:
                await self._in_time(layer.send(self._channel, {"type": "site.beat", "origin": self._origin}))
            except Exception as error:
                self._is_away(error)
            await asyncio.sleep(BEAT_EVERY)
            if loop.time() - self._heard_at > BEAT_LATE:
                self._is_away("what is sent does not arrive")

    def _is_here(self) -> None:
        self._heard_at = asyncio.get_running_loop().time()
        if not self.is_well:
            self.is_well = True
            logger.warning("The channel layer is back.")

    def _is_away(self, why: object) -> None:
        # Said once: everybody is served without it, and it may be away for long.
        if self.is_well:
            self.is_well = False
            logger.warning("The channel layer is away; news between processes takes up to a second: %s", why)

    def _take(self, message: Json) -> None:
        if "rows" not in message:
            self._hear(message)
            return
        rows = [
            LogEvent(*fields)._replace(subject_id=UUID(subject) if subject else None)
            for *fields, subject in message["rows"]
        ]
        self._deliver(UUID(message["room"]), rows)
