"""Starts the hub and ends it. daphne has no lifespan events, so the first request starts it."""

import asyncio
from collections.abc import Iterator
from contextvars import Context
from weakref import WeakKeyDictionary

from django.utils.translation import gettext as _

from chatsite import readonly
from rooms import errors
from rooms.realtime import protocol
from rooms.realtime.hub import Hub
from rooms.realtime.writer import writer

# Seconds for the last posts of a process that ends, and for its clients to take their `bye`.
FINISH_SECONDS = 3.0
BYE_SECONDS = 1.5

# One hub for each event loop: a process that serves has one loop, the tests have many.
_hubs: "WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = WeakKeyDictionary()


def hub() -> Hub:
    """Return this loop's hub, starting it on first use."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        # From its first request on: before, a process may be making the tables (`make run`).
        readonly.enforce(errors.ReadOnly)
        # In a context of its own: in that of the first request the hub would keep its language and its log fields.
        _hubs[loop] = Context().run(Hub, loop)
    return _hubs[loop]


def hubs() -> list[Hub]:
    """Return the hubs that are running; from any thread."""
    return [hub for loop, hub in list(_hubs.items()) if loop.is_running()]


def _byes() -> Iterator[protocol.Json]:
    detail = _("The site is restarting. You will be back in a moment.")
    while True:
        yield protocol.come_back("restarting", detail)


async def drain() -> None:
    """Before the process ends: store the posts that wait, and tell each client when to come back.

    Waits for ``FINISH_SECONDS`` and ``BYE_SECONDS`` at most.
    """
    loop = asyncio.get_running_loop()
    running = _hubs.get(loop)
    if running:
        running.is_draining = True
    finishing = loop.run_in_executor(None, writer.stop)
    # A database that hangs must not keep clients from being told to come back.
    await asyncio.wait({finishing}, timeout=FINISH_SECONDS)
    if running:
        # Let the answers of those last posts, which are queued on the loop, go first.
        await asyncio.sleep(0)
        await running.drain(_byes(), within=BYE_SECONDS)


async def stop() -> None:
    """End this loop's hub; for tests."""
    if running := _hubs.pop(asyncio.get_running_loop(), None):
        await running.stop()
