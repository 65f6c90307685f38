"""How far rooms' logs are, asked for all open rooms in one statement."""

import json
from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from chatsite.statements import Prepared
from rooms.models import Room
from rooms.realtime import json_tables


class Head(NamedTuple):
    """The seq and the hash of a log's last row."""

    seq: int
    hash: str


_HEAD = Prepared(lambda ids: Room.objects.open().filter(pk__in=ids).values_list("last_seq", "head_hash"))

CHANGED = """
SELECT known.key, room.last_seq, room.head_hash FROM {each} AS known
LEFT JOIN rooms_room AS room ON room.id = {room} AND room.deleted_at IS NULL
WHERE room.id IS NULL OR room.last_seq || '.' || {head_hash} <> known.value
"""


def read(room_id: UUID) -> Head | None:
    """Return the head of a room; None if there is no such room, or it is deleted."""
    for last_seq, head_hash in _HEAD.rows([room_id]):
        return Head(last_seq, bytes(head_hash).hex())
    return None


def changed(known: Mapping[UUID, Head | None]) -> dict[UUID, Head | None]:
    """Return the heads that differ from the known ones (None: not known yet); None for a room that is deleted."""
    dialect = json_tables.dialect()
    sql = CHANGED.format(
        each=dialect.each, room=dialect.uuid.format("known.key"), head_hash=dialect.hex.format("room.head_hash")
    )
    believed = {room_id.hex: f"{head.seq}.{head.hash}" if head else "" for room_id, head in known.items()}
    with connection.cursor() as cursor:
        cursor.execute(sql, [json.dumps(believed)])
        return {
            UUID(room): None if last_seq is None else Head(last_seq, bytes(head_hash).hex())
            for room, last_seq, head_hash in cursor.fetchall()
        }
