"""What several threads do at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connections

R = TypeVar("R")


def at_once(count: int, work: Callable[[int], R]) -> list[R]:
    """Call ``work`` with 0, 1, 2 … in that many threads that start together."""
    barrier = Barrier(count)

    def run(number: int) -> R:
        barrier.wait()
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))
