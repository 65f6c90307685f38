"""Runs a coroutine at once as far as it goes: an ASGI ``send`` mostly ends without waiting.

A task for each socket and frame would cost more than the sending. (Python 3.12 has eager tasks; this is for 3.11.)
"""

import asyncio
from collections.abc import Coroutine, Generator
from types import coroutine
from typing import Any


def run(work: Coroutine[Any, Any, object]) -> "asyncio.Task[None] | None":
    """Run ``work`` until it ends, and return None, or until it has to wait, and return the task that continues it."""
    try:
        waits_for = work.send(None)
    except StopIteration:
        return None
    return asyncio.get_running_loop().create_task(_go_on(work, waits_for))


async def _go_on(work: Coroutine[Any, Any, object], waits_for: Any) -> None:
    await _rest_of(work, waits_for)


@coroutine
def _rest_of(work: Coroutine[Any, Any, object], waits_for: Any) -> Generator[Any, Any, None]:
    while True:
        try:
            try:
                value = yield waits_for
            except BaseException as error:
                waits_for = work.throw(error)
            else:
                waits_for = work.send(value)
        except StopIteration:
            return
