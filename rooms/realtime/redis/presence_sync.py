"""Shares who is here between the site's processes over Redis: the transport of presence.

Nothing about Redis may fail or delay a socket, a page or a post. So presence is in memory, where everybody reads it,
and this runs in the background: without Redis each process shows its own users, and when Redis is back they are merged.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID
from zlib import crc32

from rooms.events import Json
from rooms.realtime.presence.occupants import PresenceKey, PresenceRecord
from rooms.realtime.presence.replication import READ_ALL, Hint
from rooms.realtime.presence.tracker import Move, Presence
from rooms.realtime.redis.presence_codec import key_from_field
from rooms.realtime.redis.presence_shard import PresenceShard

logger = logging.getLogger(__name__)

# Seconds that the users of a process which has ended are given to come back by another one. More than the usual grace:
# when a process restarts, its clients come back spread over 3.5 s.
RESTART_GRACE = 8.0
# Seconds that withdrawing may take: the process is about to end, and its leases expire by themselves.
WITHDRAW_SECONDS = 1.0

Call = Callable[..., None]
# Given the rooms in which something may have changed, and the moves that were merged.
OnMerged = Callable[[Iterable[UUID], list[Move]], None]


class PresenceSync:
    """One shard for each Redis, or none. ``broadcast`` reaches the other processes, ``call`` the event loop."""

    def __init__(
        self,
        presence: Presence,
        urls: Sequence[str],
        *,
        broadcast: Callable[[Json], None],
        call: Call,
        on_merged: OnMerged,
    ) -> None:
        self._presence = presence
        self._on_merged = on_merged
        self.broadcast = broadcast
        self._shards = [PresenceShard(url, number=number, records=self) for number, url in enumerate(urls)]
        self._task: asyncio.Future[Any] | None = None
        if self._shards:
            presence.publish_changes(lambda: call(self._mark_changed))

    @property
    def is_up(self) -> bool:
        """Whether the users of all processes are shown: false if a Redis does not answer."""
        return all(shard.is_up for shard in self._shards)

    async def run(self) -> None:
        self._task = asyncio.gather(*(shard.run() for shard in self._shards))
        await self._task

    def receive(self, notice: Json) -> None:
        """Take another process's hint of what it has just written to Redis."""
        if notice["shard"] < len(self._shards):
            fields, rev = notice["fields"], notice["rev"]
            hint = READ_ALL if fields is None else Hint(rev - 1, rev, frozenset(map(key_from_field, fields)))
            self._shards[notice["shard"]].receive_hint(notice["process"], hint)

    async def withdraw(self) -> None:
        """Before the process ends: take back its records, so that its users come back elsewhere or are gone.

        Waits for ``WITHDRAW_SECONDS`` at most, and raises nothing that Redis does.
        """
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.wait([self._task])
        try:
            async with asyncio.timeout(WITHDRAW_SECONDS):
                await asyncio.gather(*(shard.withdraw() for shard in self._shards))
        except TimeoutError:
            logger.info("The leases of this process end by themselves.")

    def _mark_changed(self) -> None:
        for key in self._presence.take_unpublished():
            self._shards[self._shard_of(key)].mark_changed(key)

    def _shard_of(self, key: PresenceKey) -> int:
        # The same in every process, since all have the same list of Redis addresses.
        return crc32(key[0].bytes) % len(self._shards)

    # --- Called by the shards ---------------------------------------------------------------------------------------

    def local_keys(self, number: int) -> set[PresenceKey]:
        return {key for key in self._presence.local_keys() if self._shard_of(key) == number}

    def records(self, keys: set[PresenceKey]) -> Mapping[PresenceKey, PresenceRecord | None]:
        return self._presence.records(keys)

    def keys_from(self, process: str) -> set[PresenceKey]:
        return self._presence.keys_from(process)

    def merge(self, process: str, records: Mapping[PresenceKey, PresenceRecord | None]) -> None:
        moves = self._presence.merge(process, records)
        self._on_merged({room_id for room_id, _user_id in records}, moves)

    def lose_process(self, process: str) -> None:
        self._presence.lose_process(process, grace=RESTART_GRACE)
