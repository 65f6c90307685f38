"""The site, and whether what happens is told to its process."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from asgiref.sync import sync_to_async

from rooms.realtime import lifecycle
from rooms.realtime.presence.tracker import presence
from tests.api.short_path.site import Site


@pytest.fixture
async def site(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    """Nothing is compared with the database but when a test does it."""
    monkeypatch.setattr("rooms.realtime.hub.RECONCILE_EVERY", 1_000.0)
    monkeypatch.setattr("rooms.realtime.reconcile.reconciler.RECONCILE_EVERY", 1_000.0)
    monkeypatch.setattr("rooms.realtime.hub.UPKEEP_EVERY", 1_000.0)
    presence.clear()
    # As the application does it at each request.
    await lifecycle.hub().reconciler.run()
    yield Site()
    await lifecycle.stop()
    presence.clear()


@pytest.fixture(params=["told", "not told"])
def lost(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Awaitable[None]]:
    """Return what has to happen before a change is known: nothing if signals come, a run of the reconciler if not."""
    if request.param == "told":

        async def nothing() -> None:
            # The signal's call waits its turn on this loop.
            await sync_to_async(int)()

        return nothing
    monkeypatch.setattr(lifecycle, "hubs", list)

    async def run() -> None:
        await lifecycle.hub().reconciler.run()
        for task in list(lifecycle.hub().tasks._tasks):
            if "_read_up" in repr(task):
                await task

    return run
