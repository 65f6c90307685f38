"""What is stored of a room, read straight from the tables, and whether its chain holds."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from rooms import chain
from tests.faults.views import Row

ROOM = "SELECT last_seq, head_hash FROM rooms_room WHERE id = {}"
ROWS = """
    SELECT seq, m.id, hash, kind, client_id, body, salt, created_at, a.id, a.username, s.id, s.username,
    room_id, talk, hash_format, target_seq
    FROM rooms_message m LEFT JOIN accounts_user a ON a.id = author_id LEFT JOIN accounts_user s ON s.id = subject_id
    WHERE room_id = {} ORDER BY seq
"""

Found = Sequence[Any]


def read(database: str | Path, room: str) -> tuple[list[Row], list[str]]:
    """Return the rows of ``room`` in a database (a DATABASE_URL, or SQLite's file), and what is wrong with them."""
    heads, found = from_sqlite(database, room) if isinstance(database, Path) else from_postgres(database, room)
    if not heads:
        return [], ["there is no such room any more"]
    head, head_hash = heads[0]
    about = {"room": {"id": room, "head": head, "hash": bytes(head_hash).hex()}}
    faults = chain.faults_of_export(json.dumps(line) for line in [about, *map(exported, found)])
    return [row_of(values) for values in found], faults


def from_sqlite(file: Path, room: str) -> tuple[Found, Found]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        key = [UUID(room).hex]
        return connection.execute(ROOM.format("?"), key).fetchall(), connection.execute(
            ROWS.format("?"), key
        ).fetchall()


def from_postgres(url: str, room: str) -> tuple[Found, Found]:
    with psycopg.connect(url) as connection:
        key = [room]
        return (
            connection.execute(ROOM.format("%s"), key).fetchall(),
            connection.execute(ROWS.format("%s"), key).fetchall(),
        )


def row_of(values: Found) -> Row:
    seq, row_id, row_hash, kind, client_id, body, _, _, _, author, _, subject, *_, target = values
    return Row(seq, str(UUID(str(row_id))), bytes(row_hash).hex(), kind, author, subject, client_id, body, target)


def exported(values: Found) -> dict[str, Any]:
    """Return a row as an export has it, which the verifier reads."""
    seq, _, row_hash, kind, _, body, salt, at, author, _, subject, _, room, talk, hash_format, target = values
    if isinstance(at, str):
        at = datetime.fromisoformat(at).replace(tzinfo=UTC)
    people = {"author": author and {"id": str(author)}, "subject": subject and {"id": str(subject)}}
    words = {"kind": kind, "body": body, "salt": bytes(salt).hex(), "redacted": False}
    place = {"room": str(room), "seq": seq, "talk": talk, "target_seq": target, "hash_format": hash_format}
    return {**place, **people, **words, "at": at.astimezone(UTC).isoformat(), "hash": bytes(row_hash).hex()}
