"""The transcript: a window of rows, which moves over a log of any length, and what stands between them."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate

from chatsite_client import Entry, Message
from textual import events
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message as Event
from textual.scroll_view import ScrollView
from textual.strip import Strip

from chatsite_cli.screen import pieces
from chatsite_cli.screen.look import DARK, Look
from chatsite_cli.screen.pieces import Canvas, Piece

# Rows in memory: beyond it, those that are farthest from what is shown go.
MOST_ROWS = 400
MOST_NOTICES = 200
# Lines from an edge at which the rows beyond it are fetched.
NEAR = 10
NOT_DRAWN = {"pinned", "unpinned"}
# Words of one person within this time have their name once.
CONTINUES = timedelta(minutes=5)


class Transcript(ScrollView, can_focus=True):
    """Shows rows, and says by ``Wanted`` where it wants more, and by ``Seen`` how far one has read."""

    BINDINGS = [
        Binding("up,k", "choose(-1)", "The message before", show=False),
        Binding("down,j", "choose(1)", "The next message", show=False),
        Binding("c,y", "copy", "Copy the message", show=False),
        Binding("o", "open", "Open its link", show=False),
        Binding("g", "get", "Save its file", show=False),
        Binding("r", "report", "Report it", show=False),
    ]

    class Wanted(Event):
        """Older rows (``before``), or newer ones, which went while older ones were looked at."""

        def __init__(self, *, older: bool) -> None:
            super().__init__()
            self.older = older

    class Seen(Event):
        def __init__(self, seq: int) -> None:
            super().__init__()
            self.seq = seq

    class Chosen(Event):
        """Something is to be done with a message."""

        def __init__(self, action: str, row: Message) -> None:
            super().__init__()
            self.action, self.row = action, row

    def __init__(self, me: str = "") -> None:
        super().__init__(id="transcript")
        self.me, self.look = me, DARK
        self.rows: list[Message] = []
        self.has_older = self.has_newer = False
        self._entries: list[Entry] = []
        self._notices: list[tuple[int, Piece]] = []
        # The last talk that was read when the room was entered, and how many came after it.
        self._read_talk, self._unread = 0, 0
        self._of_rows: dict[int, tuple[object, Piece]] = {}
        self._pieces: list[Piece] = []
        self._tops: list[int] = [0]
        self.chosen: int | None = None
        self._canvas = Canvas(0, DARK)
        self._asked: bool | None = None
        # The end stays in sight, whatever the terminal's size becomes.
        self._follows, self._height = True, 0

    # --- What it shows ---

    def begin(self, *, talk_count: int = 0, unread: int = 0) -> None:
        """Another room is shown, of which nothing is known yet but where its unread words begin."""
        self._read_talk, self._unread = talk_count - unread, unread
        self.rows, self._entries, self._notices, self._of_rows = [], [], [], {}
        self.has_older = self.has_newer = False
        self.chosen = self._asked = None
        self._rearrange(to_end=True)

    def replace(self, rows: list[Message], *, more: bool) -> None:
        """Show the newest page of the log."""
        self.rows, self._of_rows, self.has_older, self.has_newer = _drawn(rows), {}, more, False
        self._asked = None
        self._rearrange(to_end=True)

    def append(self, rows: list[Message]) -> None:
        """Show the next rows. Who looks at older ones stays there."""
        self._apply(rows)
        was_at_end = self.is_at_end
        if not self.has_newer:
            self.rows += _drawn(rows)
            if len(self.rows) > MOST_ROWS and was_at_end:
                self.rows, self.has_older = self.rows[-MOST_ROWS:], True
        if len(self.rows) > MOST_ROWS:
            self.rows, self.has_newer = self.rows[:MOST_ROWS], True
        self._rearrange(to_end=was_at_end)

    def extend(self, rows: list[Message], *, older: bool, more: bool) -> None:
        """Take the rows that were wanted; as many go on the other side."""
        self._asked = None
        self._apply(rows)
        if older:
            self.rows = _drawn(rows) + self.rows
            self.has_older = more
            if len(self.rows) > MOST_ROWS:
                self.rows, self.has_newer = self.rows[:MOST_ROWS], True
        else:
            self.rows += _drawn(rows)
            self.has_newer = more
            if len(self.rows) > MOST_ROWS:
                self.rows, self.has_older = self.rows[-MOST_ROWS:], True
        self._rearrange()

    def gave_up(self) -> None:
        """What was wanted did not come; it may be wanted again."""
        self._asked = None

    def show_entries(self, entries: Iterable[Entry]) -> None:
        """Show words that the site has not taken yet."""
        entries = list(entries)
        if entries != self._entries:
            self._entries = entries
            self._rearrange(to_end=self.is_at_end)

    def notice(self, text: str) -> None:
        """Show a line to this person alone, where the transcript is now."""
        was_at_end = self.is_at_end
        self._notices.append((self.rows[-1]["seq"] if self.rows else 0, pieces.of_notice(text)))
        del self._notices[:-MOST_NOTICES]
        self._rearrange(to_end=was_at_end)

    def set_look(self, look: Look) -> None:
        if look is not self.look:
            self.look = look
            self._rearrange(to_end=self.is_at_end)

    @property
    def is_at_end(self) -> bool:
        return not self.has_newer and self.scroll_offset.y >= self.max_scroll_y - 1

    def seen(self) -> int:
        """Return the seq of the last row that is shown on the screen."""
        if self.is_at_end:
            return self.rows[-1]["seq"] if self.rows else 0
        last = bisect_right(self._tops, self.scroll_offset.y + self.size.height) - 1
        return max((piece.row["seq"] for piece in self._pieces[: max(last, 0)][-20:] if piece.row), default=0)

    # --- Rows ---

    def _apply(self, rows: list[Message]) -> None:
        """Do to the rows that are here what the new ones say of them."""
        said = {row["target_seq"]: row["kind"] for row in rows if row["target_seq"]}
        for number, row in enumerate(self.rows):
            kind = said.get(row["seq"])
            if kind == "redacted":
                self.rows[number] = {**row, "redacted": True, "body": "", "attachment": None}
            elif kind in NOT_DRAWN:
                self.rows[number] = {**row, "pinned": kind == "pinned"}

    def _rearrange(self, *, to_end: bool = False) -> None:
        """Put all in its place again; what one looks at stays where it is."""
        anchor, offset = self._at_top()
        self._canvas = Canvas(self.scrollable_content_region.width or self.size.width, self.look)
        self._pieces = self._all_pieces() if self._canvas.width else []
        heights = [len(self._strips(piece)) for piece in self._pieces]
        self._tops = [0, *accumulate(heights)]
        self.virtual_size = Size(self._canvas.width, self._tops[-1])
        top = self._tops[-1]
        if not to_end and anchor:
            place = next((n for n, piece in enumerate(self._pieces) if _same(piece, anchor)), None)
            top = self._tops[place] + offset if place is not None else self.scroll_offset.y
        self.scroll_to(y=max(0, min(top, self._tops[-1] - self.size.height)), animate=False, force=True)
        self._follows = to_end or self.is_at_end
        self.refresh()
        self._ask()

    def _at_top(self) -> tuple[Piece | None, int]:
        """Return the first row on the screen, and how many of its lines are above it."""
        top = self.scroll_offset.y
        place = bisect_right(self._tops, top) - 1
        for number in range(max(place, 0), len(self._pieces)):
            if self._pieces[number].row:
                return self._pieces[number], top - self._tops[number]
        return None, 0

    def _all_pieces(self) -> list[Piece]:
        arranged: list[Piece] = [] if self.has_older or not self.rows else [pieces.of_beginning()]
        notices = list(self._notices)
        before: Message | None = None
        has_line = not self._unread
        for row in self.rows:
            day = _moment(row["at"]).date()
            if before is None or _moment(before["at"]).date() != day:
                arranged.append(pieces.of_day(day))
            if not has_line and row["talk"] and row["talk"] > self._read_talk and not self._is_mine(row):
                arranged.append(pieces.of_unread(self._unread))
                has_line, before = True, None
            arranged.append(self._of_row(row, continues=_continues(before, row)))
            while notices and notices[0][0] <= row["seq"]:
                arranged.append(notices.pop(0)[1])
            before = row
        if not self.has_newer:
            arranged += [piece for _, piece in notices]
            here = {row["client_id"] for row in self.rows[-MOST_ROWS:]}
            arranged += [pieces.of_entry(entry) for entry in self._entries if entry.client_id not in here]
        self._of_rows = {row["seq"]: self._of_rows[row["seq"]] for row in self.rows}
        return arranged

    def _of_row(self, row: Message, *, continues: bool) -> Piece:
        known = self._of_rows.get(row["seq"])
        key = (id(row), continues)
        if known is None or known[0] != key:
            piece = pieces.of_row(row, is_mine=self._is_mine(row), continues=continues)
            known = self._of_rows[row["seq"]] = (key, piece)
        return known[1]

    def _is_mine(self, row: Message) -> bool:
        return bool(row["author"] and row["author"]["id"] == self.me)

    def _strips(self, piece: Piece) -> list[Strip]:
        is_chosen = self.chosen is not None and piece.row is not None and piece.row["seq"] == self.chosen
        return piece.strips(self._canvas, is_chosen=is_chosen)

    # --- Drawing and scrolling ---

    def render_line(self, y: int) -> Strip:
        line = self.scroll_offset.y + y
        place = bisect_right(self._tops, line) - 1
        if place >= len(self._pieces):
            return Strip.blank(self.size.width, self.rich_style)
        strips = self._strips(self._pieces[place])
        within = line - self._tops[place]
        strip = strips[within] if within < len(strips) else Strip([])
        return strip.crop_extend(0, self.size.width, self.rich_style).apply_style(self.rich_style)

    def on_resize(self, _: events.Resize) -> None:
        follows, self._height = self._follows, self.size.height
        if self._canvas.width != (self.scrollable_content_region.width or self.size.width):
            self._rearrange(to_end=follows)
        elif follows:
            self.to_end()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if self._height == self.size.height:
            self._follows = self.is_at_end
        self._ask()

    def to_end(self) -> None:
        self.scroll_to(y=max(self._tops[-1] - self.size.height, 0), animate=False, force=True)

    def _ask(self) -> None:
        """Ask for rows beyond the edge that is near."""
        if not self.rows or not self.is_attached:
            return
        if self.has_older and self.scroll_offset.y < NEAR:
            self._want(older=True)
        elif self.has_newer and self.scroll_offset.y + self.size.height > self._tops[-1] - NEAR:
            self._want(older=False)
        seen = self.seen()
        if seen:
            self.post_message(self.Seen(seen))

    def _want(self, *, older: bool) -> None:
        if self._asked is None:
            self._asked = older
            self.post_message(self.Wanted(older=older))

    # --- Choosing a message ---

    def action_choose(self, step: int) -> None:
        said = [row["seq"] for row in self.rows if row["kind"] in {"text", "file"}]
        if not said:
            return
        if self.chosen in said:
            self.chosen = said[max(0, min(said.index(self.chosen) + step, len(said) - 1))]
        else:
            self.chosen = said[-1]
        self._reveal(self.chosen)

    def unchoose(self) -> None:
        if self.chosen is not None:
            self.chosen = None
            self.refresh()

    def on_blur(self) -> None:
        self.unchoose()

    def action_copy(self) -> None:
        self._do("copy")

    def action_open(self) -> None:
        self._do("open")

    def action_get(self) -> None:
        self._do("get")

    def action_report(self) -> None:
        self._do("report")

    def _do(self, action: str) -> None:
        row = next((row for row in self.rows if row["seq"] == self.chosen), None)
        if row:
            self.post_message(self.Chosen(action, row))

    def _reveal(self, seq: int) -> None:
        place = next(n for n, piece in enumerate(self._pieces) if piece.row and piece.row["seq"] == seq)
        top, bottom = self._tops[place], self._tops[place + 1]
        if top < self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, force=True)
        elif bottom > self.scroll_offset.y + self.size.height:
            self.scroll_to(y=bottom - self.size.height, animate=False, force=True)
        self.refresh()


def _drawn(rows: list[Message]) -> list[Message]:
    return [row for row in rows if row["kind"] not in NOT_DRAWN]


def _same(piece: Piece, other: Piece) -> bool:
    return piece is other or bool(piece.row and other.row and piece.row["seq"] == other.row["seq"])


def _continues(before: Message | None, row: Message) -> bool:
    """Whether a row goes on from the one before: of the same person, a moment ago."""
    if before is None or before["kind"] not in {"text", "file"} or not before["author"] or not row["author"]:
        return False
    return before["author"]["id"] == row["author"]["id"] and _moment(row["at"]) - _moment(before["at"]) < CONTINUES


# All rows are put in their places again for each new one.
@lru_cache(2 * MOST_ROWS)
def _moment(at: str) -> datetime:
    return datetime.fromisoformat(at).astimezone()
