"""Asks the database once a second what is true, whatever notices were lost; cheaply if nothing was committed."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime

from django.utils import timezone

from rooms.realtime.reconcile.change_token import ChangeToken
from rooms.realtime.threads import in_database

# Seconds between two runs: the most that a lost notice costs.
RECONCILE_EVERY = 1.0
# Runs after which everything is asked, whatever the change token says.
FULL_CHECK_EVERY = 10

# Compares a part of this process with the database, and mends it. It returns when it has to be asked again although
# nothing was committed; None: never.
Check = Callable[[], Awaitable[datetime | None]]


class Reconciler:
    """On the event loop."""

    def __init__(self) -> None:
        self._checks: list[Check] = []
        self._token = ChangeToken()
        # The token before the checks ran last; None if something has changed in this process since.
        self._checked: str | None = None
        self._turn = 0
        # In monotonic seconds: as of when what this process knows is what the database had.
        self._true_at = float("-inf")
        # Set, and replaced by a new one, at the end of each run.
        self._ended = asyncio.Event()
        self._next_expiry: datetime | None = None

    def add(self, check: Check) -> None:
        self._checks.append(check)

    def invalidate(self) -> None:
        """Run the checks the next time although nothing may be committed until then."""
        self._checked = None

    def is_up_to_date(self) -> bool:
        """Return whether this process knows what was true two runs ago at most: the database may be away, or slow."""
        return time.monotonic() - self._true_at <= 2 * RECONCILE_EVERY

    async def becomes_up_to_date(self) -> bool:
        """Return the same; where it is not so, wait for the next run: a busy process asks less by waiting."""
        if not self.is_up_to_date():
            with suppress(TimeoutError):
                async with asyncio.timeout(2 * RECONCILE_EVERY):
                    await self._ended.wait()
        return self.is_up_to_date()

    async def run(self) -> None:
        """Run the checks if anything may have changed; raises what the database raises."""
        begun_at = time.monotonic()
        await self._run()
        self._true_at = begun_at
        self._ended.set()
        self._ended = asyncio.Event()

    async def _run(self) -> None:
        self._turn += 1
        token = await self.read_token()
        is_quiet = token is not None and token == self._checked and not self._has_expired()
        if is_quiet and self._turn % FULL_CHECK_EVERY:
            return
        # Before the checks: what changes in this process while they run calls `invalidate`.
        self._checked = token
        try:
            await self.run_checks()
        except BaseException:
            self.invalidate()
            raise

    async def run_checks(self) -> None:
        """Run every check once, one after the other; the first that raises ends the round."""
        self._next_expiry = None
        for check in self._checks:
            if expiry := await check():
                self._next_expiry = expiry

    async def read_token(self) -> str | None:
        """Return the change token of the database; None if it cannot be read."""
        return await in_database(self._token.read)

    async def close(self) -> None:
        await in_database(self._token.close)

    def _has_expired(self) -> bool:
        return self._next_expiry is not None and self._next_expiry <= timezone.now()
