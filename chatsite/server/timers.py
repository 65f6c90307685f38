"""daphne's timers, for thousands of quiet connections: its own go through all of them each second, and again."""

import logging
from contextvars import Context
from typing import Any
from weakref import ref

# daphne.server installs Twisted's asyncio reactor: nothing of Twisted may be imported before it.
from daphne import server as daphne_server

from chatsite.server.timer_wheel import TimerWheel
from chatsite.server.websockets import Protocol

logger = logging.getLogger(__name__)

# Seconds between two looks at a connection that does not say when it wants to be looked at, as in daphne.
LOOK_SECONDS = 2
# Seconds between two searches for applications that take too long to end.
SEARCH_SECONDS = 10


class TimedServer(daphne_server.Server):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.timer_wheel: TimerWheel[ref[Any]] = TimerWheel()
        # Whether a connection, or what serves it, has ended and is still to be forgotten.
        self._has_ended = True
        self._turn = 0
        # Of what is called at an end: one for all, instead of a copy for each.
        self._context = Context()

    # --- Who is quiet -----------------------------------------------------------------------------------------------

    def protocol_connected(self, protocol: Any) -> None:
        super().protocol_connected(protocol)
        # Without a time-out there is nothing to see at a request.
        if isinstance(protocol, Protocol) or self.http_timeout:
            self._look_in(LOOK_SECONDS, protocol)

    def timeout_checker(self) -> None:
        daphne_server.reactor.callLater(self.timer_wheel.until_next(), self.timeout_checker)
        for due in self.timer_wheel.due():
            protocol = due()
            if protocol is not None and protocol in self.connections:
                self._look_in(self._look_at(protocol), protocol)

    def _look_in(self, seconds: float, protocol: Any) -> None:
        # Who is gone by then is not kept in memory for it.
        self.timer_wheel.add(ref(protocol), seconds=seconds)

    def _look_at(self, protocol: Any) -> float:
        """Return in how many seconds to look at it again."""
        try:
            seconds = protocol.check_timeouts()
        except Exception:
            # The others are to be looked at all the same, and this one the next time.
            logger.exception("A connection could not be looked at.")
            seconds = None
        return LOOK_SECONDS if seconds is None else float(seconds)

    # --- Who is gone ------------------------------------------------------------------------------------------------

    def protocol_disconnected(self, protocol: Any) -> None:
        super().protocol_disconnected(protocol)
        self._has_ended = True

    def notice_the_end(self, protocol: Any) -> None:
        """Have the application that serves it forgotten soon after it has ended."""
        self.connections[protocol]["application_instance"].add_done_callback(self._note_end, context=self._context)

    def _note_end(self, application: object) -> None:
        self._has_ended = True

    def application_checker(self) -> None:
        self._turn += 1
        if self._has_ended or self._turn % SEARCH_SECONDS == 0:
            self._has_ended = False
            super().application_checker()
        else:
            daphne_server.reactor.callLater(1, self.application_checker)
