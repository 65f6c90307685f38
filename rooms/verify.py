"""Checking that a room's log is whole: what ``manage.py verify_transcripts`` and the tests rely on."""

import hashlib
from collections.abc import Iterator

from django.db import transaction

from chatsite import store
from rooms import chain
from rooms.models import GENESIS, Message, Room


def hash_of(row: Message, previous: bytes) -> bytes:
    return chain.link(
        previous,
        room_id=row.room_id,
        seq=row.seq,
        kind=row.kind,
        author_id=row.author_id,
        subject_id=row.subject_id,
        created_at=row.created_at,
        body_digest=bytes(row.body_digest),
        file_digest=bytes(row.attachment.digest) if row.attachment else b"",
    )


def changed_in(row: Message) -> str:
    """Return a sentence about what of a row does not fit its digest; "" where all does."""
    salt = bytes(row.salt)
    if chain.digest_body(salt, row.body) != bytes(row.body_digest):
        return f"the words of row {row.seq} are not those that were written"
    file = row.attachment
    if file and chain.digest_file(salt, bytes(file.sha256), file.name) != bytes(file.digest):
        return f"the file of row {row.seq} is not the one that was sent"
    return ""


def faults_of(room: Room) -> Iterator[str]:
    """Yield a sentence for each thing wrong with the log up to the head that ``room`` was read with.

    It takes no lock, so it may run while the site serves: rows are never changed, and later ones are not looked at.
    """
    previous, seq, talk = GENESIS, 0, 0
    erased: set[str] = set()
    told: set[str] = set()
    rows = room.messages.filter(seq__lte=room.last_seq).select_related("attachment").order_by("seq")
    for row in rows.iterator(chunk_size=1000):
        seq += 1
        if row.seq != seq:
            yield f"row {seq} is missing: the next one is {row.seq}"
            return
        talk += row.is_talk
        if row.is_talk != (row.kind in Message.TALK) or (row.is_talk and row.talk != talk):
            yield f"row {seq} says that it is talk {row.talk}, and {talk} is right"
        if row.kind == Message.Kind.REDACTED:
            told.add(row.body)
        if row.is_redacted and not row.body:
            erased.add(str(row.seq))
        elif fault := changed_in(row):
            yield fault
        if hash_of(row, previous) != bytes(row.hash):
            yield f"row {seq} is not the one that was chained to row {seq - 1}"
            return
        previous = bytes(row.hash)
    for gone in sorted(erased - told, key=int):
        yield f"row {gone} was erased, and no row says so"
    if (room.last_seq, room.talk_count, bytes(room.head_hash)) != (seq, talk, previous):
        yield f"the head says {room.last_seq} rows, {room.talk_count} of them talk; the log has {seq} and {talk}"


def file_faults_of(room: Room) -> Iterator[str]:
    """Yield a sentence for each file of the log that storage does not hold as it was sent. It reads all of them."""
    rows = room.messages.filter(attachment__isnull=False, redacted_at=None).select_related("attachment")
    for row in rows.order_by("seq").iterator(chunk_size=1000):
        assert row.attachment
        digest = hashlib.sha256()
        try:
            for piece in store.read(row.attachment.stored):
                digest.update(piece)
        except store.StorageAwayError:
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
