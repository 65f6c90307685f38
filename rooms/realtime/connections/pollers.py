"""Who polls this process and was recognised lately: what a socket is for those who have none.

As long as an entry is here, a request that is the same, header by header, comes from the same user, whose session holds
and who may read the same rooms. All that ends a socket, or takes it out of a room, ends the entry; the next poll then
asks the database. So to forget one too many is always right.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from accounts.models import User
from rooms import limits
from rooms.realtime import protocol

# Seconds after which a poller is recognised anew, whatever was heard of them: the longest that a change lasts unseen of
# which nobody tells this process, such as that of the language.
KNOWN_SECONDS = 60.0
# Bytes of all entries, and what one takes at most: the user's row, the ids of the rooms, the headers of the answer.
KEPT_BYTES = 64 * 1024 * 1024
ENTRY_BYTES = 12 * 1024
# Rooms that are remembered of one: as many as a page shows.
MAX_ROOMS = limits.MAX_ROOMS_SHOWN


@dataclass(slots=True, eq=False)
class Poller:
    user: User
    session_key: str
    # The headers with which Django answers this caller.
    headers: list[tuple[bytes, bytes]]
    # In the loop's seconds.
    known_until: float
    # The live rooms in which the user is a member. One that is closed meanwhile, and opened anew, is another one.
    rooms: dict[UUID, object] = field(default_factory=dict)


class Pollers:
    """On the event loop. ``on_add`` is called for each that is added: its session may have ended a moment ago."""

    def __init__(self, *, on_add: Callable[[], None], clock: Callable[[], float]) -> None:
        self._on_add = on_add
        self._clock = clock
        # The one that polled last is the last.
        self._by_key: OrderedDict[Hashable, Poller] = OrderedDict()
        self._keys_of: dict[UUID, dict[Hashable, None]] = {}
        # Changes whenever one comes or goes.
        self.version = 0
        # Changes whenever anybody is forgotten: who was recognised before that may be the one.
        self.times_forgotten = 0

    def get(self, key: Hashable) -> Poller | None:
        poller = self._by_key.get(key)
        if poller is None:
            return None
        if poller.known_until <= self._clock():
            self._discard(key)
            return None
        self._by_key.move_to_end(key)
        return poller

    def add(self, key: Hashable, *, user: User, session_key: str, headers: list[tuple[bytes, bytes]]) -> Poller:
        """Note who has just been recognised; of one user, and of all, those who polled longest ago make room."""
        self._discard(key)
        theirs = self._keys_of.setdefault(user.pk, {})
        if len(theirs) >= limits.MAX_POLLING_TABS:
            self._discard(next(iter(theirs)))
        while len(self._by_key) >= KEPT_BYTES // ENTRY_BYTES:
            self._discard(next(iter(self._by_key)))
        poller = self._by_key[key] = Poller(user, session_key, headers, self._clock() + KNOWN_SECONDS)
        self._keys_of.setdefault(user.pk, {})[key] = None
        self.version += 1
        self._on_add()
        return poller

    def all(self) -> Collection[Poller]:
        return self._by_key.values()

    def forget_user(self, user_id: UUID) -> None:
        self._forget(list(self._keys_of.get(user_id, ())))

    def forget_session(self, session_digest: str) -> None:
        self._forget(
            [key for key, one in self._by_key.items() if protocol.digest_of(one.session_key) == session_digest]
        )

    def forget_sessions(self, session_keys: Collection[str]) -> None:
        self._forget([key for key, one in self._by_key.items() if one.session_key in session_keys])

    def forget_all(self) -> None:
        self._forget(list(self._by_key))

    def forget_expired(self) -> None:
        """Let go of those who poll no more."""
        now = self._clock()
        for key in [key for key, one in self._by_key.items() if one.known_until <= now]:
            self._discard(key)

    def _forget(self, keys: Iterable[Hashable]) -> None:
        self.times_forgotten += 1
        for key in keys:
            self._discard(key)

    def _discard(self, key: Hashable) -> None:
        poller = self._by_key.pop(key, None)
        if poller is None:
            return
        self.version += 1
        theirs: dict[Hashable, Any] = self._keys_of[poller.user.pk]
        del theirs[key]
        if not theirs:
            del self._keys_of[poller.user.pk]
