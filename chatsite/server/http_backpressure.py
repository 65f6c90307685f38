"""The ASGI extension by which a long answer goes out no faster than it is taken, and the limit of what comes in.

daphne gives its transport all that an application sends, and the transport keeps what the reader has not taken: without
this, a large file and a slow reader would be the whole file in memory. It also reads a request's body to its end before
the application hears of it. ``scope["extensions"]["chatsite.http_backpressure"]`` is a ``Backpressure``. Like
frame_writer.py, this file relies on daphne's and Twisted's own classes.
"""

import asyncio
from typing import Any

from daphne.http_protocol import HTTPFactory, WebRequest
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

EXTENSION = "chatsite.http_backpressure"

# Bytes of a request's body: a part of a file, and a little more.
BODY_MAX_BYTES = 4 * 1024 * 1024 + 64 * 1024
# How much of a longer body is read and thrown away, and for how many seconds. To close while the client still sends
# would reset the connection and lose the answer (RFC 9112 §9.6), and a proxy would take the process for broken.
LINGER_BYTES = 16 * 1024 * 1024
LINGER_SECONDS = 5.0
# Seconds in which a reader has to take something.
STALLED_AFTER = 60.0


@implementer(IPushProducer)
class Backpressure:
    """Tells whoever answers a request when the transport, which buffers 64 KiB, has room for more."""

    def __init__(self, request: Any) -> None:
        self._request = request
        self._has_room = asyncio.Event()
        self._has_room.set()

    def begin(self) -> None:
        self._request.registerProducer(self, True)

    def end(self) -> None:
        # Without a channel the connection is lost, and the producer with it.
        if self._request.channel is not None and self._request.producer is self:
            self._request.unregisterProducer()

    async def room(self) -> None:
        """Wait until there is room; cut off a reader who takes nothing for long."""
        try:
            await asyncio.wait_for(self._has_room.wait(), STALLED_AFTER)
        except TimeoutError:
            self.cut()
            raise

    def cut(self) -> None:
        if self._request.channel is not None:
            self._request.channel.transport.abortConnection()

    # --- What Twisted tells a producer -------------------------------------------------------------------------------

    def pauseProducing(self) -> None:  # noqa: N802
        self._has_room.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        self._has_room.set()

    def stopProducing(self) -> None:  # noqa: N802
        # The reader has gone: the application hears of it from daphne.
        self._has_room.set()


class LimitedRequest(WebRequest):
    """Refuses a longer body than any door takes before it is in memory, whether it says how long it is or not."""

    # Bytes that came after the refusal; None before one.
    thrown_away: int | None = None

    def process(self) -> Any:
        # RFC 9110 §7.8: of HTTP/1.0 it is ignored. daphne would pass it on as HTTP/1.1.
        if self.clientproto == b"HTTP/1.0":
            self.requestHeaders.removeHeader(b"Upgrade")
        return super().process()

    def gotLength(self, length: int | None) -> None:  # noqa: N802
        super().gotLength(length)
        if length is not None and length > BODY_MAX_BYTES:
            self.refuse_body()

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        if self.finished or self.channel is None:
            return
        if self.thrown_away is not None:
            self.thrown_away += len(data)
            if self.thrown_away > LINGER_BYTES:
                self.channel.transport.abortConnection()
            return
        super().handleContentChunk(data)
        if self.content.tell() > BODY_MAX_BYTES:
            self.refuse_body()

    def refuse_body(self) -> None:
        text = b'{"code": "too_large", "detail": "That is more than one request may carry. Send it in parts."}'
        head = (
            b"HTTP/1.1 413 Content Too Large\r\nContent-Type: application/json\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n" % len(text)
        )
        self.thrown_away = 0
        transport = self.channel.transport
        transport.write(head + text)
        transport.loseWriteConnection()
        asyncio.get_running_loop().call_later(LINGER_SECONDS, transport.abortConnection)

    def requestReceived(self, *about: Any) -> None:  # noqa: N802
        # The client has sent the whole body, and has its answer.
        if self.thrown_away is None:
            super().requestReceived(*about)
        else:
            self.channel.loseConnection()


class Factory(HTTPFactory):
    """Takes no longer request bodies than the site's doors do."""

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = LimitedRequest
        return protocol

    def log(self, request: Any) -> None:
        """Write nothing: daphne tells of each request, and nobody reads the line that Twisted makes for itself."""
