"""People in rooms, talking while something goes wrong, and what they can say of it afterwards."""

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

from tests.faults import truth
from tests.faults.pollers import Poller
from tests.faults.posts import Post
from tests.faults.readers import Reader, Row
from tests.faults.stage import Stage
from tests.faults.writers import Writer
from tests.scripts import Script

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
    recovery: float = 0.0
    memory: int = 0


class Scene:
    """``async with Scene(stage, seed) as scene``: everybody is there, and the writers talk."""

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
        self._every, self._room_count = every, rooms
        self._tasks: dict[Reader, asyncio.Task[None]] = {}
        self.rooms: list[str] = []

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
        for number in range(self._room_count):
            self.rooms.append(await self.stage.open_room(people[number :: self._room_count]))
        for place in range(WRITERS):
            self.add_writer(place, every=self._every)
        # Two who only read, on one page, and so are gone with it; two who have a second page open, at another process.
        self.leaver, _, _, self.dawdler = (
            self.add_reader(place, home=place + 1) for place in (WRITERS, WRITERS + 1, 0, 1)
        )
        # And two with a page that polls.
        for place in (2, 3):
            self._begin(Poller(*self._at(place), home=place + 1, rng=self._new_rng(), every=1.0))
        self._sampling = asyncio.create_task(self._sample_memory())
        await self.until(lambda: all(client.is_live for client in self.clients))
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._sampling.cancel()
        for client in list(self._tasks):
            await self.send_home(client)

    def add_writer(self, place: int, *, every: float, home: int | None = None) -> Writer:
        home = place if home is None else home
        writer = Writer(*self._at(place), home=home, rng=self._new_rng(), every=every)
        self._begin(writer)
        return writer

    def add_reader(self, place: int, *, home: int) -> Reader:
        reader = Reader(*self._at(place), home=home, rng=self._new_rng())
        self._begin(reader)
        return reader

    def _at(self, place: int) -> tuple[Script, str, list[str]]:
        """Return who has this place, the room that they are in, and its doors."""
        return self.stage.people[place], self.rooms[place % len(self.rooms)], self.stage.urls

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
        for client in self.clients:
            if isinstance(client, Writer | Poller) and client.is_writing and client in self.staying:
                client.say()
            client.is_writing = False
        if not await self.until(self._is_settled):
            self.note(7, f"After {self.patience:.0f} s it had not recovered: {self._unsettled()}.")
        return time.monotonic() - began

    def _is_settled(self) -> bool:
        return not self._unsettled()

    def _unsettled(self) -> str:
        for client in self.staying:
            if not client.is_live:
                return f"{client.name} is not connected"
            if client.waiting:
                return f"{len(client.waiting)} posts of {client.name} are not acknowledged"
            if client.head < (head := self._head_of(client.room)):
                return f"{client.name} has {client.head} of {head} rows"
        return ""

    def _head_of(self, room: str) -> int:
        heads = [client.head for client in self.clients if client.room == room]
        acked = [seq for post in self.posts if post.room == room for seq, _ in post.answers]
        return max([*heads, *acked])

    async def judge_presence(self) -> None:
        """Somebody goes without a word; within the lease everybody knows who is here."""
        await self.send_home(self.leaver)
        if not await self.until(lambda: not self._misbeliefs(), LEASE):
            for sentence in self._misbeliefs():
                self.note(6, f"After {LEASE:.0f} s {sentence}.")

    def _misbeliefs(self) -> list[str]:
        truth = {room: {client.name for client in self.staying if client.room == room} for room in self.rooms}
        return [
            f"{client.name} sees {sorted(client.present)} where {sorted(truth[client.room])} are"
            for client in self.staying
            if client.present != truth[client.room]
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
            recovery=recovery,
            memory=self.memory,
        )

    async def _sample_memory(self) -> None:
        while True:
            self.memory = max(self.memory, *(site.memory() for site in self.stage.sites), 0)
            await asyncio.sleep(0.25)
