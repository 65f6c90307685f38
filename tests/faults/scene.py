"""People in rooms, talking while something goes wrong, and what they can say of it afterwards.

Everybody is a member of all rooms, and most have all of them open on one connection, while attending one.
"""

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self
from urllib.error import HTTPError

from tests.faults import truth
from tests.faults.pinners import Pinner
from tests.faults.pollers import Poller
from tests.faults.posts import Post
from tests.faults.readers import Reader
from tests.faults.roamers import Roamer
from tests.faults.stage import Stage
from tests.faults.views import RoomView, Row
from tests.faults.windows import Window, WindowReaders
from tests.faults.writers import Writer
from tests.scripts import Script

ROOMS = 3
WRITERS = 6
# Seconds until the harness gives up on something that should have come.
PATIENCE = 120.0
# Seconds in which a process that was killed may still be thought of as having its people.
LEASE = 30.0


@dataclass(slots=True)
class Evidence:
    """What the checker judges. ``noted`` are breaches that were seen while it happened: (invariant, sentence)."""

    rows: dict[str, list[Row]]
    chain_faults: list[str]
    posts: list[Post]
    readers: list[Reader]
    # Those of them who were there to the end.
    staying: list[Reader]
    noted: list[tuple[int, str]] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    # What the API lists as pinned in each room.
    pinned: dict[str, set[int]] = field(default_factory=dict)
    recovery: float = 0.0
    memory: int = 0

    @property
    def views(self) -> list[RoomView]:
        return [view for reader in self.readers for view in reader.views.values()]


