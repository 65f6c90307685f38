"""The rows of a room's log that a client lacks, for doors that are asked once a second."""

from dataclasses import dataclass

from rooms.models import PAGE_SIZE, Room
from rooms.queries import message_rows
from rooms.queries.message_rows import SeenRow


@dataclass(frozen=True, slots=True)
class News:
    """``PAGE_SIZE`` rows at most, in the order of seq."""

    rows: list[SeenRow]
    # Whether there are newer rows than these; in a reset, whether there are older ones.
    more: bool
    # The client has another log, or none: these are the newest rows, which replace what it has.
    reset: bool = False


def read_news(room: Room, after: int | None, known_hash: str | None) -> News | None:
    """Return what follows the row at ``after``, of which the client knows this hash; None: nothing does.

    The room's row has been read just now. Without ``after`` the client has nothing; without a hash its log counts as
    the same. Where nothing is new, nothing is asked.
    """
    if after is not None and after == room.last_seq and known_hash in (None, bytes(room.head_hash).hex()):
        return None
    if after is not None and after < room.last_seq and (rows := _rows_after(room, after, known_hash)) is not None:
        return News(rows[:PAGE_SIZE], more=len(rows) > PAGE_SIZE)
    some = message_rows.before(room.pk, room.last_seq + 1, PAGE_SIZE + 1)
    return News(some[:PAGE_SIZE][::-1], more=len(some) > PAGE_SIZE, reset=True)


def _rows_after(room: Room, after: int, known_hash: str | None) -> list[SeenRow] | None:
    """Return a page and one row at most, by one query; None if the row at ``after`` has another hash."""
    if known_hash is None or after == 0:
        return message_rows.after(room.pk, after, PAGE_SIZE + 1)
    # The client's last row is read too, for its hash.
    rows = message_rows.after(room.pk, after - 1, PAGE_SIZE + 2)
    is_same = bool(rows) and rows[0].seq == after and bytes(rows[0].hash).hex() == known_hash
    return rows[1:] if is_same else None
