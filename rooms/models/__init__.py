"""What rooms are: the room, who belongs to it, its log, and what is kept beside."""

from rooms.models.files import (
    CHUNK_BYTES,
    CHUNK_LEAST_BYTES,
    EVERYBODY,
    READY_KEPT,
    UPLOAD_KEPT,
    UPLOADS_MAX,
    Attachment,
    Chunk,
    Usage,
)
from rooms.models.idempotency import ANSWERS_KEPT, IDEMPOTENCY_KEY_MAX_LENGTH, IdempotentAnswer
from rooms.models.invitations import (
    INVITATION_AGE,
    INVITATION_MAX_AGE,
    INVITATION_MAX_USES,
    INVITATIONS_SHOWN,
    Invitation,
    new_code,
    usual_end,
)
from rooms.models.limits import Spending
from rooms.models.memberships import Membership
from rooms.models.mentions import Mention
from rooms.models.messages import BODY_MAX_LENGTH, CLIENT_ID_MAX_LENGTH, PAGE_SIZE, PINNED, Message
from rooms.models.pins import PINS_MAX, Pin
from rooms.models.reports import REASON_MAX_LENGTH, Report
from rooms.models.rooms import (
    GENESIS,
    KEPT_DELETED,
    ROOM_NAME_MAX_LENGTH,
    TALKED_EVERY,
    TOPIC_MAX_LENGTH,
    Room,
    RoomQuerySet,
    looks_after_rooms,
)

__all__ = [
    "ANSWERS_KEPT",
    "BODY_MAX_LENGTH",
    "CHUNK_BYTES",
    "CHUNK_LEAST_BYTES",
    "CLIENT_ID_MAX_LENGTH",
    "EVERYBODY",
    "GENESIS",
    "IDEMPOTENCY_KEY_MAX_LENGTH",
    "INVITATIONS_SHOWN",
    "INVITATION_AGE",
    "INVITATION_MAX_AGE",
    "INVITATION_MAX_USES",
    "KEPT_DELETED",
    "PAGE_SIZE",
    "PINNED",
    "PINS_MAX",
    "READY_KEPT",
    "REASON_MAX_LENGTH",
    "ROOM_NAME_MAX_LENGTH",
    "TALKED_EVERY",
    "TOPIC_MAX_LENGTH",
    "UPLOADS_MAX",
    "UPLOAD_KEPT",
    "Attachment",
    "Chunk",
    "IdempotentAnswer",
    "Invitation",
    "Membership",
    "Mention",
    "Message",
    "Pin",
    "Report",
    "Room",
    "RoomQuerySet",
    "Spending",
    "Usage",
    "looks_after_rooms",
    "new_code",
    "usual_end",
]
