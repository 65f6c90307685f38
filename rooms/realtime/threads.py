"""Database work for the event loop: a few threads, each with a connection that stays open."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection, connections

P = ParamSpec("P")
R = TypeVar("R")

# Channels would run every consumer's query in one thread. With four, a quick query need not wait for a slow one.
READERS = 4

_readers: ThreadPoolExecutor | None = None


async def in_database(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run ``function`` in a reader's thread and await its result, without limit; raises what it raises.

    It runs twice if its connection turns out to be dead: see ``with_connection``.
    """
    global _readers  # noqa: PLW0603 (made on first use, in the process that uses it)
    if _readers is None:
        _readers = ThreadPoolExecutor(READERS, thread_name_prefix="chatsite-reader")
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_readers, lambda: with_connection(function, *args, **kwargs))


def with_connection(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run ``function`` with this thread's connection; once more, on a new one, if the database had gone away.

    Only for what may be done twice: reads, and writes that are idempotent.
    """
    try:
        return function(*args, **kwargs)
    except (OperationalError, InterfaceError):
        connections.close_all()
        return function(*args, **kwargs)
    finally:
        if "pool" in connection.settings_dict.get("OPTIONS", {}):
            # Give it back: there may be more threads than pooled connections.
            connection.close()


def shutdown() -> None:
    """Close the readers' connections, and wait for the work that is running."""
    global _readers
    readers, _readers = _readers, None
    if readers is not None:
        for _ in range(READERS):
            readers.submit(connections.close_all)
        readers.shutdown()
