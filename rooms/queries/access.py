"""Whether a user may read a room, by one query that is composed once: for doors that are asked all the time."""

from collections.abc import Collection
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.db.models import FilteredRelation, Q

from accounts.models import User
from chatsite.statements import Prepared, Row
from rooms import errors
from rooms.models import Membership, Room

# Other columns are fetched when they are used, as with `QuerySet.only`.
ROOM = (
    "id", "kind", "name", "topic", "last_seq", "talk_count", "member_count", "pin_count", "head_hash", "talked_at",
    "one_id", "other_id", "created_at", "deleted_at",
)  # fmt: skip
MEMBERSHIP = ("id", "room_id", "user_id", "state", "role", "read_talk", "unread_mentions", "is_muted", "is_favourite")
_ROOM_AND_MEMBERSHIP = Prepared(
    lambda rooms, people: (
        Room.objects.filter(pk__in=rooms)
        .annotate(own=FilteredRelation("memberships", condition=Q(memberships__user__in=people)))
        .values_list(*ROOM, *(f"own__{name}" for name in MEMBERSHIP))
    )
)
_VISITED = Prepared(lambda people: Membership.objects.visited().filter(user__in=people).values_list("room_id")[:1])


def last_visited(user: User) -> UUID | None:
    """Return the id of the room that a user visited last, if they are still a member."""
    return next((room_id for (room_id,) in _VISITED.rows([user.pk])), None)


def admit(room_id: UUID, user: User) -> tuple[Room, Membership]:
    """Return the room and the person's active membership, or raise what ``Room.admit`` would."""
    found = admit_to_all([room_id], user)[room_id]
    if isinstance(found, errors.RoomError):
        raise found
    return found


def admit_to_all(room_ids: Collection[UUID], user: User) -> dict[UUID, tuple[Room, Membership] | errors.RoomError]:
    """Return the same for some rooms, by one query; in the place of a room that the person may not read, why not."""
    rows = {values[0]: values for values in _ROOM_AND_MEMBERSHIP.rows(room_ids, [user.pk])}
    return {room_id: _judge(rows.get(room_id), user) for room_id in room_ids}


def _judge(values: Row | None, user: User) -> tuple[Room, Membership] | errors.RoomError:
    if values is None:
        return errors.NoSuchRoom()
    room = Room.from_db(DEFAULT_DB_ALIAS, ROOM, values[: len(ROOM)])
    if user.pk == room.one_id:
        room.one = user
    elif user.pk == room.other_id:
        room.other = user
    own = values[len(ROOM) :]
    membership = Membership.from_db(DEFAULT_DB_ALIAS, MEMBERSHIP, own) if own[0] is not None else None
    try:
        return room, room.admit_as(membership)
    except errors.RoomError as refusal:
        return refusal
