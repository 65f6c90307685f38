"""When to check which connection: each one when its time may be up, not all of them every other second."""

import math
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class TimerWheel(Generic[T]):
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # The second in which they are due, and what is due.
        self._due: dict[int, list[T]] = {}

    def add(self, thing: T, *, seconds: float) -> None:
        """Have it returned by ``due`` in so many seconds, or at the next full one."""
        self._due.setdefault(math.ceil(self._clock() + seconds), []).append(thing)

    def until_next(self) -> float:
        """Return the seconds until the second after this one: who asks ``due`` then asks nobody late."""
        now = self._clock()
        return math.floor(now) + 1 - now

    def due(self) -> list[T]:
        now = self._clock()
        return [thing for second in sorted(self._due) if second <= now for thing in self._due.pop(second)]
