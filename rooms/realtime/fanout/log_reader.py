"""What the hub and the API read of a room's log. Each function waits for the database: call it in a reader's thread."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from accounts.models import User
from chatsite.statements import Prepared
from rooms.events import Json, message_event, pin_json, room_json
from rooms.models import GENESIS, PAGE_SIZE, Message, Room
from rooms.queries import message_rows
from rooms.queries.access import admit
from rooms.queries.pinned import pins_of
from rooms.realtime import protocol
from rooms.realtime.log_events import LogEvent, log_event

# Rows that one query of a catch-up fetches.
CHUNK = 500
_HASH = Prepared(lambda rooms, seq: Message.objects.filter(room=rooms[0], seq=seq).values_list("hash"), numbers=1)


def rows_after(room_id: UUID, seq: int) -> list[LogEvent]:
    """Return the rows after ``seq``, ``CHUNK`` at most."""
    # The row at ``seq`` is read too: its hash is the ``previous`` of the first one.
    rows = Message.objects.filter(room=room_id).with_people().after(seq - 1)[: CHUNK + 1]
    previous, events = GENESIS if seq == 0 else b"", []
    for row in rows:
        row.previous_hash, previous = previous, bytes(row.hash)
        if row.seq > seq:
            events.append(log_event(row))
    return events


def is_same_log(room: Room, after: int, known_hash: str | None) -> bool:
    """Return whether a client that has the log up to ``after``, ending in ``known_hash``, has this room's log.

    After a restore from a backup the same seq may be another row: only the row's hash tells. Without a hash it counts
    as the same log.
    """
    if after > room.last_seq:
        return False
    if after == 0 or known_hash is None:
        return True
    stored = _HASH.rows([room.pk], numbers=[after])
    return bool(stored) and bytes(stored[0][0]).hex() == known_hash


@dataclass(frozen=True, slots=True)
class Entry:
    """What a socket that enters a room is sent first."""

    room: Json
    membership_id: int
    head: int
    hash: str
    resumed: bool
    # The rows, encoded.
    texts: list[str]
    # Whether there are rows before the page that a reset brings.
    more: bool
    pins: list[Json]


def read_entry(room_id: UUID, user: User, after: int | None, known_hash: str | None) -> Entry:
    """Admit ``user`` to the room, and read what their client lacks; raises a ``RoomError`` if they are not admitted."""
    room, membership = admit(room_id, user)
    is_near = (
        after is not None and room.last_seq - after <= protocol.MAX_RESUME_ROWS and is_same_log(room, after, known_hash)
    )
    missed = _missed(room, after) if after is not None and is_near else None
    newest = _newest(room) if missed is None else []
    return Entry(
        room=room_json(room, membership, user),
        membership_id=membership.pk,
        head=room.last_seq,
        hash=bytes(room.head_hash).hex(),
        resumed=missed is not None,
        texts=_encoded(newest) if missed is None else missed,
        more=bool(newest) and newest[0].seq > 1,
        # Read last: what has changed since the head comes as a row, and may be taken twice, but not be missed.
        pins=[pin_json(pin) for pin in pins_of(room)],
    )


# Both read up to the head that was read first: a row that is committed meanwhile is delivered, and would come twice.


def _missed(room: Room, after: int) -> list[str] | None:
    """Return the rows after ``after``, read in pieces; None as soon as they are more than a resume may bring."""
    texts: list[str] = []
    size = 0
    while after < room.last_seq:
        rows = message_rows.after(room.pk, after, PAGE_SIZE)
        if not rows:
            break
        piece = _encoded(row for row in rows if row.seq <= room.last_seq)
        size += sum(len(text.encode("utf-8", "surrogatepass")) for text in piece)
        if size > protocol.MAX_RESUME_BYTES:
            return None
        texts += piece
        after = rows[-1].seq
    return texts


def _newest(room: Room) -> list[message_rows.SeenRow]:
    return message_rows.before(room.pk, room.last_seq + 1, PAGE_SIZE)[::-1]


def _encoded(rows: Iterable[message_rows.SeenRow]) -> list[str]:
    return [protocol.encode(message_event(row)) for row in rows]
