"""A post: the words of a message before it is a row of the log."""

import re
from dataclasses import dataclass
from uuid import UUID

from accounts.models import User
from rooms import errors
from rooms.models import BODY_MAX_LENGTH, CLIENT_ID_MAX_LENGTH, Message

CLIENT_ID = re.compile(rf"[A-Za-z0-9._-]{{1,{CLIENT_ID_MAX_LENGTH}}}")
# The room, who speaks, and the client_id: what makes a post the same post.
PostKey = tuple[UUID, UUID, str]


@dataclass(frozen=True, slots=True)
class Post:
    """Words, a file, or both, to be stored in a room. The same ``client_id`` again is the same message."""

    room_id: UUID
    author: User
    client_id: str
    body: str
    # Of a file that its owner has uploaded to this room.
    attachment_id: UUID | None = None

    @property
    def key(self) -> PostKey:
        return (self.room_id, self.author.pk, self.client_id)


def key_of(row: Message) -> PostKey:
    """Return the key of the post that became this row."""
    assert row.author_id is not None
    assert row.client_id is not None
    return (row.room_id, row.author_id, row.client_id)


@dataclass(frozen=True, slots=True)
class Posted:
    """The row that holds the words; ``created`` is false where an earlier call had stored them."""

    row: Message
    created: bool


def clean_post(*, room_id: UUID, author: User, client_id: object, body: object, attachment: object = None) -> Post:
    """Return what can be stored, or raise the reason why it cannot. A file needs no words."""
    if not isinstance(client_id, str) or not CLIENT_ID.fullmatch(client_id):
        raise errors.BadClientId
    attachment_id = None if attachment is None else _clean_id(attachment)
    if attachment_id and body is None:
        body = ""
    if not isinstance(body, str):
        raise errors.BadMessage
    body = body.replace("\r\n", "\n").strip("\n")
    if not body.strip():
        if attachment_id is None:
            raise errors.EmptyMessage
        body = ""
    if len(body) > BODY_MAX_LENGTH:
        raise errors.MessageTooLong
    # PostgreSQL stores no NUL, and a lone surrogate is not UTF-8.
    if "\0" in body or (not body.isascii() and any("\ud800" <= character <= "\udfff" for character in body)):
        raise errors.BadMessage
    return Post(room_id, author, client_id, body, attachment_id)


def _clean_id(value: object) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise errors.NoSuchFile from None
