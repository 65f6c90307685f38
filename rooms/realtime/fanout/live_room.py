"""A room that somebody who is connected here has open, and how much of its log each of them has confirmed."""

import asyncio
from bisect import bisect_right
from uuid import UUID

from rooms.realtime.connections.frames import Frame
from rooms.realtime.connections.sockets import Socket
from rooms.realtime.fanout.log_reader import LogEvent

# Bytes of log that a client may leave unacknowledged before it is closed as too slow: a client acknowledges each 5 s
# or 200 messages, in which a room seldom says that much, and a reader that has stopped costs no more memory than this.
MAX_UNACKED = 4 * 1024 * 1024
# For a client that has never acknowledged anything, an old script perhaps: more, and not before it is this old.
MAX_NEVER_ACKED = 16 * 1024 * 1024
NEVER_ACKED_SECONDS = 60.0
# Rows that are added before the list of them is cut.
TRIM_EVERY = 1_000


class Ledger:
    """How many bytes of a room's log were sent up to which row, since the feed was opened."""

    def __init__(self) -> None:
        self.total = 0
        self._seqs: list[int] = []
        self._totals: list[int] = []

    def add(self, events: list[LogEvent]) -> None:
        for event in events:
            self.total += len(event.text.encode("utf-8", "surrogatepass"))
            self._seqs.append(event.seq)
            self._totals.append(self.total)
        if len(self._seqs) > TRIM_EVERY:
            # Whoever has not confirmed the rows before these is too slow, wherever among them they are.
            old = bisect_right(self._totals, self.total - MAX_NEVER_ACKED)
            if old > TRIM_EVERY // 2:
                del self._seqs[:old], self._totals[:old]

    def up_to(self, seq: int) -> int:
        """Return the bytes up to the row ``seq``; 0 for one before all that are remembered."""
        place = bisect_right(self._seqs, seq)
        return self._totals[place - 1] if place else 0


class Feed:
    def __init__(self, room_id: UUID) -> None:
        self.room_id = room_id
        # The last row that its sockets were sent; None until it is known where the log stands.
        self.head: int | None = None
        self.hash = ""
        self.opened: asyncio.Task[None]
        self.sockets: dict[Socket, None] = {}
        # Those of them that are still being read in: what is delivered goes to their backlog.
        self.entering: set[Socket] = set()
        # Rows for the others that have not been sent yet: all of one turn of the loop share a frame.
        self.outgoing: list[LogEvent] = []
        self.catching_up = False
        self.behind = False
        self.ledger = Ledger()
        # Who was typing, and when that was last told.
        self.typing: dict[UUID, float] = {}

    def pass_on(self, events: list[LogEvent]) -> None:
        """Take rows that are next for all sockets; ``flush`` sends them."""
        self.ledger.add(events)
        self.outgoing += events
        for socket in self.entering:
            if socket.backlog is not None:
                socket.backlog += events

    def flush(self) -> None:
        """Send what was passed on, in one frame that is made once."""
        if not self.outgoing:
            return
        events, self.outgoing = self.outgoing, []
        frame = Frame([event.text for event in events])
        for socket in self.sockets:
            if socket.backlog is None:
                socket.deliver(events, frame)

    def let_live(self, socket: Socket, now: float) -> None:
        """From now on the socket gets what all get; what was passed on before is in its backlog."""
        self.flush()
        self.entering.discard(socket)
        socket.go_live(self.ledger.total, now)

    def is_too_slow(self, socket: Socket, now: float) -> bool:
        if socket.backlog is not None:
            return False
        unacked = self.ledger.total - socket.acked
        if socket.has_acked:
            return unacked > MAX_UNACKED
        return unacked > MAX_NEVER_ACKED and now - socket.live_since > NEVER_ACKED_SECONDS
