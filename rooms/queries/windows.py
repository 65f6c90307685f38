"""Where somebody opens a transcript: the rule that the room's page and the API share.

A window is a row with rows on both sides of it. It takes two range reads by the index of (room, seq), however long the
log is. To find its row by a day, or by how far somebody has read, takes some reads of one row more: the log is halved
until what is left is short (``HALVED_TO``), so twenty times the rows are four or five reads more.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from chatsite.statements import Prepared
from rooms.models import PAGE_SIZE, Membership, Room
from rooms.queries import message_rows
from rooms.queries.message_rows import SeenRow

# More unread messages than this fill a screen, and the page opens where they begin.
SCREENFUL = 30
# So many rows are read at once instead of being halved further.
HALVED_TO = 64


class Growing:
    """A column of the log that never falls from row to row, or is null.

    (Instants do fall where a server's clock was put back: what is found is a row near that place then.)
    """

    def __init__(self, column: str) -> None:
        def rows(rooms: list[Any], low: int, high: int) -> Any:
            log = message_rows.shown_in(rooms[0]).filter(seq__gte=low, seq__lte=high, **{f"{column}__isnull": False})
            return log.order_by("-seq").values_list("seq", column)

        self._rows = Prepared(rows, numbers=2)
        self._last = Prepared(lambda *where: rows(*where)[:1], numbers=2)

    def first(self, room_id: UUID, value: Any, low: int, high: int) -> int | None:
        """Return the first row from ``low`` to ``high`` with ``value`` or more."""
        while high - low > HALVED_TO:
            middle = (low + high) // 2
            found = self._last.rows([room_id], numbers=[low, middle])
            if found and found[0][1] >= value:
                high = middle
            else:
                low = middle + 1
        rows = self._rows.rows([room_id], numbers=[low, high])
        return min((seq for seq, each in rows if each >= value), default=None)


_INSTANTS, _TALK = Growing("created_at"), Growing("talk")


@dataclass(frozen=True, slots=True)
class Window:
    # In the order of seq.
    rows: list[SeenRow]
    # The row that the window is around: the one that was asked for, or the nearest; None in an empty log.
    seq: int | None
    more_before: bool
    more_after: bool


def around(room: Room, seq: int, limit: int = PAGE_SIZE) -> Window:
    """Return ``limit`` rows at most: half of them up to ``seq``, and half after it.

    Where there is no such row, the nearest takes its place. Rows beyond the head that ``room`` was read with are left
    to whoever delivers them.
    """
    seq = min(seq, room.last_seq)
    count_before, count_after = limit - limit // 2, limit // 2
    # One more on each side tells whether there are more.
    before, after = message_rows.around(room.pk, seq, count_before + 1, count_after + 1)
    after = [row for row in after if row.seq <= room.last_seq]
    rows = before[:count_before][::-1] + after[:count_after]
    return Window(
        rows=rows,
        seq=min((row.seq for row in rows), key=lambda each: abs(each - seq), default=None),
        more_before=len(before) > count_before,
        more_after=len(after) > count_after,
    )


def seq_of_day(room: Room, day: date) -> int:
    """Return the first row of that day (UTC) or of a later one, and the last of all where there is none."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return _INSTANTS.first(room.pk, begin, 1, room.last_seq) or room.last_seq


def first_unread(room: Room, membership: Membership) -> int | None:
    """Return the first message that this member has not read, where more than a screen full of them are unread."""
    if room.talk_count - membership.read_talk <= SCREENFUL:
        return None
    talk = membership.read_talk + 1
    # Talk counts some of the rows: it is never ahead of seq, and falls behind no further than the head is.
    return _TALK.first(room.pk, talk, talk, room.last_seq - (room.talk_count - talk))
