"""One Redis of the exchange: what this process tells there of its people, and what it learns there of others'.

Each process keeps a hash: a field for each person in each room, and ``rev``, which counts its writes. The hash is the
lease: it expires unless it is renewed, so Redis itself forgets the people of a process that was killed. After a write
the others are told by the relay which fields to read; who misses a word sees at the next beat, by ``rev``, that there
is more to read, and reads all. After a failure, or where Redis has forgotten, a process writes all of its own anew.
"""

import asyncio
import logging
import random
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol
from uuid import uuid4

from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from rooms.events import Json
from rooms.realtime.stays import PROCESSES, REV, decode, decode_all, encode, field_of, key_of
from rooms.realtime.visitors import Place, Stay

logger = logging.getLogger(__name__)

# Seconds that one answer of Redis may take.
TIMEOUT = 5.0
# Seconds to wait after a failure.
PAUSE = 1.0
# Seconds in which changes are gathered into one write.
GATHER = 0.05
# Fields that are read or written at once.
CHUNK = 500
# Beats in the time of a lease: two may be lost.
BEATS = 3


@dataclass(frozen=True, slots=True)
class Hint:
    """Which of a process's fields to read: what it wrote after the ``rev`` ``since``; None for all."""

    since: int
    rev: int
    places: set[Place] | None

    def join(self, later: "Hint") -> "Hint":
        if self.places is None or later.places is None or later.since != self.rev:
            return READ_ALL
        return Hint(self.since, later.rev, self.places | later.places)


READ_ALL = Hint(0, 0, None)


class Owner(Protocol):
    """Whose people these are: the exchange, on the event loop."""

    def mine(self, number: int) -> set[Place]: ...
    def stays(self, places: set[Place]) -> Mapping[Place, Stay | None]: ...
    def told_by(self, process: str) -> set[Place]: ...
    def take(self, process: str, stays: Mapping[Place, Stay | None]) -> None: ...
    def lose(self, process: str) -> None: ...
    def tell(self, news: Json) -> None: ...


