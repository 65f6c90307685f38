"""Closes clients that do not take what is sent: those that stand still, and those for which too much waits.

A socket is slow while its transport is full. A frame from the client shows that somebody is there, not that they take
anything: only bytes that have gone, or an ``ack`` of more rows than the last one, count as progress.
"""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from rooms.realtime.connections.registry import ConnectionRegistry, Disconnect
from rooms.realtime.connections.sockets import Socket

# Seconds in which a slow client has to take something, as for HTTP (chatsite/server/http_backpressure.py).
STALLED_AFTER = 60.0
# Bytes that may wait for all sockets of one user in this process: two of the longest pages of a room. Between two
# checks each socket may add what one may hold (sockets.MAX_PENDING), and a page is sent before it is known whether it
# is taken.
MAX_HELD = 8 * 1024 * 1024


class Progress(NamedTuple):
    """How far a slow socket was when it took something last."""

    times_full: int
    times_acked: int
    untaken: int
    at: float


class Backpressure:
    """On the event loop. ``clock`` is the loop's."""

    def __init__(self, registry: ConnectionRegistry, *, clock: Callable[[], float], disconnect: Disconnect) -> None:
        self._registry = registry
        self._clock = clock
        self._disconnect = disconnect
        self._slow: dict[Socket, Progress] = {}

    def check(self) -> None:
        """Close sockets that stood still for too long, and the fullest ones of users for whom too much waits."""
        now = self._clock()
        slow = [socket for socket in self._registry.all() if socket.is_full and not socket.closed]
        self._slow = {socket: self._progress(socket, now) for socket in slow}
        for socket in slow:
            if now - self._slow[socket].at > STALLED_AFTER:
                socket.close_slow()
                self._disconnect(socket)
        for user_id in {socket.user_id for socket in slow}:
            self.relieve(user_id)

    def relieve(self, user_id: UUID) -> None:
        """Hang up on a user's fullest sockets until the others hold ``MAX_HELD`` bytes at most."""
        slow = [(socket.held(), socket) for socket in self._registry.of(user_id) if socket.is_full]
        total = sum(held for held, _socket in slow)
        for held, socket in sorted(slow, key=lambda one: one[0], reverse=True):
            if total <= MAX_HELD:
                return
            total -= held
            socket.close_slow(at_once=True)
            self._disconnect(socket)

    def _progress(self, socket: Socket, now: float) -> Progress:
        present = Progress(socket.times_full, socket.times_acked, socket.untaken(), now)
        before = self._slow.get(socket)
        if before is None or present.times_full != before.times_full:
            return present
        # Our own pings queue behind what waits, so a higher count of bytes is neither progress nor a step back.
        has_progressed = present.times_acked > before.times_acked or present.untaken < before.untaken
        return present if has_progressed else before
