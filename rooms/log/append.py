"""Appending to a room's log, under its lock. Only the other actions call this."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.models import User
from chatsite import statements
from rooms import chain, errors, signals
from rooms.log import state
from rooms.models import TALKED_EVERY, Attachment, Message, Room

# These are in the transcript alone, not in the audit log: users post, join and leave by themselves.
AUDITED = frozenset(Message.Kind) - {*Message.TALK, Message.Kind.JOINED, Message.Kind.LEFT}


@dataclass(frozen=True, slots=True)
class Draft:
    """A row that is not in the log yet."""

    kind: Message.Kind
    author: User | None
    subject: User | None = None
    # The earlier row of the same room that it is about.
    target_seq: int | None = None
    body: str = ""
    client_id: str | None = None
    attachment: Attachment | None = None


def chain_up(room: Room, drafts: Iterable[Draft]) -> list[Message]:
    """Give each draft its seq, talk and hash, and move the head of ``room`` (locked by the caller) past them.

    Raises ``NoSuchMessage`` where a draft is about a row that the room does not have before it.
    """
    now = timezone.now()
    rows = []
    for draft in drafts:
        if draft.target_seq is not None and not 1 <= draft.target_seq <= room.last_seq:
            raise errors.NoSuchMessage
        room.last_seq += 1
        is_talk = draft.kind in Message.TALK
        room.talk_count += is_talk
        salt, previous = os.urandom(chain.SALT_BYTES), bytes(room.head_hash)
        body_digest, file_digest, file = chain.digest_body(salt, draft.body), b"", draft.attachment
        if file is not None:
            file.digest = file_digest = chain.digest_file(salt, bytes(file.sha256), file.name)
        room.head_hash = chain.link(
            previous,
            room_id=room.pk,
            seq=room.last_seq,
            kind=draft.kind.value,
            author_id=draft.author.pk if draft.author else None,
            subject_id=draft.subject.pk if draft.subject else None,
            created_at=now,
            body_digest=body_digest,
            file_digest=file_digest,
            target_seq=draft.target_seq,
        )
        if is_talk and (now - room.talked_at).total_seconds() >= TALKED_EVERY:
            room.talked_at = now
        row = Message(
            room=room,
            seq=room.last_seq,
            author=draft.author,
            subject=draft.subject,
            kind=draft.kind.value,
            target_seq=draft.target_seq,
            is_drawn=draft.kind not in Message.UNDRAWN,
            talk=room.talk_count if is_talk else None,
            body=draft.body,
            client_id=draft.client_id,
            attachment=file,
            created_at=now,
            salt=salt,
            body_digest=body_digest,
            hash=room.head_hash,
            hash_format=chain.FORMAT,
        )
        row.previous_hash = previous
        rows.append(row)
    return rows


def store(rooms: Iterable[Room], rows: Sequence[Message]) -> None:
    """Insert ``rows`` with what follows from them, save the heads of their ``rooms``; announce them once committed."""
    statements.insert(rows)
    for row in rows:
        state.apply(row)
    for room in rooms:
        statements.update(room, "last_seq", "talk_count", "head_hash", "talked_at")
    transaction.on_commit(partial(signals.committed.send, sender=Room, rows=rows))


def announce(  # noqa: PLR0913 (what a row says)
    room: Room,
    *,
    kind: Message.Kind,
    actor: User | None,
    subject: User | None = None,
    target_seq: int | None = None,
    body: str = "",
) -> Message:
    """Append one row about what ``actor`` did to ``room``, which the caller has locked."""
    rows = chain_up(room, [Draft(kind, actor, subject, target_seq, body)])
    store([room], rows)
    if kind in AUDITED:
        record(
            kind.value,
            actor=actor,
            target=room,
            subject=subject,
            detail=body if target_seq is None else str(target_seq),
        )
    return rows[0]
