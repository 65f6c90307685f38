"""daphne's timers, for thousands of quiet connections.

Ours, because daphne's own go through all connections each second, and through all applications, for each of the two.
"""

import logging
from contextvars import Context
from typing import Any
from weakref import ref

# daphne.server installs Twisted's asyncio reactor: nothing of Twisted may be imported before it.
from daphne import server as daphne_server

from chatsite.server.timer_wheel import TimerWheel
from chatsite.server.websockets import Protocol

logger = logging.getLogger(__name__)

# Seconds between two checks of a connection that does not say when it wants the next one, as in daphne.
CHECK_SECONDS = 2
# Seconds between two searches for applications that take too long to end.
SEARCH_SECONDS = 10


class TimedServer(daphne_server.Server):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.timer_wheel: TimerWheel[ref[Any]] = TimerWheel()
        # Whether a connection or its application has ended and is still in daphne's tables.
        self._has_ended = True
        self._turn = 0
        # The context of callbacks at an end: one for all, instead of a copy for each.
        self._context = Context()

    # --- Who is quiet -----------------------------------------------------------------------------------------------

    def protocol_connected(self, protocol: Any) -> None:
        super().protocol_connected(protocol)
        # A request without a time-out needs no check.
        if isinstance(protocol, Protocol) or self.http_timeout:
            self._check_in(CHECK_SECONDS, protocol)

    def timeout_checker(self) -> None:
        daphne_server.reactor.callLater(self.timer_wheel.until_next(), self.timeout_checker)
        for due in self.timer_wheel.due():
            protocol = due()
            if protocol is not None and protocol in self.connections:
                self._check_in(self._check(protocol), protocol)

    def _check_in(self, seconds: float, protocol: Any) -> None:
        # A weak reference: a connection that has ended is not kept in memory until then.
        self.timer_wheel.add(ref(protocol), seconds=seconds)

    def _check(self, protocol: Any) -> float:
        """Check its time-outs; return in how many seconds to check them again."""
        try:
            seconds = protocol.check_timeouts()
        except Exception:
            # The others are checked all the same, and this one the next time.
            logger.exception("A connection could not be checked.")
            seconds = None
        return CHECK_SECONDS if seconds is None else float(seconds)

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
