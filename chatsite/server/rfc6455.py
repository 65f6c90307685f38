"""RFC 6455 where autobahn, on which daphne builds, slips: refused openings, close frames, and the end of a connection.

Ours because neither has settings for it. tests/chatsite/test_rfc6455.py has each case, byte for byte.
"""

from http import HTTPStatus
from typing import Any

from autobahn.websocket.types import ConnectionDeny
from daphne.ws_protocol import WebSocketProtocol

# The only version that there is (§4.1); autobahn would take the draft that was 8, too.
VERSION = "13"
PROTOCOL_ERROR = 1002
INVALID_PAYLOAD = 1007
# What a close frame may carry below 3000: IANA's registry of WebSocket close codes, less those that are never sent.
REGISTERED = {1000, 1001, 1002, 1003, *range(1007, 1015)}
# Seconds in which a client has to take what was sent before the connection ends.
LINGER_SECONDS = 5
# ASGI's, by which an application refuses a socket with an HTTP status of its own.
DENIAL_EXTENSION = "websocket.http.response"


def error_in_close(code: int | None, reason: bytes | None) -> int | None:
    """Return the code by which a malformed close frame is answered (§5.5.1, §7.4); None where all is well."""
    if code is not None and code not in REGISTERED and not 3000 <= code <= 4999:
        return PROTOCOL_ERROR
    try:
        (reason or b"").decode()
    except UnicodeDecodeError:
        return INVALID_PAYLOAD
    return None


class StrictProtocol(WebSocketProtocol):
    http_headers: dict[str, str]
    closeHandshakeTimeoutCall: Any  # noqa: N815

    # --- Opening -----------------------------------------------------------------------------------------------------

    def failHandshake(  # noqa: N802
        self,
        reason: str,
        code: int = 400,
        responseHeaders: list[tuple[str, str]] | None = None,  # noqa: N803
    ) -> None:
        """Refuse an opening by a whole HTTP answer; the wrong version by 426 (§4.4)."""
        version = getattr(self, "http_headers", {}).get("sec-websocket-version", "").strip()
        headers = ["Content-Type: text/plain; charset=utf-8", "X-Content-Type-Options: nosniff"]
        if code == HTTPStatus.BAD_REQUEST and version != VERSION:
            code = HTTPStatus.UPGRADE_REQUIRED
            headers += [f"Sec-WebSocket-Version: {VERSION}", "Upgrade: websocket", "Connection: Upgrade, close"]
        else:
            headers.append("Connection: close")
        # autobahn would say the reason, with what the client sent, in the status line.
        self.wasNotCleanReason, phrase = reason, HTTPStatus(code).phrase
        head = [f"HTTP/1.1 {code} {phrase}", *headers, f"Content-Length: {len(phrase) + 2}", "", ""]
        self.sendData(("\r\n".join(head) + f"{phrase}.\n").encode())
        self.dropConnection(abort=False)

    def handle_reply(self, message: dict[str, Any]) -> None:
        if message.get("type") == f"{DENIAL_EXTENSION}.start":
            self.serverReject(message["status"])
        else:
            super().handle_reply(message)

    def serverReject(self, status: int = HTTPStatus.FORBIDDEN) -> None:  # noqa: N802
        why = ConnectionDeny(code=status, reason=HTTPStatus(status).phrase)  # type: ignore[no-untyped-call]
        self.handshake_deferred.errback(why)
        del self.handshake_deferred
        self.server.protocol_disconnected(self)

    # --- Closing -----------------------------------------------------------------------------------------------------

    def onCloseFrame(self, code: int | None, reasonRaw: bytes | None) -> bool:  # noqa: N802, N803
        """Answer a close by its own code, a malformed one by 1002 or 1007, and let the answer arrive."""
        if self.state == self.STATE_OPEN:
            error = error_in_close(code, reasonRaw)
            self.wasClean = error is None
            self.remoteCloseCode = code if error is None else error
            self.sendCloseFrame(code=self.remoteCloseCode, isReply=True)
        else:
            # The answer to our own close; or a frame that autobahn has found wrong and answered just now, so that what
            # it sent has not left yet: no abort.
            self.remoteCloseCode = code
            self.wasClean = not self.failedByMe
            if self.closeHandshakeTimeoutCall is not None:
                self.closeHandshakeTimeoutCall.cancel()
                self.closeHandshakeTimeoutCall = None
        self.dropConnection(abort=False)
        return False

    def _closeConnection(self, abort: bool = False) -> None:  # noqa: N802
        super()._closeConnection(abort)
        if not abort:
            # A client that takes nothing would keep the connection, and what waits for it in memory, for good.
            self.factory._batched_timer.call_later(LINGER_SECONDS, self.transport.abortConnection)