class Scene:
    """``async with Scene(stage, seed) as scene``: everybody is there, and the writers talk, most in ``rooms`` rooms."""

    def __init__(
        self, stage: Stage, seed: object, *, rooms: int = 2, every: float = 0.2, brief: bool = False,
        patience: float = PATIENCE,
    ) -> None:  # fmt: skip
        self.stage = stage
        self.rng = random.Random(str(seed))
        self.brief, self.patience = brief, patience
        self.clients: list[Reader] = []
        self.noted: list[tuple[int, str]] = []
        self.memory = 0
        self._every, self._talked_in = every, rooms
        self._tasks: dict[Reader, asyncio.Task[None]] = {}
        self.rooms: list[str] = []
        self._pinners: list[Pinner] = []
        self._pinned: dict[str, set[int]] = {}
        # In which room each person is, once that is judged.
        self._attended: dict[str, str] = {}
        # What goes on beside the clients.
        self._beside: list[asyncio.Task[None]] = []

    # --- Who is there -----------------------------------------------------------------------------------------------

    @property
    def writers(self) -> list[Writer]:
        return [client for client in self.clients if isinstance(client, Writer)]

    @property
    def posts(self) -> list[Post]:
        return [post for client in self.clients for post in client.posts]

    @property
    def staying(self) -> list[Reader]:
        return [client for client in self.clients if client in self._tasks and client.ended is None]

    async def __aenter__(self) -> Self:
        people = self.stage.people
        for number in range(ROOMS):
            self.rooms.append(await self.stage.open_room([*people[number:], *people[:number]]))
        for index in range(WRITERS):
            self.add_writer(index, every=self._every)
        # One who only reads, on one page, and so is gone with it; one who has a second page open, at another process.
        self.leaver = self.add_reader(WRITERS, home=WRITERS + 1)
        self.dawdler = self.add_reader(1, home=2, rooms=1)
        # Two who come and go, one of them also the writer of another page.
        for index in (WRITERS + 1, 0):
            self._begin(Roamer(*self._at(index), home=index + 1, rng=self._new_rng()))
        # And two with a page that polls, which attends another room than their first page.
        for index in (2, 3):
            poller = Poller(*self._at(index), home=index + 1, rng=self._new_rng(), every=1.0)
            self._begin(poller)
            await poller.attend(self.rng.choice(self.rooms))
        self._pinners = [
            Pinner(people[number], self.writers[number].views[room], self.stage.urls, self._new_rng())
            for number, room in enumerate(self.rooms)
        ]
        self.window_readers = WindowReaders(lambda: self.staying, self.stage.urls, self._new_rng())
        work = [self._sample_memory, self.window_readers.read, *(pinner.pin for pinner in self._pinners)]
        self._beside = [asyncio.create_task(each()) for each in work]
        await self.until(lambda: all(client.is_live for client in self.clients))
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        for task in self._beside:
            task.cancel()
        for client in list(self._tasks):
            await self.send_home(client)

    def add_writer(self, index: int, *, every: float, home: int | None = None) -> Writer:
        home = index if home is None else home
        writer = Writer(*self._at(index), home=home, rng=self._new_rng(), every=every)
        self._begin(writer)
        return writer

    def add_reader(self, index: int, *, home: int, rooms: int = ROOMS) -> Reader:
        person, theirs, doors = self._at(index)
        reader = Reader(person, theirs[:rooms], doors, home=home, rng=self._new_rng())
        self._begin(reader)
        return reader

    def _at(self, index: int) -> tuple[Script, list[str], list[str]]:
        """Return who has this index, the rooms that they show, their own first, and the doors."""
        own = index % self._talked_in
        return self.stage.people[index], [*self.rooms[own:], *self.rooms[:own]], self.stage.urls

    def _new_rng(self) -> random.Random:
        return random.Random(self.rng.getrandbits(64))

    def _begin(self, client: Reader) -> None:
        self.clients.append(client)
        self._tasks[client] = asyncio.create_task(client.run())

    async def send_home(self, client: Reader) -> None:
        """Let somebody be cut off, and not come back."""
        client.vanish()
        if task := self._tasks.pop(client, None):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    # --- How it goes on ---------------------------------------------------------------------------------------------

    async def for_seconds(self, seconds: float, *, brief: float | None = None) -> None:
        """Let time pass: less of it where the scene is a brief one."""
        await asyncio.sleep(seconds if brief is None or not self.brief else brief)

    async def until(self, condition: Callable[[], bool], seconds: float = 0.0) -> bool:
        """Return whether ``condition`` came to hold in time, or within one's patience."""
        deadline = time.monotonic() + (seconds or self.patience)
        while not condition():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True

    def note(self, invariant: int, sentence: str) -> None:
        self.noted.append((invariant, sentence))

    async def settle(self) -> float:
        """Stop the talk, and return how long it takes until everything is stored and everybody has it."""
        began = time.monotonic()
        for pinner in self._pinners:
            pinner.is_pinning = False
        for client in self.clients:
            if isinstance(client, Roamer):
                await client.settle()
            if isinstance(client, Writer | Poller) and client.is_writing and client in self.staying:
                client.say()
            client.is_writing = False
        if not await self.until(self._is_settled):
            self.note(7, f"After {self.patience:.0f} s it had not recovered: {self._unsettled()}.")
        recovery = time.monotonic() - began
        if not self._unsettled():
            await self._read_back()
        return recovery

    async def _read_back(self) -> None:
        """Once all is quiet, ask again for what nobody sent."""
        try:
            for pinner in self._pinners:
                self._pinned[pinner.view.room] = await pinner.listed()
            await self.window_readers.read_everywhere()
        except HTTPError as refusal:
            # Such as a session that is not there any more.
            refusal.close()
            self.note(7, f"Once all was quiet, somebody who belongs there may not read: {refusal}.")

    def _is_settled(self) -> bool:
        return not self._unsettled()

    def _unsettled(self) -> str:
        if any(pinner.is_busy for pinner in self._pinners):
            return "pins are not answered"
        for client in self.staying:
            if not client.is_live:
                return f"{client.name} is not connected"
            if client.waiting:
                return f"{len(client.waiting)} posts of {client.name} are not acknowledged"
            for view in client.open_views:
                if view.head < (head := self._head_of(view.room)):
                    return f"{client.name} has {view.head} of {head} rows"
        return ""

    def _head_of(self, room: str) -> int:
        heads = [client.views[room].head for client in self.clients if room in client.views]
        acked = [seq for post in self.posts if post.room == room for seq, _ in post.answers]
        return max([*heads, *acked])

    async def judge_presence(self) -> None:
        """Somebody goes without a word, each other attends some room; within the lease everybody knows who is where."""
        await self.send_home(self.leaver)
        self._attended = {}
        for name in {client.name for client in self.staying}:
            # By one page, or again by one that attends already: their others hear that they have moved.
            client = self.rng.choice([client for client in self.staying if client.name == name])
            if rooms := [view.room for view in client.open_views]:
                self._attended[name] = self.rng.choice(rooms)
                await client.attend(self._attended[name])
        if not await self.until(lambda: not self._misbeliefs(), LEASE):
            for sentence in self._misbeliefs():
                self.note(6, f"After {LEASE:.0f} s {sentence}.")

    def _misbeliefs(self) -> list[str]:
        truth = {room: {name for name, where in self._attended.items() if where == room} for room in self.rooms}
        lists = [
            f"{view.name} sees {sorted(view.present)} where {sorted(truth[view.room])} are"
            for client in self.staying
            for view in client.open_views
            if view.present != truth[view.room]
        ]
        return lists + [
            f"a page of {client.name} believes to attend another room"
            for client in self.staying
            if client.attending not in (None, self._attended.get(client.name))
        ]

    def evidence(self, recovery: float) -> Evidence:
        stored = {room: truth.read(self.stage.database, room) for room in self.rooms}
        return Evidence(
            rows={room: rows for room, (rows, _) in stored.items()},
            chain_faults=[fault for _, faults in stored.values() for fault in faults],
            posts=self.posts,
            readers=self.clients,
            staying=self.staying,
            noted=self.noted,
            windows=self.window_readers.windows,
            pinned=self._pinned,
            recovery=recovery,
            memory=self.memory,
        )

    async def _sample_memory(self) -> None:
        while True:
            self.memory = max(self.memory, *(site.memory() for site in self.stage.sites), 0)
            await asyncio.sleep(0.25)
