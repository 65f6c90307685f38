"""What a test looks at after an act: the row, the audit entry, and that the log and the counts still hold."""

from accounts.models import AuditEntry, User
from rooms.log.state import fault_of
from rooms.log.verify import faults_of, miscount_of
from rooms.models import Room

Row = tuple[str, str | None, str | None, str]


def last_row(room: Room) -> Row:
    """Kind, author, subject and body of the newest row."""
    row: Row = room.messages.order_by("-seq").values_list("kind", "author__username", "subject__username", "body")[0]
    return row


def last_target(room: Room) -> int | None:
    """Which row the newest row is about."""
    target: int | None = room.messages.order_by("-seq").values_list("target_seq", flat=True)[0]
    return target


def last_audit_entry() -> tuple[str, str | None, str | None]:
    """Action, actor and subject of the newest audit entry."""
    entry: tuple[str, str | None, str | None] = AuditEntry.objects.order_by("-pk").values_list(
        "action", "actor__username", "subject__username"
    )[0]
    return entry


def is_whole(room: Room) -> bool:
    room = Room.objects.get(pk=room.pk)
    return not [*faults_of(room)] and miscount_of(room) is None and fault_of(room) is None


def active_admins(room: Room) -> set[User]:
    """Admins who can log in."""
    return {row.user for row in room.memberships.admins().filter(user__is_active=True).select_related("user")}
