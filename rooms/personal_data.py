"""What rooms add to the file of all that the site holds about somebody."""

from collections.abc import Iterator

from accounts.export import files, section
from accounts.models import User
from chatsite.files.archives import Member
from rooms.events import Json, instant, message_json
from rooms.log.transcripts import bytes_of
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


@files
def sent(user: User) -> Iterator[Member]:
    """Every file that they sent, under the name that its message has it by."""
    for row in Message.objects.with_people().filter(author=user, attachment__isnull=False, redacted_at=None).iterator():
        assert row.attachment
        yield f"files/{row.attachment_id}/{row.attachment.name}", bytes_of(row.attachment)


@section("messages")
def messages(user: User) -> Iterator[Json]:
    wrote = Message.objects.with_people().filter(author=user, kind__in=Message.TALK).order_by("room", "seq")
    for row in wrote.iterator():
        yield message_json(row)
