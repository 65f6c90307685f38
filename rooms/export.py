"""What rooms add to the file of all that the site holds about somebody."""

from collections.abc import Iterator

from accounts.export import section
from accounts.models import User
from rooms.events import Json, instant, message_json
from rooms.models import Membership, Message, Room


@section("memberships")
def memberships(user: User) -> Iterator[Json]:
    for row in Membership.objects.filter(user=user).select_related("room").order_by("pk"):
        # What a room that is not open to them is called by now is not about the person.
        is_known = not row.room.is_deleted and (row.is_active or row.room.kind == Room.Kind.PUBLIC)
        yield {
            "room": {"id": str(row.room_id), "name": row.room.name if is_known else None},
            "state": row.state,
            "role": row.role,
            "since": instant(row.joined_at),
        }


@section("messages")
def messages(user: User) -> Iterator[Json]:
    wrote = Message.objects.with_people().filter(author=user, kind__in=Message.TALK).order_by("room", "seq")
    for row in wrote.iterator():
        yield message_json(row)
