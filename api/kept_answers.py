"""What was answered to one and may be answered to others, up to so many bytes and for so long (short_path.py)."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any, Generic, TypeVar
from uuid import UUID

from rooms.realtime.connections.pollers import KNOWN_SECONDS, Poller
from rooms.realtime.hub import Hub

# Bytes of all that one of them keeps, and what each counts beside its own.
KEPT_BYTES = 16 * 1024 * 1024
OVERHEAD_BYTES = 4 * 1024

Kept = TypeVar("Kept")


class KeptAnswers(Generic[Kept]):
    """On the event loop."""

    def __init__(self) -> None:
        # With its size, and until when it may be answered, in the loop's seconds; what was asked for last is the last.
        self._kept: OrderedDict[Hashable, tuple[Kept, int, float]] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable, *, now: float) -> Kept | None:
        kept, _size, until = self._kept.get(key, (None, 0, 0.0))
        if kept is None or until <= now:
            return None
        self._kept.move_to_end(key)
        return kept

    def put(self, key: Hashable, kept: Kept, *, size: int, now: float) -> None:
        # The words of a message that was erased meanwhile, for one, are not kept for longer.
        for old in [old for old, (_kept, _size, until) in self._kept.items() if until <= now or old == key]:
            self._drop(old)
        size += OVERHEAD_BYTES
        self._kept[key] = kept, size, now + KNOWN_SECONDS
        self.bytes += size
        while self.bytes > KEPT_BYTES:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Hashable) -> None:
        self.bytes -= self._kept.pop(key)[1]


def key_of(hub: Hub, poller: Poller, room_id: UUID, hash_of_head: str, *asked: Any) -> Hashable:
    """Return what an answer about a room depends on.

    All members who read its language are told the same: the log up to the head, the names of its people, whether the
    site is read-only. Rows move the head; of the others the hub hears (``times_forgotten``). The headers that a caller
    is given tell the language.
    """
    return room_id, hash_of_head, tuple(poller.headers), hub.pollers.times_forgotten, *asked
