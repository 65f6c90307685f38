"""A room's admin, who pins messages and unpins them by the API while others talk."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress

from tests.faults.views import RoomView
from tests.scripts import Script

PIN_EVERY = 0.8
# A room may have 50.
FEW = 10


class Pinner:
    """``view`` is what somebody knows of the admin's room."""

    def __init__(self, admin: Script, view: RoomView, doors: Sequence[str], rng: random.Random) -> None:
        self.admin, self.view = admin, view
        self.is_pinning = True
        # Whether something that was asked for is not answered yet.
        self.is_busy = False
        self._doors, self._rng = doors, rng

    async def pin(self) -> None:
        while True:
            await asyncio.sleep(PIN_EVERY * self._rng.uniform(0.5, 1.5))
            if self.is_pinning and (change := self._choose()):
                # Whether it was done, where the line or the process fails, the log tells everybody.
                self.is_busy = True
                with suppress(OSError):
                    await asyncio.to_thread(self._admin_somewhere().call, *change)
                self.is_busy = False

    def _choose(self) -> tuple[str, str] | None:
        pins, path = sorted(self.view.pins), f"/api/v1/rooms/{self.view.room}/pins"
        if pins and (len(pins) >= FEW or self._rng.random() < 0.4):
            return "DELETE", f"{path}/{self._rng.choice(pins)}"
        said = [row.seq for row in self.view.seen.values() if row.kind == "text"]
        return ("PUT", f"{path}/{self._rng.choice(said)}") if said else None

    async def listed(self) -> set[int]:
        """Return what the API lists as pinned."""
        answer = await asyncio.to_thread(self._admin_somewhere().call, "GET", f"/api/v1/rooms/{self.view.room}/pins")
        return {pin["seq"] for pin in answer["pins"]}

    def _admin_somewhere(self) -> Script:
        return self.admin.at(self._rng.choice(self._doors))
