"""The question each second that keeps a process true: how far are the rooms, and who may not be connected any more."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar
from uuid import UUID

from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import User
from rooms.models import Room

T = TypeVar("T")

# Names in one IN list: Django keeps SQLite to 999 variables a query.
IN_LIST = 900


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


def signed_out(people: Iterable[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    """Return those of (user, session key) whose account is suspended or whose session has ended."""
    people = set(people)
    active: set[UUID] = set()
    living: set[str] = set()
    for users in in_lists(list({user_id for user_id, _ in people})):
        active.update(User.objects.filter(pk__in=users, is_active=True).values_list("pk", flat=True))
    for keys in in_lists(list({key for _, key in people})):
        now = timezone.now()
        found = Session.objects.filter(session_key__in=keys, expire_date__gt=now)
        living.update(found.values_list("session_key", flat=True))
    return {(user_id, key) for user_id, key in people if user_id not in active or key not in living}


def in_lists(items: Sequence[T], size: int = IN_LIST) -> Iterator[list[T]]:
    for start in range(0, len(items), size):
        yield list(items[start : start + size])
