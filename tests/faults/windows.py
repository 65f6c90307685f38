"""Somebody who reads back by the API while others talk: windows around a row, and pages before one."""

import asyncio
import random
import urllib.error
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tests.faults.readers import Reader
from tests.faults.views import RoomView, Row

READ_EVERY = 0.4
# Kinds that are not drawn, as docs/protocol.md has them: who reads back is not shown them.
UNDRAWN = {"pinned", "unpinned"}


@dataclass(frozen=True, slots=True)
class Window:
    """What was answered when ``name``, who had ``had`` rows by then, asked for ``limit`` rows ``how`` (of) ``seq``."""

    name: str
    room: str
    how: str
    seq: int
    limit: int
    had: int
    head: int
    rows: list[Row]
    # The rows of them that are shown as pinned.
    pinned: frozenset[int]
    # Asked when nobody did anything any more.
    is_last: bool = False

    def expected(self, stored: list[Row]) -> list[Row]:
        """Return what it should hold, of all rows that are stored by now."""
        drawn = [row for row in stored if row.kind not in UNDRAWN and row.seq <= self.head]
        if self.how == "before":
            return [row for row in drawn if row.seq < self.seq][-self.limit :]
        up_to = [row for row in drawn if row.seq <= self.seq]
        return up_to[-(self.limit - self.limit // 2) :] + drawn[len(up_to) :][: self.limit // 2]


class WindowReaders:
    """Read windows of the rooms of whoever is there, by each door. ``readers`` returns those whose rows they know."""

    def __init__(self, readers: Callable[[], Sequence[Reader]], doors: Sequence[str], rng: random.Random) -> None:
        self._readers, self._doors, self.rng = readers, doors, rng
        self.windows: list[Window] = []

    async def read(self) -> None:
        """Read some window, again and again."""
        while True:
            await asyncio.sleep(READ_EVERY * self.rng.uniform(0.5, 1.5))
            seen = [(reader, view) for reader in self._readers() for view in reader.open_views if view.head]
            if seen:
                with suppress(OSError):
                    await self._ask(*self.rng.choice(seen), door=self.rng.choice(self._doors))

    async def read_everywhere(self) -> None:
        """Read a window of each room by each process, once all is quiet: what is asked now has to be answered."""
        for reader in {reader.name: reader for reader in self._readers()}.values():
            for view in reader.open_views:
                for door in self._doors:
                    await self._ask(reader, view, door=door, is_last=True)

    async def _ask(self, reader: Reader, view: RoomView, *, door: str, is_last: bool = False) -> None:
        how, seq = self.rng.choice(["around", "before"]), self.rng.randint(1, view.head)
        limit, had = self.rng.choice([1, 2, 7, 30, 100]), view.head
        path = f"/api/v1/rooms/{view.room}/messages?{how}={seq}&limit={limit}"
        try:
            answer = await asyncio.to_thread(reader.person.at(door).call, "GET", path)
        except urllib.error.HTTPError as error:
            # Busy, or away; and who has just been removed may not read any more.
            error.close()
            if is_last:
                raise
            return
        rows = [Row.of(message) for message in answer["messages"]]
        pinned = frozenset(message["seq"] for message in answer["messages"] if message["pinned"])
        self.windows.append(
            Window(reader.name, view.room, how, seq, limit, had, answer["head"], rows, pinned, is_last=is_last)
        )
