"""What stands in the transcript, one below the other: bubbles, what happened, days, the unread line, notices."""

from collections.abc import Callable, Iterable
from datetime import date
from io import StringIO
from typing import NamedTuple

from chatsite_client import Entry, Message, drawing, safe
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from rich.theme import Theme
from textual.strip import Strip

from chatsite_cli.screen import markdown
from chatsite_cli.screen.look import Look

# A bubble is no wider: longer lines are hard to read.
WIDEST = 84
SHARE = 0.8
ROUND, HEAVY = tuple("╭─╮│╰╯"), tuple("┏━┓┃┗┛")
NOTHING = Style()
NOT_DRAWN = "[message {} cannot be drawn here]"


class Canvas(NamedTuple):
    """What the drawing of a piece depends on."""

    width: int
    look: Look


class Piece:
    """A thing in the transcript, drawn once for each width."""

    def __init__(self, draw: Callable[[Canvas, bool], list[Strip]], row: Message | None = None) -> None:
        self._draw, self.row = draw, row
        self._drawn: tuple[Canvas, bool] | None = None
        self._strips: list[Strip] = []

    def strips(self, canvas: Canvas, *, is_chosen: bool = False) -> list[Strip]:
        if self._drawn != (canvas, is_chosen):
            self._drawn = (canvas, is_chosen)
            try:
                self._strips = self._draw(canvas, is_chosen)
            except Exception:  # whatever somebody finds for a library to trip over, it may not end the talk
                self._strips = _centred(canvas, NOT_DRAWN.format(self.row["seq"] if self.row else ""))
        return self._strips


def of_row(row: Message, *, is_mine: bool, continues: bool) -> Piece:
    """Return a row's piece; ``continues``: the row before is of the same person, a moment ago."""
    if row["kind"] not in {"text", "file"} and not row["redacted"]:
        return Piece(lambda canvas, chosen: _centred(canvas, f"{drawing.at(row):%H:%M} · {drawing.happened(row)}"), row)
    return Piece(lambda canvas, chosen: _message(row, canvas, is_mine, continues, chosen), row)


def of_entry(entry: Entry) -> Piece:
    """Return words that are on their way, or that the site does not take."""

    def draw(canvas: Canvas, _: bool) -> list[Strip]:
        state = "sending…"
        if entry.refusal or entry.is_stale:
            state = f"not sent: {entry.refusal or 'it is old'} /retry or /discard"
        words = entry.body or "[a file]"
        note = Text(safe.line(state), style=Style(color=canvas.look.unread if entry.refusal else canvas.look.dim))
        return _bubble([Text(safe.text(words), style=Style(color=canvas.look.dim)), note], None, canvas, is_mine=True)

    return Piece(draw)


def of_day(day: date) -> Piece:
    # The names of days and months are the system's own.
    text = f"{day:%A}, {day.day} {day:%B %Y}"
    return Piece(lambda canvas, _: _rule(canvas, text, Style(color=canvas.look.dim)))


def of_unread(count: int) -> Piece:
    text = f"{count} new" if count else "New"
    return Piece(lambda canvas, _: _rule(canvas, f"▼ {text} ▼", Style(color=canvas.look.unread, bold=True)))


def of_notice(text: str) -> Piece:
    """Return a line for this person alone, such as the answer of a command."""

    def draw(canvas: Canvas, _: bool) -> list[Strip]:
        style = Style(color=canvas.look.dim)
        return [Strip([Segment("  ", style), *line]) for line in _lines(Text(safe.text(text), style), canvas, 2)]

    return Piece(draw)


def of_beginning() -> Piece:
    return Piece(lambda canvas, _: _centred(canvas, "This is the beginning."))


# --- How ---


def _message(row: Message, canvas: Canvas, is_mine: bool, continues: bool, is_chosen: bool) -> list[Strip]:
    look = canvas.look
    inside: list[RenderableType] = []
    if row["redacted"]:
        inside.append(Text("[erased by a site admin]", style=Style(italic=True, color=look.dim)))
    elif row["body"]:
        inside.append(markdown.words(row["body"], look.code_theme))
    if row["attachment"] and not row["redacted"]:
        file = row["attachment"]
        inside.append(Text(f"▤ {safe.line(file['name'], 120)} · {drawing.size(file['size'])}", style=Style(bold=True)))
    title = Text.assemble((f"{drawing.at(row):%H:%M}", Style(color=look.dim)))
    if not is_mine and not continues:
        author = row["author"]
        title = Text.assemble((drawing.person(author), look.name(author["id"] if author else "")), " · ", title)
    if row["pinned"]:
        title.append(" · pinned", Style(color=look.dim))
    if is_chosen:
        title.append(f" · {row['seq']}", Style(color=look.dim))
    return _bubble(inside, title, canvas, is_mine=is_mine, is_chosen=is_chosen)


