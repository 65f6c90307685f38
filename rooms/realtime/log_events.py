"""A row of a room's log on its way out: encoded once, for everybody."""

from typing import NamedTuple
from uuid import UUID

from rooms import errors
from rooms.events import message_event
from rooms.models import Message
from rooms.realtime import protocol

# The kinds of row that end the membership of their subject, and what the subject's sockets are told.
ENDINGS: dict[str, type[errors.RoomError]] = {Message.Kind.REMOVED: errors.Removed, Message.Kind.LEFT: errors.Left}


class LogEvent(NamedTuple):
    """Its fields travel between processes in this order (``redis/pubsub.py``)."""

    seq: int
    kind: str
    subject_id: UUID | None
    text: str
    hash: str
    # The hash of the row before it, which tells whether this row continues what was sent; "" if it was not read.
    previous: str

    def ending(self) -> errors.RoomError | None:
        """Return what the row's subject is told if the row ends their membership, else None."""
        error = ENDINGS.get(self.kind)
        return error() if error else None


def log_event(row: Message) -> LogEvent:
    text = protocol.encode(message_event(row))
    return LogEvent(row.seq, row.kind, row.subject_id, text, bytes(row.hash).hex(), row.previous_hash.hex())
