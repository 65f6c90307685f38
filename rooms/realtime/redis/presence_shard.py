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
from functools import cached_property
from typing import Any, Protocol
from uuid import uuid4

from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from rooms.events import Json
from rooms.realtime.presence.occupants import Place, Stay
from rooms.realtime.redis import peer_reader
from rooms.realtime.redis.peer_reader import Following, Hint, in_time
from rooms.realtime.redis.presence_codec import PROCESSES, REV, encode, field_of, key_of

logger = logging.getLogger(__name__)

# Seconds that closing the connections may take.
HANG_UP_SECONDS = 1.0
# Seconds to wait after a failure.
PAUSE = 1.0
# Seconds in which changes are gathered into one write.
GATHER = 0.05
# Fields that are written at once.
CHUNK = 500
# Beats in the time of a lease: one may be lost, and the next be late.
BEATS = 3


class Owner(peer_reader.Owner, Protocol):
    """Whose people these are: the exchange, on the event loop."""

    def mine(self, number: int) -> set[Place]: ...
    def stays(self, places: set[Place]) -> Mapping[Place, Stay | None]: ...
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
        self._following = Following(owner, renew=lambda pipe: pipe.pexpire(self._key, self._lease_ms))
        self._woken = asyncio.Event()
        self._beat_at = 0.0
        self._well_at = asyncio.get_running_loop().time()

    def note(self, place: Place) -> None:
        """Something has changed here and is to be told."""
        self._untold.add(place)
        self._woken.set()

    def hear(self, process: str, hint: Hint) -> None:
        """Another process has written."""
        self._following.hear(process, hint)
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
                    await self._sleep()
        finally:
            await self._hang_up()

    async def let_go(self) -> None:
        """Take back all that this process told; for after ``run``."""
        try:
            async with self._client.pipeline() as pipe:
                await in_time(pipe.delete(self._key).srem(PROCESSES, self.process).execute())
            self._tell(None)
        except (RedisError, OSError) as error:
            logger.info("The lease of this process ends by itself: %s", error)
        finally:
            await self._hang_up()

    # --- Turn by turn -----------------------------------------------------------------------------------------------

    @cached_property
    def _client(self) -> Any:
        # Any, because its types hold that an answer may come without waiting.
        # Made on first use, where an address that cannot be read fails nothing else. No retries: the next turn is one.
        # What takes too long is ended by in_time.
        return Redis.from_url(
            self._url,
            decode_responses=True,
            socket_timeout=None,
            socket_connect_timeout=None,
            retry=Retry(NoBackoff(), 0),
        )

    async def _hang_up(self) -> None:
        with suppress(Exception):
            async with asyncio.timeout(HANG_UP_SECONDS):
                await self._client.aclose()

    async def _turn(self) -> None:
        """Do all that waits, a little of each in turn: the beat is in time however much or slow the rest is."""
        while self._is_beat_due() or self._has_to_write() or self._following.is_behind:
            if self._is_beat_due():
                await self._beat()
            if self._has_to_write():
                await self._write()
            if self._following.is_behind:
                await self._following.follow(self._client)
            self._succeed()

    def _is_beat_due(self) -> bool:
        return self._now() >= self._beat_at

    def _has_to_write(self) -> bool:
        return self._write_all or bool(self._untold)

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
            self._following.lose_all()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    # --- Telling ----------------------------------------------------------------------------------------------------

    async def _beat(self) -> None:
        """Renew the lease, and see which other processes there are, how far, and with how many people."""
        self._beat_at = self._now() + self._lease / BEATS * random.uniform(0.8, 1.0)  # noqa: S311 (no secret)
        others = self._following.processes()
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.pexpire(self._key, self._lease_ms)
            pipe.hget(self._key, REV)
            pipe.smembers(PROCESSES)
            for process in others:
                pipe.hget(key_of(process), REV)
                pipe.hlen(key_of(process))
            _, mine, processes, *theirs = await in_time(pipe.execute())
        if mine != str(self._rev) or self.process not in processes:
            self._write_all = True
        self._following.compare(dict(zip(others, zip(theirs[::2], theirs[1::2], strict=True), strict=True)))
        self._following.meet(processes - {self.process})

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
            before, *_ = await in_time(pipe.execute())
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
