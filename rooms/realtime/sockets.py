"""One connected browser, terminal or script, as the hub sees it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

from accounts.models import User
from rooms.realtime import protocol
from rooms.realtime.metrics import counts
from rooms.realtime.reading import LogEvent

logger = logging.getLogger(__name__)

Send = Callable[[dict[str, object]], Awaitable[None]]

# Encoded characters that may wait for a transport that does not take them.
MAX_PENDING = 1_000_000
# Milliseconds after which a client whose transport did not take them may come back.
TOO_SLOW_MS = 1_000


class Socket:
    """Sends events in order, joining into one frame what waits; ends with a ``bye`` and a close code."""

    def __init__(self, send: Send, *, user: User, session_key: str) -> None:
        self.lease = uuid4().hex
        self.user = user
        self.session_key = session_key
        # The last log row sent at entering: what the hub delivers up to it is not sent again.
        self.entered_at = 0
        # What the hub delivered while the first rows were still being read; None once the socket is live.
        self.backlog: list[LogEvent] | None = []
        # Of the room's log as its ledger counts it, what the client has confirmed; whether it ever did; since when.
        self.acked = 0
        self.has_acked = False
        self.live_since = 0.0
        self.closed = False
        self._send = send
        self._is_sending = False
        self._pending: list[str] = []
        self._pending_size = 0
        self._pump: asyncio.Task[None] | None = None
        self._close_code: int | None = None

    @property
    def user_id(self) -> UUID:
        return self.user.pk

    def send(self, *events: protocol.Json) -> None:
        self.send_encoded([protocol.encode(event) for event in events])

    def send_encoded(self, events: list[str]) -> None:
        """Queue encoded events. A client that does not take them is closed, and comes back by reconnect."""
        if self.closed or not events:
            return
        # Only what waits behind a frame that the transport does not take: a page of long messages is no fault of the
        # client's, and would be as long when it comes back.
        if self._is_sending and self._pending_size > MAX_PENDING:
            self._pending.clear()
            self.bye(protocol.too_slow(TOO_SLOW_MS))
            return
        self._pending += events
        self._pending_size += sum(map(len, events))
        self._start()

    def deliver(self, events: list[LogEvent], texts: list[str]) -> None:
        """Take log rows that are next in the room; ``texts`` are theirs, shared by all sockets."""
        if self.backlog is not None:
            self.backlog += events
        elif events[0].seq > self.entered_at:
            self.send_encoded(texts)
        else:
            self.send_encoded([event.text for event in events if event.seq > self.entered_at])

    def go_live(self, sent: int, now: float) -> None:
        """Send what came in while the first rows were read, and from now on everything at once.

        What has been ``sent`` in the room until now, by its ledger, is no debt of this client's.
        """
        self.acked, self.live_since = sent, now
        backlog, self.backlog = self.backlog or [], None
        self.send_encoded([event.text for event in backlog if event.seq > self.entered_at])

    def bye(self, event: protocol.Json) -> None:
        """Say why, then close; nothing is sent after that."""
        if not self.closed:
            self.closed = True
            counts.closes[event["code"]] += 1
            self._pending.append(protocol.encode(event))
            self._close_code = event["code"]
            self._start()

    def drop(self) -> None:
        """The client is gone."""
        self.closed = True
        self._pending.clear()
        if self._pump is not None:
            self._pump.cancel()

    async def ended(self) -> None:
        """Wait until what was queued is sent."""
        if self._pump is not None:
            await asyncio.wait([self._pump])

    def _start(self) -> None:
        if self._pump is None:
            self._pump = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        try:
            while self._pending:
                waiting, self._pending, self._pending_size = self._pending, [], 0
                self._is_sending = True
                await self._send({"type": "websocket.send", "text": protocol.frame(waiting)})
                self._is_sending = False
            if self._close_code is not None:
                await self._send({"type": "websocket.close", "code": self._close_code})
        except Exception as error:
            # The line is gone; its own end is told to the consumer, which cleans up.
            logger.info("A socket took no more: %s", error)
            self.closed = True
        finally:
            self._pump = None
