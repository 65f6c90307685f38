"""daphne's WebSocket protocol as we run it: it keeps less for each socket, and pings them for less.

This is what a thousand quiet users cost. All that we rely on of daphne, autobahn and Twisted beyond their documented
interfaces stands in this folder and in chatsite/serve.py.
"""

import asyncio
import time
from collections import deque
from typing import Any, NamedTuple

from autobahn.websocket.protocol import TrafficStats
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol

from chatsite.server.frame_writer import PING, write_through
from chatsite.server.rfc6455 import StrictProtocol

# RFC 6455 §5.5.3: how a client, whose frames are masked, begins its answer to a ping that says nothing.
PONG = b"\x8a\x80"
PONG_BYTES = 6

# Attributes that autobahn and daphne set in the opening handshake, and never read again.
OF_THE_HANDSHAKE = (
    "_raw_query_string", "_transport_details", "application_deferred", "clean_headers", "http_headers",
    "http_request_data", "http_request_host", "http_request_params", "http_request_path", "http_request_uri",
    "http_response_data", "http_status_line", "protocol_to_accept", "server_addr", "websocket_extensions",
    "websocket_origin", "websocket_protocols", "_wskey",
)  # fmt: skip
# What every socket has until something happens to it.
UNTIL_SOMETHING_HAPPENS = {
    **dict.fromkeys(
        (
            "_perMessageCompress", "autoPingPending", "autoPingPendingCall", "autoPingPendingSent",
            "autoPingTimeoutCall", "closeHandshakeTimeoutCall", "control_frame_data", "current_frame",
            "localCloseCode", "localCloseReason", "openHandshakeTimeoutCall", "remoteCloseCode",
            "remoteCloseReason", "trackedTimings", "wasNotCleanReason", "websocket_protocol_in_use",
        ),
    ),
    **dict.fromkeys(
        (
            "closedByMe", "droppedByMe", "failedByMe", "inside_message", "triggered", "wasClean",
            "wasCloseHandshakeTimeout", "wasMaxFramePayloadSizeExceeded", "wasMaxMessagePayloadSizeExceeded",
            "wasOpenHandshakeTimeout", "wasServerConnectionDropTimeout", "wasServingFlashSocketPolicyFile",
        ),
        False,
    ),
}  # fmt: skip


class Asked(NamedTuple):
    """What daphne's log wants of the request at the end."""

    path: str


class Protocol(StrictProtocol):
    maxMessagePayloadSize: int  # noqa: N815
    # When the client was pinged, until something comes from it.
    pinged_at: float | None = None

    def serverSend(self, content: Any, binary: bool = False) -> None:  # noqa: N802
        """Send frames of any length; autobahn would apply the limit for incoming frames to them."""
        limit, self.maxMessagePayloadSize = self.maxMessagePayloadSize, 0
        try:
            super().serverSend(content, binary)
        finally:
            self.maxMessagePayloadSize = limit

    def onOpen(self) -> None:  # noqa: N802
        super().onOpen()
        self.request: Any = Asked(self.request.path)
        # A new dict, because one that has shrunk keeps its size.
        self.__dict__ = {name: value for name, value in vars(self).items() if is_its_own(name, value)}

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        # Not autobahn's own, which builds a coloured line for its log each time.
        self.last_ping, self.pinged_at = time.time(), None
        if len(data) == PONG_BYTES and data.startswith(PONG) and not self.data and self.current_frame is None:
            return
        self._dataReceived(data)

    def check_timeouts(self) -> float | None:
        """Ping a quiet client, or cut one that does not answer; return in how many seconds to check again."""
        if self.state != self.STATE_OPEN:
            super().check_timeouts()
            return None
        now = time.time()
        if 0 <= self.server.websocket_timeout < now - self.socket_opened:
            self.serverClose()
            return None
        if self.pinged_at is not None:
            left = self.server.ping_timeout - (now - self.pinged_at)
            if left < 0:
                self.onAutoPingTimeout()
            return max(left, 0.0)
        left = self.server.ping_interval - (now - self.last_ping)
        if left < 0:
            self.pinged_at = now
            write_through(self.transport, PING)
            return float(self.server.ping_timeout)
        return float(left)


def is_its_own(name: str, value: object) -> bool:
    """Return whether a socket has to keep this attribute, because its class has another value."""
    return name not in LEFT_OUT or (name in UNTIL_SOMETHING_HAPPENS and value is not UNTIL_SOMETHING_HAPPENS[name])


# Instead of one for each socket: nobody reads these numbers, and nobody sends a frame in pieces.
SHARED = {"trafficStats": TrafficStats(), "send_queue": deque()}  # type: ignore[no-untyped-call]
LEFT_OUT = {**dict.fromkeys(OF_THE_HANDSHAKE), **UNTIL_SOMETHING_HAPPENS, **SHARED}
for _name, _value in LEFT_OUT.items():
    setattr(Protocol, _name, _value)
WebSocketFactory.protocol = Protocol


def share_options(factory: WebSocketFactory) -> None:
    """Have the sockets find the factory's options at their class: autobahn would copy and print them for each one."""
    for name in WebSocketProtocol.CONFIG_ATTRS:
        option = getattr(factory, name)
        setattr(Protocol, name, staticmethod(option) if callable(option) else option)
    Protocol.CONFIG_ATTRS = []


# Frames that may wait for a busy application. At this number the connection is not read until one is taken.
INBOX_MAX = 64


class Inbox:
    """The incoming messages of one application: the part of asyncio's Queue that daphne uses, without its 3 KiB."""

    __slots__ = ("_getter", "_messages", "_transport")

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._messages: list[dict[str, Any]] = []
        self._getter: asyncio.Future[dict[str, Any]] | None = None

    def put_nowait(self, message: dict[str, Any]) -> None:
        getter, self._getter = self._getter, None
        if getter is not None and not getter.done():
            getter.set_result(message)
        else:
            self._messages.append(message)
            if len(self._messages) == INBOX_MAX:
                self._transport.pauseProducing()

    def get(self) -> "asyncio.Future[dict[str, Any]]":
        """Return a future of the next message; only one may be waited for at a time."""
        future = asyncio.get_running_loop().create_future()
        if self._messages:
            future.set_result(self._messages.pop(0))
            if len(self._messages) == INBOX_MAX - 1:
                self._transport.resumeProducing()
        else:
            self._getter = future
        return future
