"""A room with sockets, or users who poll, in this process: how far its log was sent, and to which sockets."""

import asyncio
from uuid import UUID

from rooms.realtime.connections.frames import Frame
from rooms.realtime.connections.sockets import Socket, Subscription
from rooms.realtime.fanout.ack_window import AckWindow
from rooms.realtime.log_events import LogEvent


class LiveRoom:
    """On the event loop."""

    def __init__(self, room_id: UUID) -> None:
        self.room_id = room_id
        # The last row that its sockets were sent, and its hash; None until the head of the log is known.
        self.head: int | None = None
        self.hash = ""
        # Ends when the head is known.
        self.opened: asyncio.Task[None]
        self.subscriptions: dict[Subscription, None] = {}
        # Those whose first rows are still being read: what is delivered meanwhile goes to their backlog.
        self.entering: set[Subscription] = set()
        # Rows that the live sockets have not been sent yet: all of one turn of the loop share a frame.
        self.outgoing: list[LogEvent] = []
        self.catching_up = False
        # There are rows beyond the head that have to be read.
        self.behind = False
        self.ack_window = AckWindow()
        # In the loop's seconds: until when the room stays open without a socket, because it is polled.
        self.polled_until = 0.0

    def enqueue(self, events: list[LogEvent]) -> None:
        """Take rows that are next for all sockets; ``flush`` sends them."""
        if not self.subscriptions:
            return
        self.ack_window.add(events)
        self.outgoing += events
        for subscription in self.entering:
            if subscription.backlog is not None:
                subscription.backlog += events

    def flush(self) -> None:
        """Send the enqueued rows, in one frame that is made once."""
        if not self.outgoing:
            return
        events, self.outgoing = self.outgoing, []
        frame = Frame([event.text for event in events])
        for subscription in self.subscriptions:
            if subscription.backlog is None:
                subscription.deliver(events, frame)

    def send_frame(self, frame: Frame, *, but: UUID | None = None) -> None:
        """Send a frame that is no row to all live sockets, except those of the user ``but``."""
        # Rows that came before this frame go before it.
        self.flush()
        for subscription in self.subscriptions:
            # A socket whose first rows are still being read will be greeted with the present state.
            if subscription.backlog is None and subscription.user_id != but:
                subscription.socket.send_frame(frame)

    def go_live(self, subscription: Subscription, now: float) -> None:
        """From now on the socket gets what all get. What was flushed before is in its backlog."""
        self.flush()
        self.entering.discard(subscription)
        subscription.go_live(self.ack_window.total, now)

    def ack(self, subscription: Subscription, seq: int) -> None:
        """Note that the client says it has received the rows up to ``seq``."""
        subscription.has_acked = True
        acked = self.ack_window.up_to(seq)
        if acked > subscription.acked:
            subscription.acked = acked
            subscription.socket.times_acked += 1

    def beat(self, frame: Frame, with_ping: Frame) -> None:
        """Send all a sign of life: with a ping to those sockets of whose rooms this is the first."""
        self.flush()
        for subscription in self.subscriptions:
            if subscription.backlog is None:
                socket = subscription.socket
                is_first = next(iter(socket.subscriptions.values())) is subscription
                socket.send_frame(with_ping if is_first else frame)

    def slow_sockets(self, now: float) -> list[Socket]:
        """Return the sockets that have not acknowledged for too long, or too much, at ``now`` (seconds of the loop)."""
        if not self.ack_window.may_be_exceeded():
            return []
        slow = [one for one in self.subscriptions if self.ack_window.is_too_slow(one, now)]
        return [subscription.socket for subscription in slow]
