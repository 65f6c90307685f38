"""The rooms with sockets in this process. A room is opened for its first socket, or poll, and closed after the last."""

import asyncio
from collections.abc import Callable
from uuid import UUID

from rooms.realtime.connections.frames import Frame
from rooms.realtime.connections.sockets import Subscription
from rooms.realtime.fanout.live_room import LiveRoom


class LiveRooms:
    """On the event loop, but for ``count``. ``on_open`` starts to read the room's head, ``on_close`` forgets it."""

    def __init__(self, *, on_open: Callable[[LiveRoom], asyncio.Task[None]], on_close: Callable[[UUID], None]) -> None:
        self.by_id: dict[UUID, LiveRoom] = {}
        self._on_open = on_open
        self._on_close = on_close

    def count(self) -> int:
        """Return how many rooms are open; from any thread."""
        return len(self.by_id)

    def get(self, room_id: UUID) -> LiveRoom | None:
        return self.by_id.get(room_id)

    def is_open(self, room: LiveRoom) -> bool:
        return self.by_id.get(room.room_id) is room

    def add(self, subscription: Subscription) -> LiveRoom:
        """Add a socket whose first rows are still to be read, opening the room if it is the first one."""
        room = self._opened(subscription.room_id)
        room.subscriptions[subscription] = None
        room.entering.add(subscription)
        return room

    def hold(self, room_id: UUID, until: float) -> LiveRoom:
        """Open the room, if it is not, and keep it open until then (loop's seconds) without a socket, too."""
        room = self._opened(room_id)
        room.polled_until = max(room.polled_until, until)
        return room

    def _opened(self, room_id: UUID) -> LiveRoom:
        room = self.by_id.get(room_id)
        if room is None:
            room = self.by_id[room_id] = LiveRoom(room_id)
            room.opened = self._on_open(room)
        return room

    def discard(self, subscription: Subscription) -> None:
        """Forget a subscription; the room is closed with its last one, unless it is polled."""
        room = self.by_id.get(subscription.room_id)
        if room is None:
            return
        room.subscriptions.pop(subscription, None)
        room.entering.discard(subscription)
        if not room.subscriptions and not room.polled_until:
            self.close(room)

    def close_unpolled(self, now: float) -> None:
        """Close the rooms without a socket that are polled no more."""
        for room in list(self.by_id.values()):
            if room.polled_until <= now:
                room.polled_until = 0.0
                if not room.subscriptions:
                    self.close(room)

    def close(self, room: LiveRoom) -> None:
        """Know no more of a room in which no socket is."""
        if self.is_open(room):
            del self.by_id[room.room_id]
            self._on_close(room.room_id)

    def send(self, room_id: UUID, text: str, *, but: UUID | None = None) -> None:
        """Send an encoded event that is no row to everybody in the room, except the user ``but``."""
        if room := self.by_id.get(room_id):
            room.send_frame(Frame([text]), but=but)
