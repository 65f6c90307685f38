"""Publishes to the site's other processes, and receives from them, over the channel layer (Redis in production).

Nothing about the channel layer may fail or delay a socket, a page or a post. So everything here runs in the background,
with a time-out and a bounded queue. The reconciler makes good within a second what is lost.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID, uuid4

from channels.layers import get_channel_layer

from rooms.events import Json
from rooms.realtime.log_events import LogEvent

logger = logging.getLogger(__name__)

# Seconds that one call of the channel layer may take.
TIMEOUT = 5.0
# Seconds to wait after a failure.
PAUSE = 1.0
# Seconds between two messages to this process itself, and after which one that has not come back shows that the layer
# is away.
BEAT_EVERY = 2.0
BEAT_LATE = 6.0
# Messages that may wait. More are dropped, the oldest kept, and the reconciler makes that good.
MAX_WAITING = 1_000

# The group that every process is in, whichever rooms are open in it.
SITE = "site"

# Given a room's rows that another process has committed.
OnRows = Callable[[UUID, list[LogEvent]], None]
# Given what else another process publishes, a notice: a "kind", and the fields of that kind.
OnNotice = Callable[[Json], None]


def group_of(room_id: UUID) -> str:
    return f"room.{room_id.hex}"


class PubSub:
    """One channel for the whole process, in the site's group and in those of the rooms that are open in it."""

    def __init__(self, *, on_rows: OnRows, on_notice: OnNotice) -> None:
        self._on_rows = on_rows
        self._on_notice = on_notice
        self._origin = uuid4().hex
        # The groups to be in, and those that have been joined: the difference is what is left to do, however often
        # rooms open and close while the channel layer is away.
        self._wanted = {SITE}
        self._joined: set[str] = set()
        self._queue: deque[tuple[str, Json]] = deque()
        self._woken = asyncio.Event()
        self._channel = ""
        # Whether the channel layer delivers what is sent, and when it did last, in the loop's seconds.
        self.is_well = True
        self._received_at = 0.0

    @property
    def waiting(self) -> int:
        """Return how many messages wait to be sent."""
        return len(self._queue)

    def subscribe(self, room_id: UUID) -> None:
        self._wanted.add(group_of(room_id))
        self._woken.set()

    def unsubscribe(self, room_id: UUID) -> None:
        self._wanted.discard(group_of(room_id))
        self._woken.set()

    def publish(self, room_id: UUID, events: list[LogEvent]) -> None:
        """Send rows to the processes in which the room is open; it queues, and waits for nothing."""
        # Ids travel as text: the layers' serialisers know no UUID.
        rows = [[*event._replace(subject_id=None), event.subject_id and event.subject_id.hex] for event in events]
        self._send(group_of(room_id), {"room": room_id.hex, "rows": rows})

    def broadcast_to_room(self, room_id: UUID, notice: Json) -> None:
        """Send a notice to the processes in which the room is open; it queues, and waits for nothing."""
        self._send(group_of(room_id), {**notice, "room": room_id.hex})

    def broadcast(self, notice: Json) -> None:
        """Send a notice to all other processes; it queues, and waits for nothing."""
        self._send(SITE, notice)

    def _send(self, group: str, message: Json) -> None:
        if self._channel and len(self._queue) < MAX_WAITING:
            self._queue.append((group, {"type": "site.news", "origin": self._origin, **message}))
            self._woken.set()

    async def run(self) -> None:
        """Send and receive until cancelled; returns at once on a site without a channel layer."""
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
        await asyncio.gather(self._send_all(layer), self._receive(layer), self._beat(layer))

    async def _send_all(self, layer: Any) -> None:
        while True:
            self._woken.clear()
            try:
                await self._drain_queue(layer)
                await self._woken.wait()
            except Exception as error:
                self._is_away(error)
                await asyncio.sleep(PAUSE)

    async def _drain_queue(self, layer: Any) -> None:
        while self._wanted != self._joined or self._queue:
            for group in self._wanted - self._joined:
                await self._in_time(layer.group_add(group, self._channel))
                self._joined.add(group)
            for group in self._joined - self._wanted:
                # Also if the call fails: the group may be joined again later.
                self._joined.discard(group)
                await self._in_time(layer.group_discard(group, self._channel))
            if self._queue:
                group, message = self._queue.popleft()
                await self._in_time(layer.group_send(group, message))

    async def _in_time(self, work: Coroutine[Any, Any, None]) -> None:
        # Not wait_for, which in Python 3.11 may swallow a cancellation, after which the hub could not be stopped.
        async with asyncio.timeout(TIMEOUT):
            await work

    async def _receive(self, layer: Any) -> None:
        while True:
            try:
                message = await layer.receive(self._channel)
            except Exception as error:
                logger.warning("A message of the channel layer was lost: %s", error)
                await asyncio.sleep(PAUSE)
                continue
            self._is_here()
            try:
                if message["origin"] != self._origin:
                    self._take(message)
            except Exception as error:
                # It may come from a process of another release: the messages behind it are handled all the same.
                logger.warning("A message of another process cannot be read: %r", error)

    async def _beat(self, layer: Any) -> None:
        """Send this process a message now and then: only so is it noticed that the layer is gone while nobody talks."""
        loop = asyncio.get_running_loop()
        self._received_at = loop.time()
        while True:
            try:
                await self._in_time(layer.send(self._channel, {"type": "site.beat", "origin": self._origin}))
            except Exception as error:
                self._is_away(error)
            await asyncio.sleep(BEAT_EVERY)
            if loop.time() - self._received_at > BEAT_LATE:
                self._is_away("what is sent does not arrive")

    def _is_here(self) -> None:
        self._received_at = asyncio.get_running_loop().time()
        if not self.is_well:
            self.is_well = True
            logger.warning("The channel layer is back.")

    def _is_away(self, why: object) -> None:
        # Logged once: everybody is served without the channel layer, and it may be away for long.
        if self.is_well:
            self.is_well = False
            logger.warning("The channel layer is away; news between processes takes up to a second: %s", why)

    def _take(self, message: Json) -> None:
        if "rows" not in message:
            self._on_notice(message)
            return
        rows = [
            LogEvent(*fields)._replace(subject_id=UUID(subject) if subject else None)
            for *fields, subject in message["rows"]
        ]
        self._on_rows(UUID(message["room"]), rows)
