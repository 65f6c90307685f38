"""Which rooms are in the lists of the connected users, and which users have each room in their list."""

from collections import defaultdict
from collections.abc import Callable, KeysView
from uuid import UUID

# Runs between two readings of a list, in case a notice was lost. At each run some users have their turn: thousands at
# once would hold up those who talk.
LISTS_EVERY = 30


def turn_of(user_id: UUID) -> int:
    return user_id.int % LISTS_EVERY


class RoomLists:
    """An index in memory. ``on_unlisted`` is given each room that is in no list any more."""

    def __init__(self, *, on_unlisted: Callable[[UUID], object]) -> None:
        self._on_unlisted = on_unlisted
        self._rooms_of: dict[UUID, set[UUID]] = {}
        self.users_of: dict[UUID, set[UUID]] = {}
        # Turn → the users whose lists are read again at it.
        self._users_at: defaultdict[int, set[UUID]] = defaultdict(set)

    def known_users(self) -> KeysView[UUID]:
        return self._rooms_of.keys()

    def users_at(self, turn: int) -> set[UUID]:
        return self._users_at[turn]

    def put(self, user_id: UUID, room_ids: set[UUID]) -> bool:
        """Set a user's list; return whether it differs from the one that was known."""
        before = self._rooms_of.get(user_id)
        self._index(user_id, before or set(), room_ids)
        self._rooms_of[user_id] = room_ids
        self._users_at[turn_of(user_id)].add(user_id)
        return before is not None and before != room_ids

    def forget_all_but(self, user_ids: set[UUID]) -> None:
        for user_id in self._rooms_of.keys() - user_ids:
            self._index(user_id, self._rooms_of.pop(user_id), set())
            self._users_at[turn_of(user_id)].discard(user_id)

    def _index(self, user_id: UUID, before: set[UUID], now: set[UUID]) -> None:
        for room_id in before - now:
            users = self.users_of[room_id]
            users.discard(user_id)
            if not users:
                del self.users_of[room_id]
                self._on_unlisted(room_id)
        for room_id in now - before:
            self.users_of.setdefault(room_id, set()).add(user_id)
