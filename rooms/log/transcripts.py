"""A room's transcript to take away: JSON Lines that anyone can verify offline, and a page that anyone can read.

The first line is ``{"format", "version", "room": {…, "head", "hash"}}``; each other line is a message as it looks
everywhere, with the ``salt`` that the hash chain needs: ``python rooms/chain.py transcript.jsonl [folder]``.
"""

import logging
from collections.abc import Iterator

from django.template.loader import render_to_string

from accounts.audit import is_command_line, record
from accounts.models import User
from chatsite.files import object_store
from chatsite.files.archives import Member, zipped
from rooms.events import Json, encode, message_json, room_json
from rooms.models import Attachment, Message, Room

logger = logging.getLogger(__name__)

FORMAT = "chatsite-transcript"
VERSION = 1
# Rows that are held in memory at a time.
CHUNK = 500


def require_export(room: Room, *, actor: User | None) -> None:
    """Let pass an admin of the room, and either of the two who talk in private; note that they took it away."""
    if room.is_direct and actor:
        room.admit(actor)
    elif not is_command_line(actor):
        room.require_admin(actor)
    record("exported", actor=actor, target=room)


def rows_of(room: Room) -> Iterator[Message]:
    """Yield the rows up to the head that ``room`` was read with; later ones would not match it.

    Each chunk is a query of its own: whoever reads slowly holds no connection in between.
    """
    seq = 0
    while some := list(room.messages.with_people().filter(seq__lte=room.last_seq).after(seq)[:CHUNK]):
        yield from some
        seq = some[-1].seq


def json_lines(room: Room) -> Iterator[str]:
    """Yield the head and then each row of a room's log, a line each."""
    head = {**room_json(room, None, None), "hash": bytes(room.head_hash).hex()}
    for name in ("role", "unread", "muted", "favourite", "partner"):
        # They are about the person who looks, not about the room.
        del head[name]
    yield encode({"format": FORMAT, "version": VERSION, "room": head}) + "\n"
    for row in rows_of(room):
        yield encode(row_json(row)) + "\n"


def row_json(row: Message) -> Json:
    shown = {**message_json(row), "hash_format": row.hash_format}
    # The rows say it, and their hashes cover it.
    del shown["pinned"]
    # Of an erased message only the digest of what it said is left; it keeps the chain whole.
    if not row.is_redacted:
        return {**shown, "salt": bytes(row.salt).hex()}
    file_digest = bytes(row.attachment.digest).hex() if row.attachment else ""
    return {**shown, "body_digest": bytes(row.body_digest).hex(), "file_digest": file_digest}


def archive(room: Room) -> Iterator[bytes]:
    """Yield both forms and every file that was sent, in one archive."""
    return zipped(members_of(room))


def members_of(room: Room) -> Iterator[Member]:
    yield "transcript.jsonl", (line.encode() for line in json_lines(room))
    yield "transcript.html", (piece.encode() for piece in readable_page(room))
    for row in rows_of(room):
        if row.attachment and not row.is_redacted:
            yield f"files/{row.seq}-{row.attachment.name}", bytes_of(row.attachment)


def bytes_of(file: Attachment) -> Iterator[bytes]:
    """Yield a file's bytes; none of one that has been erased since its row was read."""
    try:
        yield from object_store.read(file.stored)
    except object_store.StorageAwayError as error:
        logger.warning("A file is missing from an archive: %s", error.__cause__)


def readable_page(room: Room) -> Iterator[str]:
    """Yield the transcript as one HTML page that needs nothing beside it."""
    yield render_to_string("rooms/export_head.html", {"room": room})
    for row in rows_of(room):
        yield render_to_string("rooms/_export_row.html", {"row": row})
    yield "</ol></body></html>\n"
