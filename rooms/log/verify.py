"""Checking that a room's log is whole: what ``manage.py verify_transcripts`` and the tests rely on."""

import hashlib
from collections.abc import Iterator

from django.db import transaction
from django.db.models import Q

from chatsite.files import object_store
from rooms import chain
from rooms.models import Attachment, Message, Room


def faults_of(room: Room) -> Iterator[str]:
    """Yield a sentence for each thing wrong with the log up to the head that ``room`` was read with.

    It takes no lock, so it may run while the site serves: rows are never changed, and later ones are not looked at.
    """
    rows = room.messages.filter(seq__lte=room.last_seq).select_related("attachment").order_by("seq")
    end = yield from chain.walk(room.pk, map(row_of, rows.iterator(chunk_size=1000)))
    if end and (room.last_seq, room.talk_count, bytes(room.head_hash)) != end:
        head = f"{room.last_seq} rows, {room.talk_count} of them talk"
        yield f"the head says {head}; the log has {end.seq} and {end.talk}"
    undrawn = Q(kind__in=Message.UNDRAWN)
    for seq in room.messages.filter(Q(undrawn, is_drawn=True) | Q(~undrawn, is_drawn=False)).values_list(
        "seq", flat=True
    ):
        yield f"row {seq} says that it is drawn, or not, against its kind"


def row_of(row: Message) -> chain.Row:
    """Return a row of the log as the chain hashes it."""
    file = row.attachment
    return chain.Row(
        hash_format=row.hash_format,
        room_id=row.room_id,
        seq=row.seq,
        kind=row.kind,
        author_id=row.author_id,
        subject_id=row.subject_id,
        target_seq=row.target_seq,
        created_at=row.created_at,
        talk=row.talk,
        body=row.body,
        salt=bytes(row.salt),
        file=(bytes(file.sha256), file.name) if file and not is_gone(file, row) else None,
        is_erased=row.is_redacted,
        body_digest=bytes(row.body_digest),
        file_digest=bytes(file.digest) if file else b"",
        hash=bytes(row.hash),
    )


def is_gone(file: Attachment, row: Message) -> bool:
    """Whether all that is left of a file is what the chain holds of it."""
    return row.is_redacted and bool(file.digest) and not (file.sha256 or file.name)


def file_faults_of(room: Room) -> Iterator[str]:
    """Yield a sentence for each file of the log that storage does not hold as it was sent. It reads all of them."""
    rows = room.messages.filter(attachment__isnull=False, redacted_at=None).select_related("attachment")
    for row in rows.order_by("seq").iterator(chunk_size=1000):
        assert row.attachment
        digest = hashlib.sha256()
        try:
            for piece in object_store.read(row.attachment.stored):
                digest.update(piece)
        except object_store.StorageAwayError:
            yield f"the file of row {row.seq} cannot be read"
            continue
        if digest.digest() != bytes(row.attachment.sha256):
            yield f"the file of row {row.seq} is not the one that was sent"


@transaction.atomic
def miscount_of(room: Room) -> str | None:
    """Return what is wrong with the room's count of members, if anything is."""
    room = Room.objects.locked(room.pk)
    members = room.memberships.active().count()
    if room.member_count == members:
        return None
    return f"the room counts {room.member_count} members, and has {members}"
