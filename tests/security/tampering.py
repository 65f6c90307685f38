"""Somebody who changes the log behind the site's back."""

import json
from collections.abc import Callable
from typing import Any

from rooms import chain
from rooms.log import triggers
from rooms.log.transcripts import json_lines
from rooms.log.verify import faults_of
from rooms.models import Message, Room


def change(row: Message, **values: object) -> None:
    """By somebody who can write to the database, past the triggers."""
    with triggers.lifted():
        Message.objects.filter(pk=row.pk).update(**values)


def rewrite(room: Room, format_of: Callable[[int], int]) -> None:
    """Make all hashes anew, each in the format that ``format_of`` says for its seq."""
    previous = bytes(32)
    for row in room.messages.select_related("attachment").order_by("seq"):
        hash_format, file = format_of(row.seq), row.attachment
        salt, digests = bytes(row.salt), {"body_digest": bytes(row.body_digest)}
        if not row.is_redacted:
            digests["body_digest"] = chain.digest_body(salt, row.body, hash_format=hash_format)
            if file:
                file.digest = chain.digest_file(salt, bytes(file.sha256), file.name, hash_format=hash_format)
                file.save()
        previous = chain.link(
            previous,
            room_id=room.pk,
            seq=row.seq,
            kind=row.kind,
            author_id=row.author_id,
            subject_id=row.subject_id,
            created_at=row.created_at,
            body_digest=digests["body_digest"],
            file_digest=bytes(file.digest) if file else b"",
            target_seq=row.target_seq,
            hash_format=hash_format,
        )
        change(row, **digests, hash=previous, hash_format=hash_format)
    Room.objects.filter(pk=room.pk).update(head_hash=previous)


Line = dict[str, Any]


def online(room: Room) -> list[str]:
    return list(faults_of(Room.objects.get(pk=room.pk)))


def offline(lines: list[Line]) -> list[str]:
    return chain.faults_of_export(json.dumps(line) for line in lines)


def exported(room: Room) -> list[Line]:
    """The room, and then its rows, each in the place of its seq."""
    return list(map(json.loads, json_lines(Room.objects.get(pk=room.pk))))


def both(room: Room) -> str:
    """What both say of a database that was changed, each by itself."""
    found = online(room), offline(exported(room))
    assert all(found), found
    return " ".join(found[0] + found[1]).lower()
