"""Who is here, told and learnt between the site's processes over Redis.

Nothing about Redis may fail or delay a socket, a page or a post. So presence is memory, which everybody reads, and this
goes on in the background: without Redis each process shows its own people, and when Redis is back they find each other.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID
from zlib import crc32

from rooms.events import Json
from rooms.realtime.presence.occupants import Place, Stay
from rooms.realtime.presence.tracker import Move, Presence
from rooms.realtime.redis.peer_reader import READ_ALL, Hint
from rooms.realtime.redis.presence_codec import place_of
from rooms.realtime.redis.presence_shard import Shard

logger = logging.getLogger(__name__)

# Seconds that the people of a process which has gone are given to come back by another one. More than the usual grace:
# a process that restarts spreads over 3.5 s when they do.
RESTART_GRACE = 8.0
# Seconds that letting go may take: the process is about to end, and its leases end by themselves.
LET_GO_SECONDS = 1.0

Call = Callable[..., None]
# Given the rooms in which something may have changed, and who has moved by it.
Show = Callable[[Iterable[UUID], list[Move]], None]


class Exchange:
    """One shard for each Redis, or none. ``tell`` reaches the other processes, ``call`` the event loop."""

    def __init__(
        self, presence: Presence, urls: Sequence[str], *, tell: Callable[[Json], None], call: Call, show: Show
    ) -> None:
        self._presence = presence
        self._show = show
        self.tell = tell
        self._shards = [Shard(url, number=number, owner=self) for number, url in enumerate(urls)]
        self._task: asyncio.Future[Any] | None = None
        if self._shards:
            presence.share(lambda: call(self._note))

    @property
    def is_up(self) -> bool:
        """Whether everybody is shown: false where a Redis does not answer."""
        return all(shard.is_up for shard in self._shards)

    async def run(self) -> None:
        self._task = asyncio.gather(*(shard.run() for shard in self._shards))
        await self._task

    def hear(self, news: Json) -> None:
        """Another process has written, in Redis, what its people do."""
        if news["shard"] < len(self._shards):
            fields, rev = news["fields"], news["rev"]
            hint = READ_ALL if fields is None else Hint(rev - 1, rev, frozenset(map(place_of, fields)))
            self._shards[news["shard"]].hear(news["process"], hint)

    async def let_go(self) -> None:
        """Before the process ends: take back what it told, so that its people come back elsewhere or are gone."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.wait([self._task])
        try:
            async with asyncio.timeout(LET_GO_SECONDS):
                await asyncio.gather(*(shard.let_go() for shard in self._shards))
        except TimeoutError:
            logger.info("The leases of this process end by themselves.")

    def _note(self) -> None:
        for place in self._presence.take_untold():
            self._shards[self._shard_of(place)].note(place)

    def _shard_of(self, place: Place) -> int:
        # The same in every process, whose lists of Redis are the same.
        return crc32(place[0].bytes) % len(self._shards)

    # --- For the shards ---------------------------------------------------------------------------------------------

    def mine(self, number: int) -> set[Place]:
        return {place for place in self._presence.held_here() if self._shard_of(place) == number}

    def stays(self, places: set[Place]) -> Mapping[Place, Stay | None]:
        return self._presence.stays(places)

    def told_by(self, process: str) -> set[Place]:
        return self._presence.told_by(process)

    def take(self, process: str, stays: Mapping[Place, Stay | None]) -> None:
        moves = self._presence.hear(process, stays)
        self._show({room_id for room_id, _user_id in stays}, moves)

    def lose(self, process: str) -> None:
        self._presence.lose(process, grace=RESTART_GRACE)
