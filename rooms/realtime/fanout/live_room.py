"""A room with sockets in this process: how far its log was sent, and to which sockets."""

import asyncio
from uuid import UUID

from rooms.realtime.connections.frames import Frame
from rooms.realtime.connections.sockets import Socket
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
        self.sockets: dict[Socket, None] = {}
        # Sockets whose first rows are still being read: what is delivered meanwhile goes to their backlog.
        self.entering: set[Socket] = set()
        # Rows that the live sockets have not been sent yet: all of one turn of the loop share a frame.
        self.outgoing: list[LogEvent] = []
        self.catching_up = False
        # There are rows beyond the head that have to be read.
        self.behind = False
        self.ack_window = AckWindow()

    def enqueue(self, events: list[LogEvent]) -> None:
        """Take rows that are next for all sockets; ``flush`` sends them."""
        self.ack_window.add(events)
        self.outgoing += events
        for socket in self.entering:
            if socket.backlog is not None:
                socket.backlog += events

    def flush(self) -> None:
        """Send the enqueued rows, in one frame that is made once."""
        if not self.outgoing:
            return
        events, self.outgoing = self.outgoing, []
        frame = Frame([event.text for event in events])
        for socket in self.sockets:
            if socket.backlog is None:
                socket.deliver(events, frame)

    def send_frame(self, frame: Frame, *, but: UUID | None = None) -> None:
        """Send a frame that is no row to all live sockets, except those of the user ``but``."""
        # Rows that came before this frame go before it.
        self.flush()
        for socket in self.sockets:
            # A socket whose first rows are still being read will be greeted with the present state.
            if socket.backlog is None and socket.user_id != but:
                socket.send_frame(frame)

    def go_live(self, socket: Socket, now: float) -> None:
        """From now on the socket gets what all get. What was flushed before is in its backlog."""
        self.flush()
        self.entering.discard(socket)
        socket.go_live(self.ack_window.total, now)

    def ack(self, socket: Socket, seq: int) -> None:
        """Note that the client says it has received the rows up to ``seq``."""
        socket.has_acked = True
        socket.acked = max(socket.acked, self.ack_window.up_to(seq))

    def slow_sockets(self, now: float) -> list[Socket]:
        if not self.ack_window.may_be_exceeded():
            return []
        return [socket for socket in self.sockets if self.ack_window.is_too_slow(socket, now)]
