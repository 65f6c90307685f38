"""Reads the other processes' presence records from one Redis, as ``Replication`` says what to read."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from rooms.realtime.presence.occupants import PresenceKey, PresenceRecord
from rooms.realtime.presence.replication import Hint, Read, Replication
from rooms.realtime.redis.presence_codec import PROCESSES, REV, decode, decode_all, field_of, redis_key

# Seconds that one answer of Redis may take, connecting included. A slow Redis is used all the same.
TIMEOUT = 10.0
# Fields that are read at once.
CHUNK = 500


async def in_time(answer: Awaitable[Any]) -> Any:
    """Return Redis's answer, or raise ``TimeoutError`` after ``TIMEOUT`` seconds."""
    # Not redis-py's own time-outs: these use wait_for, which in Python 3.11 may swallow a cancellation, after which the
    # hub could not be stopped.
    async with asyncio.timeout(TIMEOUT):
        return await answer


class Sink(Protocol):
    """Where the records go that were read."""

    def keys_from(self, process: str) -> set[PresenceKey]: ...
    def merge(self, process: str, records: Mapping[PresenceKey, PresenceRecord | None]) -> None: ...
    def lose_process(self, process: str) -> None: ...


class PeerReader:
    """``renew`` adds to a pipeline the command that renews this process's own lease."""

    def __init__(self, sink: Sink, *, renew: Callable[[Any], object]) -> None:
        self._sink = sink
        self._renew = renew
        self._replication = Replication()

    @property
    def is_behind(self) -> bool:
        return self._replication.is_behind

    def processes(self) -> list[str]:
        return self._replication.processes()

    def hint(self, process: str, hint: Hint) -> None:
        self._replication.hint(process, hint)

    def compare(self, standings: Mapping[str, tuple[str | None, int]]) -> None:
        """Compare what was read with each process's ``rev`` and number of fields in Redis, of which one is the rev."""
        for process, (rev, fields) in standings.items():
            self._replication.compare(
                process,
                rev=None if rev is None else int(rev),
                records=fields - 1,
                known=len(self._sink.keys_from(process)),
            )

    def discover(self, processes: set[str]) -> None:
        self._replication.discover(processes)

    async def read_next(self, client: Any) -> None:
        """Read what one hint says; raises the client's errors, and ``TimeoutError``."""
        read = self._replication.next_read()
        if read is None:
            return
        if read.keys is None:
            await self._read_all(client, read.process)
        else:
            await self._read_some(client, read, list(read.keys))

    def lose_all(self) -> None:
        for process in self.processes():
            self._lose(process)

    async def _read_some(self, client: Any, read: Read, keys: list[PresenceKey]) -> None:
        is_there, *texts = await in_time(client.hmget(redis_key(read.process), [REV, *map(field_of, keys)]))
        if is_there is None:
            self._lose(read.process)
            return
        self._sink.merge(read.process, {key: decode(text) for key, text in zip(keys, texts, strict=True)})
        self._replication.read_up_to(read.process, read.rev)

    async def _read_all(self, client: Any, process: str) -> None:
        """Read all records of a process in parts. What changes meanwhile is read again because of its hint."""
        rev = await in_time(client.hget(redis_key(process), REV))
        if rev is None:
            self._lose(process)
            # A process that is alive after all puts its name back at its next beat.
            await in_time(client.srem(PROCESSES, process))
            return
        gone = self._sink.keys_from(process)
        cursor: int | None = None
        while cursor != 0:
            async with client.pipeline(transaction=False) as pipe:
                # This process's own lease must not run out while it reads another one's many records.
                self._renew(pipe)
                pipe.hscan(redis_key(process), cursor or 0, count=CHUNK)
                _, (cursor, fields) = await in_time(pipe.execute())
            records = decode_all(fields)
            gone -= records.keys()
            self._sink.merge(process, records)
        self._sink.merge(process, dict.fromkeys(gone))
        self._replication.read_up_to(process, int(rev))

    def _lose(self, process: str) -> None:
        self._replication.lose(process)
        self._sink.lose_process(process)
