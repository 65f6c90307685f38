"""Somebody who enters rooms, leaves them and attends now this one and now that one, while people talk."""

import asyncio
import random
from collections.abc import Sequence

from tests.faults.readers import Reader
from tests.scripts import Script

# Seconds between two steps, on the average. Entering is limited to one a second in the long run.
STEP = 0.7


class Roamer(Reader):
    def __init__(
        self, person: Script, rooms: Sequence[str], doors: Sequence[str], *, home: int = 0, rng: random.Random,
    ) -> None:  # fmt: skip
        super().__init__(person, rooms, doors, home=home, rng=rng)
        self.is_roaming = True
        for view in self.views.values():
            view.is_prompt = False

    async def run(self) -> None:
        roaming = asyncio.create_task(self._roam())
        try:
            await super().run()
        finally:
            roaming.cancel()
            await asyncio.gather(roaming, return_exceptions=True)

    async def _roam(self) -> None:
        while True:
            await asyncio.sleep(STEP * self.rng.uniform(0.1, 1.9))
            if self.is_roaming and self.socket is not None:
                await self._step()

    async def _step(self) -> None:
        within = [view.room for view in self.views.values() if view.is_open]
        without = [view.room for view in self.views.values() if not view.is_wanted and view.ended is None]
        match self.rng.randrange(10):
            case 0 | 1 | 2 if within:
                await self.leave(self.rng.choice(within))
            case 3 | 4 | 5 | 6 if without:
                await self.enter(self.rng.choice(without))
            case 7 if within:
                # A room that one is in already is entered anew. Sometimes both are on their way at once.
                room = self.rng.choice(within)
                if self.rng.random() < 0.5:
                    await self.leave(room)
                await self.enter(room)
            case _:
                await self.attend(self.rng.choice([None, *within]))

    async def settle(self) -> None:
        """Enter all rooms, also anew, and stay."""
        self.is_roaming = False
        for view in self.views.values():
            if view.ended is None:
                view.is_wanted = True
                # Without a line the next connection enters them.
                await self.enter(view.room)
