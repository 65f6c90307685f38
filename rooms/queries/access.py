"""Whether somebody may read a room, by one query that is composed once: for doors that are asked all the time."""

from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.db.models import FilteredRelation, Q

from accounts.models import User
from rooms import errors
from rooms.models import Membership, Room
from rooms.queries.statements import Prepared

# What is not among them is fetched when somebody asks for it, as with `QuerySet.only`.
ROOM = (
    "id", "kind", "name", "topic", "last_seq", "talk_count", "member_count", "pin_count", "head_hash", "talked_at",
    "one_id", "other_id", "created_at", "deleted_at",
)  # fmt: skip
MEMBERSHIP = ("id", "room_id", "user_id", "state", "role", "read_talk", "is_muted")
_ROOM_AND_MEMBERSHIP = Prepared(
    lambda rooms, people: (
        Room.objects.filter(pk__in=rooms)
        .annotate(own=FilteredRelation("memberships", condition=Q(memberships__user__in=people)))
        .values_list(*ROOM, *(f"own__{name}" for name in MEMBERSHIP))
    )
)


def admit(room_id: UUID, user: User) -> tuple[Room, Membership]:
    """Return the room and the person's active membership, or raise what ``Room.admit`` would."""
    found = _ROOM_AND_MEMBERSHIP.rows([room_id], [user.pk])
    if not found:
        raise errors.NoSuchRoom
    (values,) = found
    room = Room.from_db(DEFAULT_DB_ALIAS, ROOM, values[: len(ROOM)])
    if user.pk == room.one_id:
        room.one = user
    elif user.pk == room.other_id:
        room.other = user
    own = values[len(ROOM) :]
    return room, room.admit_as(Membership.from_db(DEFAULT_DB_ALIAS, MEMBERSHIP, own) if own[0] is not None else None)
