"""The line to a site: a socket that comes back by itself or, where none opens, polling; until the site ends it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from chatsite_client.api import Api
from chatsite_client.backoff import Backoff
from chatsite_client.entered import Rooms
from chatsite_client.errors import BadCertificate, ChatsiteError, Refused, SignedOut
from chatsite_client.news import Connected, Disconnected, Ended, News
from chatsite_client.polling import Poller
from chatsite_client.websocket import SIGNED_OUT, Closed, Socket

# Failures in a row before polling takes over: fewer where no socket has ever worked.
FAILURES_AT_FIRST = 2
FAILURES_LATER = 5
TRY_SOCKET_EVERY_SECONDS = 60.0
# A program that is refused a socket for longer than this polls meanwhile.
LONG_REFUSAL_SECONDS = 5.0
# A socket that held for this long was a good one: the next try comes at once.
STABLE_SECONDS = 3.0

Json = dict[str, Any]


class Line:
    """``run`` goes on until the site ends it; ``take`` gets each event, and ``put`` what becomes of the line."""

    def __init__(
        self,
        api: Api,
        rooms: Rooms,
        *,
        take: Callable[[Json], Awaitable[None]],
        put: Callable[[News], Awaitable[None]],
        websockets: bool,
    ) -> None:
        self.socket = Socket(api, rooms, take)
        self._api, self._rooms, self._take, self._put = api, rooms, take, put
        self._websockets = websockets
        self._has_worked = False
        self._is_up = False
        self._why = ""

    async def welcomed(self) -> None:
        """The socket is up."""
        self._is_up, self._why = True, ""
        await self._put(Connected("socket"))

    async def run(self) -> None:
        failures, backoff, has_polled = 0, Backoff(), False
        while True:
            poll_for = float("inf")
            if self._websockets:
                began = time.monotonic()
                closed = await self._over_socket()
                was_welcomed, self.socket.is_welcomed = self.socket.is_welcomed, False
                # A socket that is only tried again while polling works is no lost connection.
                if was_welcomed or not has_polled or closed.retry_seconds is None:
                    await self._down(_sentence_of(closed))
                if closed.retry_seconds is None:
                    await self._end(closed)
                    return
                if was_welcomed and time.monotonic() - began > STABLE_SECONDS:
                    backoff.reset()
                failures = 0 if was_welcomed else failures + 1
                self._has_worked |= was_welcomed
                poll_for = self._poll_after(closed, failures)
                if not poll_for:
                    await asyncio.sleep(closed.retry_seconds + backoff.next())
            has_polled = poll_for > 0
            if has_polled and not await self._over_polling(poll_for):
                return
            has_polled &= self._is_up

    def _poll_after(self, closed: Closed, failures: int) -> float:
        """Return for how long to poll, after a socket that was closed so and so many failures; 0: try again instead."""
        if closed.bye and (closed.retry_seconds or 0) >= LONG_REFUSAL_SECONDS:
            self._why = str(closed.bye["detail"])
            return max(closed.retry_seconds or 0, TRY_SOCKET_EVERY_SECONDS)
        return (
            TRY_SOCKET_EVERY_SECONDS if failures >= (FAILURES_LATER if self._has_worked else FAILURES_AT_FIRST) else 0
        )

    async def _over_socket(self) -> Closed:
        try:
            await self.socket.run()
        except Closed as closed:
            return closed
        raise AssertionError("A socket ends by Closed.")

    async def _over_polling(self, seconds: float) -> bool:
        """Poll for so long, or until the site was away, which says nothing about sockets. False: it is the end."""
        poller, backoff = Poller(self._api, self._rooms, self._take), Backoff(most=6)
        while True:
            was_away = False
            try:
                await poller.run(seconds=seconds, on_answer=self._answered)
                return True
            except (SignedOut, BadCertificate) as error:
                await self._put(Ended(None, SIGNED_OUT, error.code, str(error)))
                return False
            except Refused as refused:
                if not refused.is_passing:
                    raise
                was_away = refused.status != 429
                wait = max(refused.retry_after or 0, backoff.next())
                why = str(refused)
            except ChatsiteError as error:
                was_away, wait, why = True, backoff.next(), str(error)
            if was_away:
                await self._down(why)
            await asyncio.sleep(wait)
            if was_away and self._websockets:
                return True

    async def _answered(self) -> None:
        if not self._is_up:
            self._is_up = True
            await self._put(Connected("polling", self._why))

    async def _down(self, why: str) -> None:
        if self._is_up or why:
            self._is_up = False
            await self._put(Disconnected(why))

    async def _end(self, closed: Closed) -> None:
        bye = closed.bye or {}
        await self._put(
            Ended(None, int(bye.get("code", closed.code)), str(bye.get("reason", "")), _sentence_of(closed))
        )


def _sentence_of(closed: Closed) -> str:
    if closed.bye:
        return str(closed.bye["detail"])
    return str(closed.error) if closed.error else ""
