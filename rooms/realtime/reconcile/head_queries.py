"""What keeps a process true: of all that it believes of rooms and people, the database names what holds no more.

Each question is one statement with one parameter, JSON, however many rooms are open and people are here: to name them
one by one in the statement costs more than the answer.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.utils import timezone

from accounts.models import User
from rooms.models import Room
from rooms.statements import Prepared

# So much of the end of a password's hash tells whether it is another one, and lets nobody guess.
PASSWORD_END = 8


class Head(NamedTuple):
    """How far a room's log is, and the hash of its last row."""

    seq: int
    hash: str


_HEAD = Prepared(lambda ids: Room.objects.open().filter(pk__in=ids).values_list("last_seq", "head_hash"))

# The same in each database: what of JSON is a table, and how ids and bytes are compared with what it holds.
DIALECT = {
    "sqlite": {"each": "json_each(%s)", "uuid": "{0}", "hex": "lower(hex({0}))"},
    "postgresql": {"each": "json_each_text(%s::json)", "uuid": "CAST({0} AS uuid)", "hex": "encode({0}, 'hex')"},
}
CHANGED = """
SELECT known.key, room.last_seq, room.head_hash FROM {each} AS known
LEFT JOIN rooms_room AS room ON room.id = {room} AND room.deleted_at IS NULL
WHERE room.id IS NULL OR room.last_seq || '.' || {head_hash} <> known.value
"""
GONE = """
SELECT here.key, session.session_key IS NOT NULL AND person.id IS NOT NULL FROM {each} AS here
LEFT JOIN django_session AS session ON session.session_key = here.key AND session.expire_date > %s
LEFT JOIN accounts_user AS person ON person.id = {person} AND person.is_active
WHERE session.session_key IS NULL OR person.id IS NULL
OR substr(person.password, length(person.password) - {before_end}) <> substr(here.value, 33)
"""
FIRST_END = """
SELECT MIN(session.expire_date) FROM {each} AS here JOIN django_session AS session ON session.session_key = here.key
"""


def read(room_id: UUID) -> Head | None:
    """Return the head of a room that is there and not deleted."""
    for last_seq, head_hash in _HEAD.rows([room_id]):
        return Head(last_seq, bytes(head_hash).hex())
    return None


def changed(known: Mapping[UUID, Head | None]) -> dict[UUID, Head | None]:
    """Return the heads that are not as they are known, for it is another one, or nothing is known; None: deleted."""
    words = _words()
    sql = CHANGED.format(
        each=words["each"], room=words["uuid"].format("known.key"), head_hash=words["hex"].format("room.head_hash")
    )
    believed = {room_id.hex: f"{head.seq}.{head.hash}" if head else "" for room_id, head in known.items()}
    with connection.cursor() as cursor:
        cursor.execute(sql, [json.dumps(believed)])
        return {
            UUID(room): None if last_seq is None else Head(last_seq, bytes(head_hash).hex())
            for room, last_seq, head_hash in cursor.fetchall()
        }


def sign_of(user: User) -> str:
    """Return what ``gone`` wants to know of somebody: who it is, and by which password."""
    return user.pk.hex + user.password[-PASSWORD_END:]


def gone(here: str) -> dict[str, bool]:
    """Return which of these sessions (JSON: session key → ``sign_of``) may not be connected any more.

    True: the password is another one, so the session may hold or not, which the handshake finds out. False: it has
    ended, or the account is turned off.
    """
    words = _words()
    sql = GONE.format(
        each=words["each"], person=words["uuid"].format("substr(here.value, 1, 32)"), before_end=PASSWORD_END - 1
    )
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(sql, [here, now])
        return {session_key: bool(may_hold) for session_key, may_hold in cursor.fetchall()}


def first_end(here: str) -> datetime | None:
    """Return when the first of these sessions will have ended by its age alone, of which no commit tells."""
    with connection.cursor() as cursor:
        cursor.execute(FIRST_END.format(each=_words()["each"]), [here])
        at = cursor.fetchone()[0]
    # SQLite keeps a text, without the zone, which is UTC.
    return datetime.fromisoformat(at).replace(tzinfo=UTC) if isinstance(at, str) else at


def _words() -> dict[str, str]:
    return DIALECT[connection.vendor]
