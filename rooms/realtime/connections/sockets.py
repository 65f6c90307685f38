"""One connected browser, terminal or script, and each room that it has entered, as the hub sees them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

from accounts.models import User
from rooms.realtime import protocol
from rooms.realtime.connections import eager_task
from rooms.realtime.connections.frames import Frame, FrameWriter
from rooms.realtime.log_events import LogEvent
from rooms.realtime.metrics import counts

logger = logging.getLogger(__name__)

Send = Callable[[dict[str, object]], Awaitable[None]]

# Bytes of encoded events that may wait behind a frame that the transport does not take.
MAX_PENDING = 1_000_000
# Milliseconds after which a client whose transport did not take them may come back.
TOO_SLOW_MS = 1_000


class Socket:
    """Sends events in order, joining into one frame what waits; ends with a ``bye`` and a close code.

    With a ``writer`` (frames.py) frames go straight to the transport, without one through the ASGI ``send``.
    """

    # There are thousands of them: none has a dict, and what is asked of them all the time is a plain attribute.
    __slots__ = (
        "__weakref__", "_close_code", "_pending", "_pending_size", "_send", "_sending", "_taking", "_writer",
        "attending", "away", "closed", "is_full", "lease", "session_key", "subscriptions", "times_acked", "times_full",
        "user", "user_id",
    )  # fmt: skip

    def __init__(self, send: Send, *, user: User, session_key: str, writer: FrameWriter | None = None) -> None:
        self.lease = uuid4().hex
        self.user = user
        self.user_id: UUID = user.pk
        self.session_key = session_key
        # The rooms that the client has entered, and the one in which its user is present by this socket.
        self.subscriptions: dict[UUID, Subscription] = {}
        self.attending: UUID | None = None
        self.away = False
        # How often the client has acknowledged more than before, in whatever room.
        self.times_acked = 0
        self.closed = False
        self._send = send
        self._writer = writer
        if writer is not None:
            writer.on_ready = self._resume
        # The transport takes no more for now, and what is sent meanwhile waits; how often that was so; and the bytes of
        # the frame that it was given last.
        self.is_full = False
        self.times_full = 0
        self._taking = 0
        self._pending: list[str] = []
        self._pending_size = 0
        self._sending: asyncio.Task[None] | None = None
        self._close_code: int | None = None

    # No method here but `ended` waits, and none raises because of the client. All are for the event loop.

    def send(self, *events: protocol.Json) -> None:
        self.send_encoded([protocol.encode(event) for event in events])

    def send_encoded(self, events: list[str]) -> None:
        """Send encoded events, in a frame of this socket's own."""
        if events:
            self.send_frame(Frame(events))

    def send_frame(self, frame: Frame) -> None:
        """Send a frame that other sockets may share. A client that does not take it is closed, and comes back."""
        if self.closed:
            return
        if not self.is_full:
            self._write(frame)
            return
        # The frame that the transport holds is not counted: a page of long messages is no fault of the client, and
        # would be as long when it comes back.
        if self._pending_size > MAX_PENDING:
            self.close_slow()
            return
        self._pending += frame.events
        self._pending_size += len(frame.wire)

    def bye(self, event: protocol.Json) -> None:
        """Send ``event``, which says why, then close with its code; nothing is sent after that."""
        if self.closed:
            return
        self.closed = True
        counts.closes[event["code"]] += 1
        self._pending.append(protocol.encode(event))
        self._close_code = event["code"]
        # An ASGI send that still waits has to end first. The transport takes what it is given, however full it is.
        if self._sending is None:
            self._end()

    def close_slow(self, *, at_once: bool = False) -> None:
        """Close a client that does not keep up: what waits for it comes with its next connection.

        With ``at_once``, and on our own server, the client does not get the second to take the ``bye``.
        """
        self._pending.clear()
        self.bye(protocol.too_slow(TOO_SLOW_MS))
        if at_once and self._writer is not None:
            self._writer.abort()

    def held(self) -> int:
        """Return the bytes, or a few more, that are kept because the client does not take them."""
        return self._taking + self._pending_size if self.is_full else 0

    def untaken(self) -> int:
        """Return how many bytes the transport still has, as far as that can be known."""
        return self._writer.untaken() if self._writer is not None else 0

    def drop(self) -> None:
        """The client is gone: send nothing more."""
        self.closed = True
        self._pending.clear()
        self._close_code = None
        if self._sending is not None:
            self._sending.cancel()

    async def ended(self) -> None:
        """Wait until what was queued is sent."""
        while self._sending is not None:
            await asyncio.wait([self._sending])

    def _write(self, frame: Frame) -> None:
        if self._writer is not None:
            write = self._writer.write_and_ping if frame.pings else self._writer.write
            if not write(frame.wire):
                self._mark_full(len(frame.wire))
        else:
            self._send_asgi(self._send({"type": "websocket.send", "text": frame.text}), len(frame.text))

    def _mark_full(self, size: int) -> None:
        self.is_full, self._taking = True, size
        self.times_full += 1

    def _send_asgi(self, work: Awaitable[None], size: int = 0) -> None:
        """Do an ASGI send: at once, as most end, or as a task; everything else waits behind it."""
        try:
            task = eager_task.run(work)  # type: ignore[arg-type]
        except Exception as error:
            self._line_is_gone(error)
            return
        if task is not None:
            self._sending = task
            self._mark_full(size)
            task.add_done_callback(self._sent)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending = None
        if not task.cancelled() and (error := task.exception()):
            self._line_is_gone(error)
        self._resume()

    def _resume(self) -> None:
        """The transport takes frames again: send what has waited."""
        self.is_full = False
        if self._close_code is not None:
            self._end()
        elif self._pending and not self.closed:
            self._write(self._take_pending())

    def _end(self) -> None:
        if self._pending:
            self._write(self._take_pending())
        if self._sending is None and self._close_code is not None:
            code, self._close_code = self._close_code, None
            self._send_asgi(self._send({"type": "websocket.close", "code": code}))

    def _take_pending(self) -> Frame:
        waiting, self._pending, self._pending_size = self._pending, [], 0
        return Frame(waiting)

    def _line_is_gone(self, error: BaseException) -> None:
        # The server tells the consumer, too, which cleans up.
        logger.info("A socket took no more: %s", error)
        self.closed = True
        self._pending.clear()
        self._close_code = None


