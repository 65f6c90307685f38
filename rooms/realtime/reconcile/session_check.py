"""Finds connected sockets whose session has ended."""

import json
from datetime import datetime

from rooms.realtime.connections.registry import ConnectionRegistry
from rooms.realtime.connections.session_closer import SessionCloser
from rooms.realtime.reconcile import session_queries
from rooms.realtime.threads import in_database


class SessionCheck:
    """On the event loop."""

    def __init__(self, registry: ConnectionRegistry, closer: SessionCloser) -> None:
        self._registry = registry
        self._closer = closer
        # The connected sessions as the queries take them, and of which version of the registry.
        self._sessions = ""
        self._version = -1

    async def check(self) -> datetime | None:
        """Close the sockets of ended sessions; return when the first of the others expires."""
        if self._registry.is_empty():
            return None
        sessions = self._connected_sessions()
        ended = await in_database(session_queries.ended, sessions)
        next_expiry = await in_database(session_queries.next_expiry, sessions)
        for socket in self._registry.all() if ended else ():
            may_hold = ended.get(socket.session_key)
            if may_hold:
                self._closer.check_in(socket)
            elif may_hold is not None:
                self._closer.sign_out(socket)
        return next_expiry

    def _connected_sessions(self) -> str:
        # Composed only if a socket came or went: with thousands it costs more than the query.
        if self._registry.version != self._version:
            sessions = {
                socket.session_key: session_queries.fingerprint_of(socket.user) for socket in self._registry.all()
            }
            self._sessions, self._version = json.dumps(sessions), self._registry.version
        return self._sessions
