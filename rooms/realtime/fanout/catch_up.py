"""Reads the rows that a room's sockets lack, once for all of them: after a gap, and when the room is opened here."""

import logging
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from rooms.realtime.fanout import head_queries, log_reader
from rooms.realtime.fanout.live_room import LiveRoom
from rooms.realtime.fanout.live_rooms import LiveRooms
from rooms.realtime.log_events import LogEvent
from rooms.realtime.metrics import counts
from rooms.realtime.threads import in_database

logger = logging.getLogger(__name__)


class CatchUp:
    """On the event loop.

    ``start`` runs a coroutine in the background; ``deliver`` is given the rows; ``on_gap`` is called when the
    reconciler has to ask again, though nothing is committed.
    """

    def __init__(
        self,
        rooms: LiveRooms,
        *,
        start: Callable[[Coroutine[Any, Any, None]], object],
        deliver: Callable[[UUID, list[LogEvent]], None],
        on_gap: Callable[[], None],
    ) -> None:
        self._rooms = rooms
        self._start = start
        self._deliver = deliver
        self._on_gap = on_gap

    async def read_head(self, room: LiveRoom) -> None:
        """Find out how far the log of a room is that has just been opened here; raises what the database raises."""
        head = await in_database(head_queries.read, room.room_id)
        room.head, room.hash = head or (0, "")
        # The head may be older than the reconciler's latest question, which did not ask about this room.
        self._on_gap()
        if room.behind:
            self.catch_up(room)

    def catch_up(self, room: LiveRoom) -> None:
        """Read the rows after the room's head in the background."""
        room.behind = True
        if not room.catching_up:
            room.catching_up = True
            counts.catch_ups += 1
            self._start(self._read_up(room))

    async def _read_up(self, room: LiveRoom) -> None:
        try:
            while room.behind and room.head is not None and self._rooms.is_open(room):
                room.behind = False
                events = await in_database(log_reader.rows_after, room.room_id, room.head)
                self._deliver(room.room_id, events)
                room.behind = room.behind or len(events) == log_reader.CHUNK
        except Exception:
            # The reconciler finds this room behind again within a second.
            self._on_gap()
            logger.warning("A room's rows could not be read", exc_info=True)
        finally:
            room.catching_up = False
