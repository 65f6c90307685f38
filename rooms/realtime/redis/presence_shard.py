"""One Redis of presence: this process's records are written to it, and the other processes' are read from it.

Each process has a hash: a field for each presence key, and ``rev``, which counts its writes. The hash is a lease: it
expires unless it is renewed, so Redis itself forgets the users of a process that was killed. After a write the other
processes get a hint by pub/sub of which fields to read; a process that misses it sees at its next beat, by ``rev``,
that there is more to read, and reads all. After a failure, or if Redis has lost data, a process writes all its records.
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
from rooms.realtime.presence.occupants import PresenceKey, PresenceRecord
from rooms.realtime.presence.replication import Hint
from rooms.realtime.redis.peer_reader import PeerReader, Sink, in_time
from rooms.realtime.redis.presence_codec import PROCESSES, REV, encode, field_of, redis_key

logger = logging.getLogger(__name__)

# Seconds that closing the connections may take.
CLOSE_SECONDS = 1.0
# Seconds to wait after a failure.
PAUSE = 1.0
# Seconds in which changes are gathered into one write.
GATHER = 0.05
# Fields that are written at once.
CHUNK = 500
# Beats in the time of a lease: one may be lost, and the next be late.
BEATS = 3


class Records(Sink, Protocol):
    """The records that this shard writes, and where those go that it reads. Called on the event loop."""

    def local_keys(self, number: int) -> set[PresenceKey]: ...
    def records(self, keys: set[PresenceKey]) -> Mapping[PresenceKey, PresenceRecord | None]: ...
    def broadcast(self, notice: Json) -> None: ...


class PresenceShard:
    def __init__(self, url: str, *, number: int, records: Records) -> None:
        # Whether Redis answers.
        self.is_up = True
        self.process = uuid4().hex
        self._url = url
        self._number = number
        self._lease: float = settings.PRESENCE_LEASE
        self._records = records
        self._key = redis_key(self.process)
        # The rev of the last write. If Redis has another one it has lost data.
        self._rev = 0
        self._write_all = True
        self._changed: set[PresenceKey] = set()
        self._reader = PeerReader(records, renew=lambda pipe: pipe.pexpire(self._key, self._lease_ms))
        self._woken = asyncio.Event()
        self._beat_at = 0.0
        self._well_at = asyncio.get_running_loop().time()

    def mark_changed(self, key: PresenceKey) -> None:
        """Have the record of this key written again."""
        self._changed.add(key)
        self._woken.set()

    def receive_hint(self, process: str, hint: Hint) -> None:
        """Read what another process has just written."""
        self._reader.hint(process, hint)
        self._woken.set()

    async def run(self) -> None:
        """Write and read until cancelled; an error closes the connection, and the work goes on after a pause."""
        try:
            while True:
                try:
                    await self._work()
                except Exception as error:
                    self._fail(error)
                    await self._close()
                    await asyncio.sleep(PAUSE * random.uniform(0.5, 1.5))  # noqa: S311 (no secret)
                else:
                    await self._sleep()
        finally:
            await self._close()

    async def withdraw(self) -> None:
        """Delete this process's records, once ``run`` has ended. Raises nothing; waits for ``TIMEOUT`` at most."""
        try:
            async with self._client.pipeline() as pipe:
                await in_time(pipe.delete(self._key).srem(PROCESSES, self.process).execute())
            self._hint_others(None)
        except (RedisError, OSError) as error:
            logger.info("The lease of this process ends by itself: %s", error)
        finally:
            await self._close()

    # --- The loop ---------------------------------------------------------------------------------------------------

    @cached_property
    def _client(self) -> Any:
        # Any: redis-py's types say that each answer may also come without waiting.
        # Made on first use, so that an address that cannot be parsed fails nothing else. No retries: the loop tries
        # again.
        # in_time ends what takes too long.
        return Redis.from_url(
            self._url,
            decode_responses=True,
            socket_timeout=None,
            socket_connect_timeout=None,
            retry=Retry(NoBackoff(), 0),
        )

    async def _close(self) -> None:
        with suppress(Exception):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._client.aclose()

    async def _work(self) -> None:
        """Do the work that waits, a little of each kind in turn: the beat is in time however slow the rest is."""
        while self._is_beat_due() or self._has_to_write() or self._reader.is_behind:
            if self._is_beat_due():
                await self._beat()
            if self._has_to_write():
                await self._write()
            if self._reader.is_behind:
                await self._reader.read_next(self._client)
            self._succeed()

    def _is_beat_due(self) -> bool:
        return self._now() >= self._beat_at

    def _has_to_write(self) -> bool:
        return self._write_all or bool(self._changed)

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
            self._reader.lose_all()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    # --- Writing ----------------------------------------------------------------------------------------------------

    async def _beat(self) -> None:
        """Renew the lease, and see which other processes there are, at which rev, and with how many records."""
        self._beat_at = self._now() + self._lease / BEATS * random.uniform(0.8, 1.0)  # noqa: S311 (no secret)
        others = self._reader.processes()
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.pexpire(self._key, self._lease_ms)
            pipe.hget(self._key, REV)
            pipe.smembers(PROCESSES)
            for process in others:
                pipe.hget(redis_key(process), REV)
                pipe.hlen(redis_key(process))
            _, own_rev, processes, *theirs = await in_time(pipe.execute())
        if own_rev != str(self._rev) or self.process not in processes:
            self._write_all = True
        self._reader.compare(dict(zip(others, zip(theirs[::2], theirs[1::2], strict=True), strict=True)))
        self._reader.discover(processes - {self.process})

    async def _write(self) -> None:
        """Write some of the changed records, and send the other processes a hint to read them."""
        everything, self._write_all = self._write_all, False
        if everything:
            self._changed = self._records.local_keys(self._number)
        keys = set(list(self._changed)[:CHUNK])
        self._changed -= keys
        records = {field_of(key): record for key, record in self._records.records(keys).items()}
        here = {field: encode(record) for field, record in records.items() if record is not None}
        gone = [field for field, record in records.items() if record is None]
        async with self._client.pipeline() as pipe:
            pipe.hget(self._key, REV)
            if everything:
                pipe.delete(self._key)
            if gone:
                pipe.hdel(self._key, *gone)
            pipe.hset(self._key, mapping={**here, REV: str(self._rev + 1)})
            pipe.pexpire(self._key, self._lease_ms)
            pipe.sadd(PROCESSES, self.process)
            before, *_ = await in_time(pipe.execute())
        self._write_all |= not everything and before != str(self._rev)
        self._rev += 1
        self._hint_others(None if everything else list(records))

    def _hint_others(self, fields: list[str] | None) -> None:
        self._records.broadcast(
            {"kind": "presence", "shard": self._number, "process": self.process, "rev": self._rev, "fields": fields}
        )

    @property
    def _lease_ms(self) -> int:
        return int(self._lease * 1000)
