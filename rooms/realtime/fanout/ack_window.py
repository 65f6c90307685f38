"""How much of a room's log was sent, and so how much of it each client has not acknowledged."""

from bisect import bisect_right

from rooms.realtime.connections.sockets import Subscription
from rooms.realtime.log_events import LogEvent

# Bytes of log that a client may leave unacknowledged before it is closed as too slow: a client acknowledges each 5 s
# or 200 messages, in which a room seldom says that much, and a reader that has stopped costs no more memory than this.
MAX_UNACKED = 4 * 1024 * 1024
# For a client that has never acknowledged anything, an old script perhaps: more, and not before it is this old.
MAX_NEVER_ACKED = 16 * 1024 * 1024
NEVER_ACKED_SECONDS = 60.0
# Rows that are added before the list of them is cut.
TRIM_EVERY = 1_000


class AckWindow:
    """Counts how many bytes of a room's log were sent up to which row, since the room was opened here."""

    def __init__(self) -> None:
        self.total = 0
        self._seqs: list[int] = []
        self._totals: list[int] = []

    def add(self, events: list[LogEvent]) -> None:
        """Count events that have just been sent, in their order."""
        for event in events:
            self.total += len(event.text.encode("utf-8", "surrogatepass"))
            self._seqs.append(event.seq)
            self._totals.append(self.total)
        if len(self._seqs) > TRIM_EVERY:
            # A client that has not acknowledged the rows before these is too slow, whichever of them it has.
            old = bisect_right(self._totals, self.total - MAX_NEVER_ACKED)
            if old > TRIM_EVERY // 2:
                del self._seqs[:old], self._totals[:old]

    def up_to(self, seq: int) -> int:
        """Return the bytes sent up to the row ``seq``; 0 for one before all that are remembered."""
        index = bisect_right(self._seqs, seq)
        return self._totals[index - 1] if index else 0

    def may_be_exceeded(self) -> bool:
        """Return whether any socket can be too slow at all; false for nearly all rooms."""
        return self.total > MAX_UNACKED

    def is_too_slow(self, subscription: Subscription, now: float) -> bool:
        """``now`` is in the loop's seconds, as ``subscription.live_since``."""
        if subscription.backlog is not None:
            return False
        unacked = self.total - subscription.acked
        if subscription.has_acked:
            return unacked > MAX_UNACKED
        return unacked > MAX_NEVER_ACKED and now - subscription.live_since > NEVER_ACKED_SECONDS