class Subscription:
    """One socket in one room: what of the room's log it was sent, and what its client has acknowledged.

    It begins when the socket enters the room, and is over when it leaves, or must.
    """

    # There are thousands of them.
    __slots__ = (
        "acked", "backlog", "entered_at", "has_acked", "is_over", "live_since", "membership_id", "room_id", "socket",
        "user_id",
    )  # fmt: skip

    def __init__(self, socket: Socket, room_id: UUID) -> None:
        self.socket = socket
        self.user_id = socket.user_id
        self.room_id = room_id
        self.membership_id = 0
        # The last log row sent at entering: what the hub delivers up to it is not sent again.
        self.entered_at = 0
        # What the hub delivered while the first rows were still being read; None once the subscription is live.
        self.backlog: list[LogEvent] | None = []
        # The bytes of the room's log that the client has acknowledged, as the room's ack window counts them; whether it
        # ever did; and when the subscription went live, in the loop's seconds.
        self.acked = 0
        self.has_acked = False
        self.live_since = 0.0
        self.is_over = False

    def deliver(self, events: list[LogEvent], frame: Frame) -> None:
        """Take log rows that are next in the room; ``frame`` is theirs, shared by all sockets."""
        if events[0].seq > self.entered_at:
            self.socket.send_frame(frame)
        else:
            self.socket.send_encoded([event.text for event in events if event.seq > self.entered_at])

    def go_live(self, sent: int, now: float) -> None:
        """Send what was delivered while the first rows were read, and from now on everything at once.

        The bytes ``sent`` in the room until now, by its ack window, are not counted as unacknowledged by this client.
        """
        self.acked, self.live_since = sent, now
        backlog, self.backlog = self.backlog or [], None
        self.socket.send_encoded([event.text for event in backlog if event.seq > self.entered_at])

    def ending_after(self, head: int) -> LogEvent | None:
        """Return the row after ``head`` that ended the membership of the user while they entered, if any."""
        for event in self.backlog or ():
            if event.seq > head and event.subject_id == self.user_id and event.ending():
                return event
        return None
