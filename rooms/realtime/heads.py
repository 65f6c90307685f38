"""The question each second that keeps a process true: how far are the rooms, and who may not be connected any more."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from accounts.models import User
from rooms.models import Room
from rooms.statements import Id, Prepared

T = TypeVar("T")

# Names in one IN list: Django keeps SQLite to 999 variables a query.
IN_LIST = 900
# In one that is composed once, whose length is a power of two.
COUNTED = 512


class Head(NamedTuple):
    """How far a room's log is, and the hash of its last row."""

    seq: int
    hash: str


def read(room_ids: Sequence[UUID]) -> dict[UUID, Head]:
    """Return the head of each of these rooms that is there and not deleted."""
    return {
        room_id: Head(last_seq, bytes(head_hash).hex())
        for some in in_lists(room_ids)
        for room_id, last_seq, head_hash in Room.objects.open()
        .filter(pk__in=some)
        .values_list("pk", "last_seq", "head_hash")
    }


# Of these people, who may be connected; and which of these sessions have not ended.
_ACTIVE = Prepared(lambda ids: User.objects.filter(pk__in=ids, is_active=True).values_list("pk"))
_LIVING = Prepared(
    lambda keys: Session.objects.filter(session_key__in=keys, expire_date__gt=Now()).values_list("session_key")
)


def signed_out(people: Iterable[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    """Return those of (user, session key) whose account is suspended or whose session has ended."""
    people = set(people)
    users, keys = {user_id for user_id, _ in people}, {key for _, key in people}
    # Mostly nobody: to count thousands of people costs a tenth of naming them.
    if _are_all_there(_ACTIVE, users) and _are_all_there(_LIVING, keys):
        return set()
    active = {user_id for some in in_lists(list(users), COUNTED) for (user_id,) in _ACTIVE.rows(some)}
    living = {key for some in in_lists(list(keys), COUNTED) for (key,) in _LIVING.rows(some)}
    return {(user_id, key) for user_id, key in people if user_id not in active or key not in living}


def _are_all_there(query: Prepared, ids: Collection[Id]) -> bool:
    return sum(query.count(some) for some in in_lists(list(ids), COUNTED)) == len(ids)


def in_lists(items: Sequence[T], size: int = IN_LIST) -> Iterator[list[T]]:
    for start in range(0, len(items), size):
        yield list(items[start : start + size])
