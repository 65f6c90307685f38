"""Finds connected sockets, and those who poll, whose session has ended."""

import json
from datetime import datetime

from rooms.realtime.connections.pollers import Poller, Pollers
from rooms.realtime.connections.registry import ConnectionRegistry
from rooms.realtime.connections.session_closer import SessionCloser
from rooms.realtime.connections.sockets import Socket
from rooms.realtime.reconcile import session_queries
from rooms.realtime.threads import in_database


class SessionCheck:
    """On the event loop."""

    def __init__(self, registry: ConnectionRegistry, pollers: Pollers, closer: SessionCloser) -> None:
        self._registry = registry
        self._pollers = pollers
        self._closer = closer
        # The sessions as the queries take them, and of which versions of the registry and the pollers.
        self._sessions = ""
        self._versions = (-1, -1)

    async def check(self) -> datetime | None:
        """Close the sockets of ended sessions, forget who polls by them; return when the next one expires."""
        if self._registry.is_empty() and not self._pollers.all():
            return None
        sessions = self._known_sessions()
        ended = await in_database(session_queries.ended, sessions)
        next_expiry = await in_database(session_queries.next_expiry, sessions)
        if ended:
            self._pollers.forget_sessions(ended)
        for socket in self._registry.all() if ended else ():
            may_hold = ended.get(socket.session_key)
            if may_hold:
                self._closer.check_in(socket)
            elif may_hold is not None:
                self._closer.sign_out(socket)
        return next_expiry

    def _known_sessions(self) -> str:
        # Composed only if one came or went: with thousands it costs more than the query.
        versions = (self._registry.version, self._pollers.version)
        if versions != self._versions:
            known: list[Socket | Poller] = [*self._registry.all(), *self._pollers.all()]
            sessions = {one.session_key: session_queries.fingerprint_of(one.user) for one in known}
            self._sessions, self._versions = json.dumps(sessions), versions
        return self._sessions