def _bubble(
    inside: Iterable[RenderableType], title: Text | None, canvas: Canvas, *, is_mine: bool, is_chosen: bool = False
) -> list[Strip]:
    most = max(min(WIDEST, int(canvas.width * SHARE) if canvas.width > 50 else canvas.width - 2), 12)
    lines = [_trimmed(line) for part in inside for line in _lines(part, canvas, canvas.width - most + 4)]
    heading = title or Text()
    heading.truncate(most - 6, overflow="ellipsis")
    room = max(max(map(_length, lines), default=0), heading.cell_len + 2)
    a, flat, b, side, c, d = HEAVY if is_chosen else ROUND
    edge = Style(color=canvas.look.mine if is_mine else canvas.look.theirs, bold=is_chosen)
    left = [Segment(" " * max(canvas.width - room - 5, 0) if is_mine else " ", NOTHING)]
    top = [Segment(f"{a}{flat}", edge)]
    if heading:
        top += [Segment(" ", edge), *_plain_line(heading, canvas), Segment(" ", edge)]
    top.append(Segment(flat * (room + 3 - _length(top)) + b, edge))
    middle = [
        [Segment(f"{side} ", edge), *line, Segment(" " * (room - _length(line)) + f" {side}", edge)] for line in lines
    ]
    bottom = [Segment(c + flat * (room + 2) + d, edge)]
    return [Strip([*left, *line]) for line in (top, *middle, bottom)]


def _centred(canvas: Canvas, text: str) -> list[Strip]:
    style = Style(color=canvas.look.dim)
    lines = [_trimmed(line) for line in _lines(Text(text, style), canvas, 4)]
    return [Strip([Segment(" " * max((canvas.width - _length(line)) // 2, 0)), *line]) for line in lines]


def _rule(canvas: Canvas, text: str, style: Style) -> list[Strip]:
    text = safe.line(text)
    around = max(canvas.width - cell_len(text) - 4, 2)
    return [Strip([Segment(f" {'─' * (around // 2)} {text} {'─' * (around - around // 2)}", style)])]


CONSOLES: dict[Look, Console] = {}


def _console(look: Look) -> Console:
    """Return what draws Rich's things; nothing is ever written by it."""
    console = CONSOLES.get(look)
    if console is None:
        theme = Theme(
            {
                "markdown.code": look.code, "markdown.link": "underline", "markdown.link_url": f"{look.mine} underline",
                "markdown.block_quote": look.dim, "markdown.item.bullet": "bold", "markdown.item.number": "bold",
            }
        )  # fmt: skip
        console = CONSOLES[look] = Console(
            file=StringIO(), force_terminal=True, color_system="truecolor", legacy_windows=False, theme=theme,
            highlight=False, markup=False, emoji=False, _environ={},
        )  # fmt: skip
    return console


def _lines(thing: RenderableType, canvas: Canvas, margin: int) -> list[list[Segment]]:
    console = _console(canvas.look)
    options = console.options.update(width=max(canvas.width - margin, 4), height=None, highlight=False)
    return console.render_lines(thing, options, pad=False)


def _plain_line(text: Text, canvas: Canvas) -> list[Segment]:
    return [segment for segment in text.render(_console(canvas.look), end="") if segment.text]


def _length(line: list[Segment]) -> int:
    return sum(segment.cell_length for segment in line)


def _trimmed(line: list[Segment]) -> list[Segment]:
    """Return a line without the blanks that Rich fills it up with."""
    kept = [Segment(part.text, _see_through(part.style)) for part in line if part.text and not part.control]
    while kept and not kept[-1].text.strip():
        kept.pop()
    if kept:
        kept[-1] = Segment(kept[-1].text.rstrip(), kept[-1].style)
    return kept


def _see_through(style: Style | None) -> Style:
    """Return a style without the background that Rich calls the default: here it is the screen's."""
    if style is None:
        return NOTHING
    return Style.chain(style.without_color, Style(color=style.color)) if style.bgcolor else style
