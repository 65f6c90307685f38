"""Closes the sockets of sessions that have ended, or have to be checked again by the handshake; and who polls, too."""

from uuid import UUID

from django.utils.translation import gettext as _

from rooms.realtime import protocol
from rooms.realtime.connections.pollers import Pollers
from rooms.realtime.connections.registry import Close, ConnectionRegistry
from rooms.realtime.connections.sockets import Socket

# Milliseconds after which to come back after a change of password: by then the browser has its new cookie.
CHECK_IN_MS = 2_000


class SessionCloser:
    """On the event loop. It closes sockets of this process only; the hub tells the other processes."""

    def __init__(self, registry: ConnectionRegistry, pollers: Pollers, *, close: Close) -> None:
        self._registry = registry
        self._pollers = pollers
        self._close = close

    def sign_out(self, socket: Socket) -> None:
        detail = _("You have been signed out. Log in again to go on.")
        self._close(socket, protocol.bye(protocol.Close.SIGNED_OUT, "signed_out", detail))

    def sign_out_session(self, session_digest: str) -> None:
        self._pollers.forget_session(session_digest)
        for socket in self._registry.all():
            if protocol.digest_of(socket.session_key) == session_digest:
                self.sign_out(socket)

    def sign_out_user(self, user_id: UUID) -> None:
        self._pollers.forget_user(user_id)
        for socket in self._registry.of(user_id):
            self.sign_out(socket)

    def check_in(self, socket: Socket) -> None:
        """Have a socket come back: the handshake finds out whether its session still holds."""
        self._close(socket, protocol.bye(protocol.Close.RESTARTING, "check_in", "", retry_ms=CHECK_IN_MS))

    def check_in_user(self, user_id: UUID) -> None:
        self._pollers.forget_user(user_id)
        for socket in self._registry.of(user_id):
            self.check_in(socket)
