"""What waits for clients that do not take it: how long one may stand still, and how much of one person's may wait.

A socket is slow while its transport is full. What it sends shows that somebody is there, not that they take anything:
only bytes that have gone, or an ``ack`` of more rows than the last one, count as life.
"""

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from rooms.realtime.connections.sockets import Socket

if TYPE_CHECKING:
    from rooms.realtime.hub import Hub

# Seconds in which a slow client has to take something, as for HTTP (chatsite/flow.py).
STALLED_AFTER = 60.0
# Bytes that may wait for all sockets of one person in this process: two of the longest pages of a room. Between two
# looks each may add what one may hold (sockets.MAX_PENDING), and a page is sent before it is known whether it is taken.
MAX_HELD = 8 * 1024 * 1024


class Progress(NamedTuple):
    """How far a slow socket was when it last got on."""

    times_full: int
    acked: int
    untaken: int
    at: float


class Backpressure:
    """A part of the hub, on its event loop."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._slow: dict[Socket, Progress] = {}

    def look(self) -> None:
        """Close who has stood still for too long, and the fullest of whose sockets hold too much: once a second."""
        now = self._hub.loop.time()
        slow = [(socket, room_id) for socket, room_id in self._hub.people.all() if socket.is_full and not socket.closed]
        self._slow = {socket: self._progress(socket, now) for socket, _room_id in slow}
        for socket, room_id in slow:
            if now - self._slow[socket].at > STALLED_AFTER:
                socket.close_slow()
                self._hub.leave(socket, room_id)
        for user_id in {socket.user_id for socket, _room_id in slow}:
            self.relieve(user_id)

    def relieve(self, user_id: UUID) -> None:
        """Hang up on the fullest sockets of somebody until the others hold no more than they may."""
        slow = [(socket.held(), socket, room_id) for socket, room_id in self._hub.people.of(user_id) if socket.is_full]
        total = sum(held for held, _socket, _room_id in slow)
        for held, socket, room_id in sorted(slow, key=lambda one: one[0], reverse=True):
            if total <= MAX_HELD:
                return
            total -= held
            socket.close_slow(at_once=True)
            self._hub.leave(socket, room_id)

    def _progress(self, socket: Socket, now: float) -> Progress:
        present = Progress(socket.times_full, socket.acked, socket.untaken(), now)
        before = self._slow.get(socket)
        if before is None or present.times_full != before.times_full:
            return present
        # Our own pings go to the end of what waits: more of it is no progress, and no step back either.
        got_on = present.acked > before.acked or present.untaken < before.untaken
        return present if got_on else before
