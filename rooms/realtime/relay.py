"""Between the hub and the channel layer: hints to and from the site's other processes.

Nothing about the channel layer may fail or delay a socket, a page or a post. So everything here runs in the background,
with a time-out and a bounded queue, and what is lost the hub's look at the heads makes good within a second.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from channels.layers import get_channel_layer

from rooms.realtime.reading import LogEvent

logger = logging.getLogger(__name__)

# Seconds that one call of the channel layer may take.
TIMEOUT = 5.0
# Seconds to wait after a failure.
PAUSE = 1.0
# Hints that may wait; more are dropped, oldest kept, for the heads query to make good.
MAX_WAITING = 1_000

Deliver = Callable[[UUID, list[LogEvent]], None]


def group_of(room_id: UUID) -> str:
    return f"room.{room_id.hex}"


class Relay:
    """One channel for the whole process, in the groups of the rooms that are open in it."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._origin = uuid4().hex
        self._work: asyncio.Queue[tuple[str, UUID, Any]] = asyncio.Queue()
        self._channel = ""

    def subscribe(self, room_id: UUID) -> None:
        self._work.put_nowait(("group_add", room_id, None))

    def unsubscribe(self, room_id: UUID) -> None:
        self._work.put_nowait(("group_discard", room_id, None))

    def publish(self, room_id: UUID, events: list[LogEvent]) -> None:
        if self._work.qsize() < MAX_WAITING:
            self._work.put_nowait(("group_send", room_id, events))

    async def run(self) -> None:
        layer = get_channel_layer()
        if layer is None:
            return
        while not self._channel:
            try:
                self._channel = await asyncio.wait_for(layer.new_channel(), TIMEOUT)
            except Exception as error:
                logger.warning("The channel layer is away: %s", error)
                await asyncio.sleep(PAUSE)
        await asyncio.gather(self._tell(layer), self._listen(layer))

    async def _tell(self, layer: Any) -> None:
        while True:
            verb, room_id, events = await self._work.get()
            try:
                await asyncio.wait_for(self._do(layer, verb, room_id, events), TIMEOUT)
            except Exception as error:
                logger.warning("The channel layer did not take a %s: %s", verb, error)

    async def _do(self, layer: Any, verb: str, room_id: UUID, events: list[LogEvent] | None) -> None:
        if events is None:
            await getattr(layer, verb)(group_of(room_id), self._channel)
            return
        # Ids travel as text: the layers' serialisers know no UUID.
        rows = [[event.seq, event.kind, event.subject_id and event.subject_id.hex, event.text] for event in events]
        message = {"type": "log.rows", "origin": self._origin, "room": room_id.hex, "rows": rows}
        await layer.group_send(group_of(room_id), message)

    async def _listen(self, layer: Any) -> None:
        while True:
            try:
                message = await layer.receive(self._channel)
                if message["origin"] != self._origin:
                    rows = [
                        LogEvent(seq, kind, UUID(subject) if subject else None, text)
                        for seq, kind, subject, text in message["rows"]
                    ]
                    self._deliver(UUID(message["room"]), rows)
            except Exception as error:
                logger.warning("A hint of the channel layer was lost: %s", error)
                await asyncio.sleep(PAUSE)
