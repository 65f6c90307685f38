"""What the hub and the API read of a room's log: always rows after a seq, always for somebody who may."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from accounts.models import User
from rooms import pages
from rooms.admission import admit
from rooms.events import Json, message_event, room_json
from rooms.models import GENESIS, PAGE_SIZE, Membership, Message, Room
from rooms.realtime import protocol
from rooms.statements import Prepared, in_lists

# Rows that one query of a catch-up fetches.
CHUNK = 500
_HASH = Prepared(lambda rooms, seq: Message.objects.filter(room=rooms[0], seq=seq).values_list("hash"), numbers=1)


class LogEvent(NamedTuple):
    """A log row on its way out: encoded once, for everybody."""

    seq: int
    kind: str
    subject_id: UUID | None
    text: str
    hash: str
    # Of the row before it, by which a feed knows that this one continues what it has sent; "" where that is gone.
    previous: str


def log_event(row: Message) -> LogEvent:
    text = protocol.encode(message_event(row))
    return LogEvent(row.seq, row.kind, row.subject_id, text, bytes(row.hash).hex(), row.previous_hash.hex())


def rows_after(room_id: UUID, seq: int) -> list[LogEvent]:
    """Return the next rows. The one at ``seq`` is read with them: the first of them has to follow its hash."""
    rows = Message.objects.filter(room=room_id).with_people().after(seq - 1)[: CHUNK + 1]
    previous, events = GENESIS if seq == 0 else b"", []
    for row in rows:
        row.previous_hash, previous = previous, bytes(row.hash)
        if row.seq > seq:
            events.append(log_event(row))
    return events


def is_same_log(room: Room, after: int, known_hash: str | None) -> bool:
    """Whether a client that has the log up to ``after``, ending in ``known_hash``, has this room's log.

    After a restore from a backup the same seq may be another row: only the row's hash tells. No hash is believed.
    """
    if after > room.last_seq:
        return False
    if after == 0 or known_hash is None:
        return True
    stored = _HASH.rows([room.pk], numbers=[after])
    return bool(stored) and bytes(stored[0][0]).hex() == known_hash


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody who enters a room is sent first."""

    room: Json
    membership_id: int
    head: int
    resumed: bool
    # The rows, encoded.
    texts: list[str]
    # There are rows before the page that a reset brings.
    more: bool


def enter(room_id: UUID, user: User, after: int | None, known_hash: str | None) -> Entry:
    """Admit ``user`` to the room, and read what they have not got."""
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
        resumed=missed is not None,
        texts=_encoded(newest) if missed is None else missed,
        more=bool(newest) and newest[0].seq > 1,
    )


# Both up to the head that was read: a row that is committed meanwhile is delivered, and would be sent twice.


def _missed(room: Room, after: int) -> list[str] | None:
    """Return the rows that somebody missed, or None where that is too much; read piece by piece, and no further."""
    texts: list[str] = []
    size = 0
    while after < room.last_seq:
        rows = pages.after(room.pk, after, PAGE_SIZE)
        if not rows:
            break
        piece = _encoded(row for row in rows if row.seq <= room.last_seq)
        size += sum(len(text.encode("utf-8", "surrogatepass")) for text in piece)
        if size > protocol.MAX_RESUME_BYTES:
            return None
        texts += piece
        after = rows[-1].seq
    return texts


def _newest(room: Room) -> list[pages.SeenRow]:
    return pages.before(room.pk, room.last_seq + 1, PAGE_SIZE)[::-1]


def _encoded(rows: Iterable[pages.SeenRow]) -> list[str]:
    return [protocol.encode(message_event(row)) for row in rows]


def name_of(room_id: UUID) -> str:
    return Room.objects.filter(pk=room_id).values_list("name", flat=True).first() or ""


class Named(NamedTuple):
    """Somebody as the database has them now, and those of the rooms asked about in which they are a member."""

    user: User
    room_ids: list[UUID]


def named(user_id: UUID, room_ids: Sequence[UUID]) -> Named | None:
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        return None
    # Former members too: their name stands in the transcript, and a deleted account's must go from open pages.
    theirs = [
        room_id
        for some in in_lists(room_ids)
        for room_id in Membership.objects.filter(user=user, room__in=some).values_list("room_id", flat=True)
    ]
    return Named(user, theirs)
