"""Delivers a room's log to its sockets: in order, without a gap, and not to a user whose membership a row ends.

The database is the truth; a row that is announced, here or by another process, is a hint that there is more to read. If
it is the next one after the room's head it is passed on at once; otherwise the rows in between are read first.
"""

import logging
from collections.abc import Callable
from uuid import UUID

from django.utils.translation import gettext as _

from rooms import errors
from rooms.models import Message
from rooms.realtime import protocol
from rooms.realtime.fanout.live_room import LiveRoom
from rooms.realtime.fanout.live_rooms import LiveRooms
from rooms.realtime.fanout.subscriptions import Subscriptions
from rooms.realtime.log_events import LogEvent
from rooms.realtime.metrics import counts

logger = logging.getLogger(__name__)


class Delivery:
    """On the event loop.

    ``flush_soon`` has ``flush`` called in this turn of the loop; ``catch_up`` reads what a room lacks; ``on_ending`` is
    called when a row has ended a membership, and no socket of a new membership is there.
    """

    def __init__(
        self,
        rooms: LiveRooms,
        subscriptions: Subscriptions,
        *,
        flush_soon: Callable[[], None],
        catch_up: Callable[[LiveRoom], None],
        on_ending: Callable[[UUID, UUID], None],
    ) -> None:
        self._rooms = rooms
        self._flush_soon = flush_soon
        self._subscriptions = subscriptions
        self._catch_up = catch_up
        self._on_ending = on_ending
        # Rooms with rows that were enqueued in this turn of the loop.
        self._unsent: set[LiveRoom] = set()

    def deliver(self, room_id: UUID, events: list[LogEvent]) -> None:
        """Pass rows on to the room's sockets if they are the next ones; otherwise read the rows in between first."""
        room = self._rooms.get(room_id)
        if room is None or not events:
            return
        if room.head is None:
            room.behind = True
            return
        head = room.head
        events = [event for event in events if event.seq > head]
        if not events:
            return
        if [event.seq for event in events] != list(range(head + 1, head + 1 + len(events))):
            self._catch_up(room)
            return
        if events[0].previous != room.hash:
            self.restart(room)
            return
        room.head, room.hash = events[-1].seq, events[-1].hash
        start = 0
        for index, event in enumerate(events):
            if error := event.ending():
                # The user whose membership this row ends is sent the row, and nothing that follows it.
                self._enqueue(room, events[start : index + 1])
                room.flush()
                self._end_membership(room, event, error)
                start = index + 1
        self._enqueue(room, events[start:])
        if any(event.kind == Message.Kind.DELETED for event in events):
            room.flush()
            self.close_room(room_id)

    def _enqueue(self, room: LiveRoom, events: list[LogEvent]) -> None:
        if not events:
            return
        room.enqueue(events)
        counts.deliveries += len(events) * len(room.subscriptions)
        if not self._unsent:
            self._flush_soon()
        self._unsent.add(room)

    def flush(self) -> None:
        """Send the rows of this turn of the loop: those that are ready together travel together, and none waits."""
        rooms, self._unsent = self._unsent, set()
        for room in rooms:
            room.flush()

    def _end_membership(self, room: LiveRoom, event: LogEvent, error: errors.RoomError) -> None:
        theirs = [one for one in room.subscriptions if one.user_id == event.subject_id]
        # A socket that entered after this row belongs to a new membership; one that is still entering is judged there.
        for one in theirs:
            if one.backlog is None and one.entered_at < event.seq:
                self._subscriptions.end(one, error)
        if event.subject_id is not None and all(one.is_over for one in theirs):
            self._on_ending(room.room_id, event.subject_id)

    def restart(self, room: LiveRoom) -> None:
        """Close all sockets of a room whose log is not the one that they were sent: a backup was restored meanwhile.

        They come back, are judged by the memberships that there are now, and get a `reset` for the hash that they name.
        """
        logger.warning("The database is an earlier one: %d sockets of a room start anew", len(room.subscriptions))
        detail = _("The site was put back to an earlier state. You will be back in a moment.")
        for subscription in list(room.subscriptions):
            self._subscriptions.close(subscription.socket, protocol.come_back("restored", detail))
        self._rooms.close(room)

    def close_room(self, room_id: UUID) -> None:
        """Tell everybody in the room that it is deleted."""
        room = self._rooms.get(room_id)
        if room is None:
            return
        for subscription in list(room.subscriptions):
            self._subscriptions.end(subscription, errors.RoomDeleted())
        self._rooms.close(room)
