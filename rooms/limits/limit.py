"""A limit by name, and what a request has counted against."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from rooms import errors
from rooms.limits.counting import tally, use


@dataclass(frozen=True, slots=True)
class Limit:
    """How many at once, and how many a second in the long run, for each user."""

    name: str
    burst: int
    per_second: float

    def spend(self, person_id: UUID, count: int = 1) -> None:
        """Count ``count``, all or none of them, or raise ``TooFast`` with the seconds to wait. Reads no database."""
        if not settings.RATE_LIMITS:
            return
        self.note(person_id)
        if wait := tally.spend(f"{self.name}:{person_id.hex}", count / self.per_second, self.burst / self.per_second):
            raise errors.TooFast(wait)

    def note(self, person_id: UUID) -> None:
        """Say that this request has counted already."""
        _spent.set((self, person_id))

    def remaining(self, person_id: UUID) -> tuple[int, int]:
        """Return how many more this person may do at once, and in how many seconds all of them."""
        ahead = tally.ahead(f"{self.name}:{person_id.hex}")
        return int(self.burst - ahead * self.per_second + 1e-6), math.ceil(ahead)


# The limit that this thread's request has counted against last, and for whom.
_spent: ContextVar[tuple[Limit, UUID] | None] = ContextVar("spent", default=None)


@contextmanager
def watched() -> Iterator[Callable[[], tuple[Limit, UUID] | None]]:
    """Yield a function that tells which limit was counted against meanwhile, and for whom."""
    before = _spent.set(None)
    try:
        yield _spent.get
    finally:
        _spent.reset(before)


class Frames:
    """The frames of one socket, which is closed when it sends more: no page or script needs as many."""

    PER_SECOND = 200

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = 0.0

    def are_too_many(self) -> bool:
        """Count one more frame; true once they come faster than the limit."""
        if not settings.RATE_LIMITS:
            return False
        self._until, wait = use(self._until, 1 / self.PER_SECOND, now=self._clock(), most=1.0)
        return wait > 0
