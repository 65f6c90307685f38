"""How long to wait before trying again: as the browser's pages do."""

import random

FIRST_SECONDS = 0.5
MOST_SECONDS = 15.0


class Backoff:
    """Longer each time, and at random, so that all who lost one server do not come back at the same moment."""

    def __init__(self, *, first: float = FIRST_SECONDS, most: float = MOST_SECONDS) -> None:
        self._first, self._most = first, most
        self._tries = 0

    def next(self) -> float:
        """Return the next wait in seconds: anything up to 0.5 s at first, up to 15 s in the end."""
        most = min(self._most, self._first * 2**self._tries)
        self._tries = min(self._tries + 1, 10)
        return random.uniform(0, most)  # noqa: S311 (no secret)

    def reset(self) -> None:
        self._tries = 0