class Shard:
    def __init__(self, url: str, *, number: int, owner: Owner) -> None:
        self.is_up = True
        self.process = uuid4().hex
        self._url = url
        self._number = number
        self._lease: float = settings.PRESENCE_LEASE
        self._owner = owner
        self._key = key_of(self.process)
        # Of the last write. Where Redis holds another one it has forgotten something.
        self._rev = 0
        self._write_all = True
        self._untold: set[Place] = set()
        # How far each other process has been read.
        self._read: dict[str, int] = {}
        self._hints: dict[str, Hint] = {}
        self._woken = asyncio.Event()
        self._beat_at = 0.0
        self._well_at = asyncio.get_running_loop().time()

    def note(self, place: Place) -> None:
        """Something has changed here and is to be told."""
        self._untold.add(place)
        self._woken.set()

    def hear(self, process: str, hint: Hint) -> None:
        """Another process has written."""
        before = self._hints.get(process)
        self._hints[process] = before.join(hint) if before else hint
        self._woken.set()

    async def run(self) -> None:
        try:
            while True:
                try:
                    await self._turn()
                except Exception as error:
                    self._fail(error)
                    await self._hang_up()
                    await asyncio.sleep(PAUSE * random.uniform(0.5, 1.5))  # noqa: S311 (no secret)
                else:
                    self._succeed()
                    await self._sleep()
        finally:
            await self._hang_up()

    async def let_go(self) -> None:
        """Take back all that this process told; for after ``run``."""
        try:
            async with self._client.pipeline() as pipe:
                await pipe.delete(self._key).srem(PROCESSES, self.process).execute()
            self._tell(None)
        except (RedisError, OSError) as error:
            logger.info("The lease of this process ends by itself: %s", error)
        finally:
            await self._hang_up()

    # --- Turn by turn -----------------------------------------------------------------------------------------------

    @cached_property
    def _client(self) -> Any:
        # Any, because its types hold each answer for one that may come without waiting.
        # Made on first use, where an address that cannot be read fails nothing else. No retries: the next turn is one.
        return Redis.from_url(
            self._url,
            decode_responses=True,
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            retry=Retry(NoBackoff(), 0),
        )

    async def _hang_up(self) -> None:
        with suppress(Exception):
            await self._client.aclose()

    async def _turn(self) -> None:
        if self._now() >= self._beat_at:
            await self._beat()
            self._beat_at = self._now() + self._lease / BEATS * random.uniform(0.8, 1.0)  # noqa: S311 (no secret)
        while self._write_all or self._untold:
            await self._write()
        while self._hints:
            await self._follow(*self._hints.popitem())

    async def _sleep(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._beat_at):
                await self._woken.wait()
                await asyncio.sleep(GATHER)
        self._woken.clear()

    def _succeed(self) -> None:
        self._well_at = self._now()
        if not self.is_up:
            self.is_up = True
            logger.warning("Redis answers again: who is here is shown of all processes.")

    def _fail(self, error: Exception) -> None:
        if self.is_up:
            self.is_up = False
            logger.warning(
                "Redis does not answer (%s). Until it does, this process shows only its own people as present.",
                error,
                exc_info=not isinstance(error, RedisError | OSError),
            )
        self._beat_at = 0.0
        self._write_all = True
        if self._now() - self._well_at > self._lease:
            for process in list(self._read):
                self._lose(process)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    # --- Telling ----------------------------------------------------------------------------------------------------

    async def _beat(self) -> None:
        """Renew the lease, and see which other processes there are and how far they are."""
        others = list(self._read)
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.pexpire(self._key, self._lease_ms)
            pipe.hget(self._key, REV)
            pipe.smembers(PROCESSES)
            for process in others:
                pipe.hget(key_of(process), REV)
            _, mine, processes, *revs = await pipe.execute()
        if mine != str(self._rev) or self.process not in processes:
            self._write_all = True
        behind = {process for process, rev in zip(others, revs, strict=True) if rev != str(self._read[process])}
        for process in behind | processes - set(others) - {self.process}:
            # Where a hint waits it is followed first; the next beat sees whether that was all.
            self._hints.setdefault(process, READ_ALL)

    async def _write(self) -> None:
        """Write how some of the people here stand, and tell the others to read it."""
        anew, self._write_all = self._write_all, False
        if anew:
            self._untold = self._owner.mine(self._number)
        places = set(list(self._untold)[:CHUNK])
        self._untold -= places
        stays = {field_of(place): stay for place, stay in self._owner.stays(places).items()}
        here = {field: encode(stay) for field, stay in stays.items() if stay is not None}
        gone = [field for field, stay in stays.items() if stay is None]
        async with self._client.pipeline() as pipe:
            pipe.hget(self._key, REV)
            if anew:
                pipe.delete(self._key)
            if gone:
                pipe.hdel(self._key, *gone)
            pipe.hset(self._key, mapping={**here, REV: str(self._rev + 1)})
            pipe.pexpire(self._key, self._lease_ms)
            pipe.sadd(PROCESSES, self.process)
            before, *_ = await pipe.execute()
        self._write_all |= not anew and before != str(self._rev)
        self._rev += 1
        self._tell(None if anew else list(stays))

    def _tell(self, fields: list[str] | None) -> None:
        self._owner.tell(
            {"kind": "presence", "shard": self._number, "process": self.process, "rev": self._rev, "fields": fields}
        )

    @property
    def _lease_ms(self) -> int:
        return int(self._lease * 1000)

    # --- Reading ----------------------------------------------------------------------------------------------------

    async def _follow(self, process: str, hint: Hint) -> None:
        read = self._read.get(process)
        if hint.places is None or read is None or read < hint.since:
            await self._read_all(process)
        elif read < hint.rev:
            await self._read_some(process, list(hint.places), hint.rev)

    async def _read_some(self, process: str, places: list[Place], rev: int) -> None:
        is_there, *texts = await self._client.hmget(key_of(process), [REV, *map(field_of, places)])
        if is_there is None:
            self._lose(process)
            return
        self._owner.take(process, {place: decode(text) for place, text in zip(places, texts, strict=True)})
        self._read[process] = rev

    async def _read_all(self, process: str) -> None:
        """Read a process's people in parts: what changes meanwhile is read once more by its hint."""
        rev = await self._client.hget(key_of(process), REV)
        if rev is None:
            self._lose(process)
            # Whoever is alive after all puts themselves back at their next beat.
            await self._client.srem(PROCESSES, process)
            return
        gone = self._owner.told_by(process)
        cursor: int | None = None
        while cursor != 0:
            cursor, fields = await self._client.hscan(key_of(process), cursor or 0, count=CHUNK)
            stays = decode_all(fields)
            gone -= stays.keys()
            self._owner.take(process, stays)
        self._owner.take(process, dict.fromkeys(gone))
        self._read[process] = int(rev)

    def _lose(self, process: str) -> None:
        self._read.pop(process, None)
        self._owner.lose(process)
