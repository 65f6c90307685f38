"""What the other processes tell of their people in one Redis: how far each has been read, and what there is to read."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from rooms.realtime.presence.occupants import Place, Stay
from rooms.realtime.redis.presence_codec import PROCESSES, REV, decode, decode_all, field_of, key_of

# Seconds that one answer of Redis may take, with the connecting that goes before. A slow one is used all the same.
TIMEOUT = 10.0
# Fields that are read at once.
CHUNK = 500


async def in_time(answer: Awaitable[Any]) -> Any:
    # Not redis-py's own time-outs: these use wait_for, which in Python 3.11 may swallow a cancellation, after which the
    # hub could not be stopped.
    async with asyncio.timeout(TIMEOUT):
        return await answer


@dataclass(frozen=True, slots=True)
class Hint:
    """Which of a process's fields to read: what it wrote after the ``rev`` ``since``; None for all."""

    since: int
    rev: int
    places: frozenset[Place] | None

    def join(self, later: "Hint") -> "Hint":
        if self.places is None or later.places is None or later.since != self.rev:
            return READ_ALL
        return Hint(self.since, later.rev, self.places | later.places)


READ_ALL = Hint(0, 0, None)


class Owner(Protocol):
    """Who is told what was read."""

    def told_by(self, process: str) -> set[Place]: ...
    def take(self, process: str, stays: Mapping[Place, Stay | None]) -> None: ...
    def lose(self, process: str) -> None: ...


class Following:
    """``renew`` adds to a pipeline what keeps the own lease."""

    def __init__(self, owner: Owner, *, renew: Callable[[Any], object]) -> None:
        self._owner = owner
        self._renew = renew
        # The `rev` up to which each has been read.
        self._read: dict[str, int] = {}
        self._hints: dict[str, Hint] = {}

    @property
    def is_behind(self) -> bool:
        return bool(self._hints)

    def processes(self) -> list[str]:
        return list(self._read)

    def hear(self, process: str, hint: Hint) -> None:
        before = self._hints.get(process)
        self._hints[process] = before.join(hint) if before else hint

    def compare(self, standings: Mapping[str, tuple[str | None, int]]) -> None:
        """Note who is further than was read, by their ``rev`` and the number of their fields."""
        for process, (rev, fields) in standings.items():
            # One field is the rev. Not as many people as it tells of: a word that came late has taken somebody out.
            if rev != str(self._read[process]) or fields - 1 != len(self._owner.told_by(process)):
                # Where a hint waits it is followed first; the next beat sees whether that was all.
                self._hints.setdefault(process, READ_ALL)

    def meet(self, processes: set[str]) -> None:
        for process in processes - self._read.keys():
            self._hints.setdefault(process, READ_ALL)

    async def follow(self, client: Any) -> None:
        """Read what one of the hints says."""
        process, hint = self._hints.popitem()
        read = self._read.get(process)
        if hint.places is None or read is None or read < hint.since:
            await self._read_all(client, process)
        elif read < hint.rev:
            await self._read_some(client, process, hint.places, hint.rev)

    def lose_all(self) -> None:
        for process in self.processes():
            self._lose(process)

    async def _read_some(self, client: Any, process: str, places: frozenset[Place], rev: int) -> None:
        asked = list(places)
        is_there, *texts = await in_time(client.hmget(key_of(process), [REV, *map(field_of, asked)]))
        if is_there is None:
            self._lose(process)
            return
        self._owner.take(process, {place: decode(text) for place, text in zip(asked, texts, strict=True)})
        self._read[process] = rev

    async def _read_all(self, client: Any, process: str) -> None:
        """Read a process's people in parts: what changes meanwhile is read once more by its hint."""
        rev = await in_time(client.hget(key_of(process), REV))
        if rev is None:
            self._lose(process)
            # Whoever is alive after all puts themselves back at their next beat.
            await in_time(client.srem(PROCESSES, process))
            return
        gone = self._owner.told_by(process)
        cursor: int | None = None
        while cursor != 0:
            async with client.pipeline(transaction=False) as pipe:
                # The own lease must not run out over somebody else's many people.
                self._renew(pipe)
                pipe.hscan(key_of(process), cursor or 0, count=CHUNK)
                _, (cursor, fields) = await in_time(pipe.execute())
            stays = decode_all(fields)
            gone -= stays.keys()
            self._owner.take(process, stays)
        self._owner.take(process, dict.fromkeys(gone))
        self._read[process] = int(rev)

    def _lose(self, process: str) -> None:
        self._read.pop(process, None)
        self._owner.lose(process)
