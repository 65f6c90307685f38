"""Which rooms are in users' lists, and in which of them there was talk lately. Each function waits for the database."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from chatsite.statements import IN_LIST, in_lists
from rooms.models import Membership, Room

# How far back talk is looked for. A commit may be slow and a clock wrong by seconds; nothing is told twice.
LATELY = timedelta(seconds=30)


def rooms_of(user_ids: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """Return each user's rooms, hidden direct rooms included, since a new message brings those back to the list."""
    rooms: dict[UUID, set[UUID]] = {user_id: set() for user_id in user_ids}
    for some in in_lists(list(rooms)):
        found = Membership.objects.active().filter(user__in=some, room__deleted_at=None)
        for user_id, room_id in found.values_list("user_id", "room_id"):
            rooms[user_id].add(room_id)
    return rooms


def talked_lately() -> dict[UUID, int]:
    """Return the talk_count of each room with a message of the last ``LATELY``."""
    since = timezone.now() - LATELY
    return dict(Room.objects.open().filter(talked_at__gt=since, talk_count__gt=0).values_list("pk", "talk_count"))


class Counters(NamedTuple):
    """What a membership counts: how far its user has read, and how many messages after that call them by name."""

    read_talk: int
    mentions: int


def counters_of(pairs: Collection[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], Counters]:
    """Return the counters of those (room, user) pairs that are members now: a removed user is told nothing more."""
    rooms_of_each: dict[UUID, list[UUID]] = defaultdict(list)
    for room_id, user_id in pairs:
        rooms_of_each[user_id].append(room_id)
    counters: dict[tuple[UUID, UUID], Counters] = {}
    # Two lists share one query.
    size = IN_LIST // 2
    for some in in_lists(list(rooms_of_each), size):
        rooms = {room_id for user_id in some for room_id in rooms_of_each[user_id]}
        for part in in_lists(list(rooms), size):
            found = Membership.objects.active().filter(room__in=part, user__in=some)
            values = found.values_list("room_id", "user_id", "read_talk", "unread_mentions")
            counters |= {(room_id, user_id): Counters(*counts) for room_id, user_id, *counts in values}
    # The rooms of several users are asked about together.
    return {pair: counters[pair] for pair in pairs if pair in counters}
