"""The ASGI extension by which the hub writes whole WebSocket frames to daphne's transports (design §5).

An ASGI ``send`` of the same text costs a coroutine, autobahn's framing and a turn of the reactor for each socket. Here
one frame is built for all sockets, and goes to the kernel in one call where nothing waits before it.

``scope["extensions"]["chatsite.frame_writer"]`` is a ``FrameWriter``. All that we rely on of daphne, autobahn and
Twisted beyond their documented interfaces stands in this folder and in chatsite/serve.py.
"""

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

EXTENSION = "chatsite.frame_writer"
# Bytes that the kernel may hold unsent for a client. Its default is some megabytes for each client that does not read,
# which this process would not see.
UNSENT_BYTES = 128 * 1024
# RFC 6455 §5.5.2: a ping that says nothing.
PING = b"\x89\x00"


def nothing() -> None:
    pass


def is_plain(transport: Any) -> bool:
    """Return whether bytes may be written past the transport: not with TLS."""
    return hasattr(transport, "socket") and not getattr(transport, "TLS", False)


def write_through(transport: Any, data: bytes) -> None:
    """Write bytes to the kernel at once if none wait before them, which saves two turns of the reactor."""
    if is_plain(transport) and not transport._tempDataLen and transport.offset == len(transport.dataBuffer):
        try:
            data = data[transport.socket.send(data) :]
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            # The reactor finds out by itself, and tells daphne.
            return
    if data:
        transport.write(data)


def limit_unsent(connection: Any) -> None:
    # Not every system knows it, and a UNIX socket does not.
    if option := getattr(socket, "TCP_NOTSENT_LOWAT", None):
        with suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, option, UNSENT_BYTES)


@implementer(IPushProducer)
class FrameWriter:
    """Writes frames to one socket's transport, in order with what daphne itself writes."""

    __slots__ = ("_is_ready", "_protocol", "_transport", "on_ready")

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol
        self._transport = transport = protocol.transport
        self._is_ready = True
        # Called when a transport that was full takes frames again, and when it is gone.
        self.on_ready: Callable[[], None] = nothing
        # Twisted's HTTP channel, which was here before the upgrade, would only keep itself in memory.
        transport.unregisterProducer()
        transport.registerProducer(self, True)

    def write(self, frame: bytes) -> bool:
        """Take a whole frame; return whether there is room for more now. If not, ``on_ready`` tells when there is."""
        protocol = self._protocol
        if protocol.state != protocol.STATE_OPEN:
            return True
        write_through(self._transport, frame)
        return self._is_ready

    def write_and_ping(self, frame: bytes) -> bool:
        """``write``, and ping in the same packet: each of two would cost the kernel and a phone's radio as much."""
        if self._protocol.pinged_at is None:
            self._protocol.pinged_at = time.time()
        return self.write(frame + PING)

    def untaken(self) -> int:
        """Return how many bytes wait in this process; 0 where the transport does not tell (TLS)."""
        transport = self._transport
        if not is_plain(transport):
            return 0
        return int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)

    def abort(self) -> None:
        """Close the connection now, without sending what waits."""
        transport = self._transport
        transport.abortConnection()
        if is_plain(transport):
            # daphne keeps a connection that has ended for up to a second more.
            transport.dataBuffer, transport._tempDataBuffer = b"", []
            transport.offset = transport._tempDataLen = 0

    # --- What Twisted tells a producer, whose transport buffers 64 KiB ----------------------------------------------

    def pauseProducing(self) -> None:  # noqa: N802
        self._is_ready = False
        # Only once a client has not kept up: for all clients, it would cost a sixth of fan-out's time.
        if is_plain(self._transport):
            limit_unsent(self._transport.socket)

    def resumeProducing(self) -> None:  # noqa: N802
        if not self._is_ready:
            self._is_ready = True
            self.on_ready()

    def stopProducing(self) -> None:  # noqa: N802
        self._is_ready = True
        self.on_ready, on_ready = nothing, self.on_ready
        on_ready()
