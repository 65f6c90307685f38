"""Parts of the screen, without a site."""

import random
import re
from copy import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from chatsite_cli import notices
from chatsite_cli.screen import markdown, pieces
from chatsite_cli.screen.look import DARK, LIGHT, Look, is_light
from chatsite_cli.screen.matching import best, completions
from chatsite_cli.screen.pieces import Canvas
from chatsite_cli.screen.state import People, Rooms, typing_line
from chatsite_cli.screen.transcript import MOST_ROWS, Transcript
from chatsite_cli.settings import Settings
from chatsite_client import ChatsiteError, Message
from textual.app import App, ComposeResult

from tests.client.test_safe import HOSTILE, is_tame

ANN: Any = {"id": "1", "username": "ann", "display_name": "ann"}
MORNING = datetime(2026, 11, 20, 8, tzinfo=UTC)


def row(seq: int, body: str = "", **fields: Any) -> Message:
    at = (MORNING + timedelta(seconds=seq)).isoformat()
    made: Any = {
        "seq": seq, "talk": seq, "kind": "text", "body": body or f"words {seq}", "author": ANN, "subject": None,
        "at": at, "attachment": None, "redacted": False, "pinned": False, "target_seq": None, "client_id": None,
        "hash": "", "id": "", "room": "r", **fields,
    }  # fmt: skip
    return made


def drawn(body: str, width: int = 60, look: Look = DARK) -> list[str]:
    piece = pieces.of_row(row(1, body), is_mine=False, continues=False)
    return ["".join(segment.text for segment in strip) for strip in piece.strips(Canvas(width, look))]


# --- What people wrote ---


@pytest.mark.security
@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_no_bubble_holds_what_a_terminal_obeys(words: str) -> None:
    written = [words, f"**{words}**", f"`{words}`", f"```{words}\n{words}\n```", f"[{words}](https://a.b/{words})"]
    for text in written:
        assert all(is_tame(line) and "\n" not in line for line in drawn(text))


@pytest.mark.security
def test_characters_that_markdown_would_make_stay_as_they_were_typed() -> None:
    assert "&#27;[2J" in "".join(drawn("**a** &#27;[2J &#x9b;"))


def test_a_link_shows_where_it_leads() -> None:
    assert "the bank (https://evil.example/x)" in "".join(drawn("[the bank](https://evil.example/x)"))
    assert "".join(drawn("see https://a.example/b now")).count("https://a.example/b") == 1
    assert "[x](javascript:alert(1))" in "".join(drawn("[x](javascript:alert(1))"))
    assert markdown.links("[a](https://a.example) https://b.example [c](file:///etc/passwd) d@e.org") == [
        "https://a.example", "https://b.example", "mailto:d@e.org",
    ]  # fmt: skip


def test_words_are_drawn_as_the_pages_draw_them() -> None:
    assert [line.strip("│ ") for line in drawn("one\ntwo")[1:-1]] == ["one", "two"]
    # No heading, no table, no HTML, and nothing that is shown as nothing.
    for words in ("# loud", "<b>bold</b> *x*", "-", ">", "---"):
        assert any(sign in "".join(drawn(words)) for sign in (words, words.replace("*", "")))
    assert "!x (https://a.b/c.png)" in "".join(drawn("![x](https://a.b/c.png)"))


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_bubbles_are_as_wide_as_their_words_and_no_wider_than_the_screen(width: int) -> None:
    for words in (
        "hi",
        "x" * 500,
        "日本語" * 60,
        "👩‍👩‍👧 " * 40,
        "שלום " * 50,
        "```\n" + "y" * 300 + "\n```",
        "> " * 30 + "z",
    ):
        for look in (DARK, LIGHT):
            piece = pieces.of_row(row(1, words), is_mine=True, continues=False)
            lengths = {strip.cell_length for strip in piece.strips(Canvas(width, look))}
            assert len(lengths) == 1
            assert lengths.pop() <= width


# What Markdown, terminals and what measures text take for more than a letter.
SIGNS = [
    "*", "**", "_", "`", "```", "```python\n", "\n", "\n\n", "> ", "- ", "1. ", "99999. ", "[", "](", "](https://a.b/c)",
    ")", "<", "https://x.y/z", "a@b.cd", "~~", "\\", "&#27;", "\t", "    ", "日本", "👩‍👩‍👧", "\u0301" * 9, "\x1b[2J",
    "\u202e", "\x9b", "word", "x" * 90, " ", "#", "|", "|-|", "!", "\u200d", "\ufe0f", "\r", "\x85",
    "\U0001f3f4\U000e0067\U000e007f",
]  # fmt: skip


@pytest.mark.security
def test_whatever_is_written_is_drawn_tame_and_within_its_width() -> None:
    chance = random.Random(5)
    for _ in range(400):
        words, width = "".join(chance.choices(SIGNS, k=chance.randint(1, 60))), chance.choice([20, 33, 60, 120])
        piece = pieces.of_row(row(1, words), is_mine=True, continues=False)
        strips = piece.strips(Canvas(width, DARK))
        assert all(is_tame(strip.text) and "cannot be drawn" not in strip.text for strip in strips), repr(words)
        assert len({strip.cell_length for strip in strips}) == 1, repr(words)
        assert strips[0].cell_length <= width, repr(words)


@pytest.mark.security
def test_joiners_and_marks_without_anything_to_join_are_drawn() -> None:
    for words in (
        "\u200d\u200d👩",
        "\u200d",
        "\ufe0f",
        "\u0301",
        "a \u200d b",
        "*\u200d*",
        "`\u200d`",
        "```\n\u200d\n```",
    ):
        for width in (5, 12, 60):
            assert "cannot be drawn" not in "".join(drawn(words, width))


@pytest.mark.security
def test_what_cannot_be_drawn_does_not_end_the_talk(monkeypatch: pytest.MonkeyPatch) -> None:
    def trip(text: str, code_theme: str) -> None:
        raise IndexError

    monkeypatch.setattr(markdown, "words", trip)
    assert "[message 1 cannot be drawn here]" in "".join(drawn("x"))


@pytest.mark.security
def test_no_message_takes_long_to_draw() -> None:
    for words in ("*a " * 3000, "[" * 10_000, "> " * 5000, "`" * 10_000, "_a*" * 3000, "![](" * 2500, "<a@" * 3000):
        began = perf_counter()
        drawn(words)
        assert perf_counter() - began < 5, words[:4]


# --- The window ---


class Alone(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.transcript = Transcript("me")
        self.wanted: list[bool] = []
        self.seen = 0

    def compose(self) -> ComposeResult:
        yield self.transcript

    def on_transcript_wanted(self, event: Transcript.Wanted) -> None:
        self.wanted.append(event.older)

    def on_transcript_seen(self, event: Transcript.Seen) -> None:
        self.seen = event.seq


def words_on_screen(shown: Transcript) -> list[str]:
    return re.findall(r"words \d+", "\n".join(shown.render_line(y).text for y in range(20)))


async def test_a_transcript_of_any_length_is_a_window() -> None:
    app = Alone()
    async with app.run_test(size=(60, 20)) as pilot:
        shown = app.transcript
        shown.replace([row(seq) for seq in range(1401, 1501)], more=True)
        await pilot.pause()
        assert (app.seen, shown.is_at_end, app.wanted) == (1500, True, [])
        # Up to the beginning, page by page.
        while shown.has_older:
            shown.scroll_to(y=0, animate=False, force=True)
            await pilot.pause()
            assert app.wanted.pop() is True
            first = shown.rows[0]["seq"]
            below = words_on_screen(shown)
            shown.extend([row(seq) for seq in range(first - 100, first)], older=True, more=first > 101)
            await pilot.pause()
            # What one looked at is still there.
            assert words_on_screen(shown) == below
            assert len(shown.rows) <= MOST_ROWS
        assert shown.rows[0]["seq"] == 1
        assert shown.has_newer
        # New words do not move who reads old ones, and are not kept.
        shown.append([row(1501)])
        assert shown.rows[-1]["seq"] == MOST_ROWS
        # And down again.
        while shown.has_newer:
            shown.scroll_to(y=shown.max_scroll_y, animate=False, force=True)
            await pilot.pause()
            assert app.wanted.pop() is False
            last = shown.rows[-1]["seq"]
            shown.extend(
                [row(seq) for seq in range(last + 1, min(last + 101, 1502))], older=False, more=last + 100 < 1501
            )
            await pilot.pause()
            assert len(shown.rows) <= MOST_ROWS
        assert shown.rows[-1]["seq"] == 1501


async def test_live_rows_do_not_pile_up_and_rows_about_rows_change_them() -> None:
    app = Alone()
    async with app.run_test(size=(60, 20)) as pilot:
        shown = app.transcript
        shown.replace([row(1)], more=False)
        for seq in range(2, 1000):
            shown.append([row(seq)])
        await pilot.pause()
        assert len(shown.rows) == MOST_ROWS
        assert shown.is_at_end
        shown.append([row(1000, kind="pinned", target_seq=998, talk=None), row(1001, kind="redacted", target_seq=999)])
        assert [(one["seq"], one["pinned"], one["redacted"]) for one in shown.rows[-3:]] == [
            (998, True, False), (999, False, True), (1001, False, False),
        ]  # fmt: skip
        assert shown.rows[-2]["body"] == ""


async def test_a_message_is_chosen_by_keys() -> None:
    app = Alone()
    async with app.run_test(size=(60, 20)) as pilot:
        app.transcript.replace([row(seq) for seq in range(1, 50)], more=False)
        app.transcript.focus()
        await pilot.press(*["up"] * 20)
        assert app.transcript.chosen == 30
        assert any("┏" in app.transcript.render_line(y).text for y in range(20))


# --- Finding and completing ---


def test_letters_in_any_order_find_a_room() -> None:
    names = [(name, name) for name in ("Lobby", "Library", "Release plans", "@bob")]
    assert best("lib", names) == ["Library"]
    assert best("lby", names) == ["Lobby", "Library"]
    assert best("plans", names) == ["Release plans"]
    assert best("yblo", names) == ["Lobby"]
    assert best("xq", names) == []
    assert len(best("", names)) == 4


def test_what_is_begun_is_completed() -> None:
    words = {"names": ["ann", "anton"], "rooms": ["Lobby", "Library"], "commands": ["join", "topic"]}
    assert completions("/jo", **words) == ["/join "]
    assert completions("hello @an", **words) == ["hello @ann ", "hello @anton "]
    assert completions("see #lib", **words) == ["see #Library "]
    assert completions("/join lo", **words) == ["/join Lobby "]
    assert completions("/msg an", **words) == ["/msg ann ", "/msg anton "]
    assert completions("yes :thumbs_u", **words)[0] == "yes 👍 "
    assert len(completions(":fa", **words)) > 10
    assert completions("plain words an", **words) == []
    assert completions("//jo", **words) == []


# --- What is known ---


def test_what_is_unread_is_counted_from_what_the_site_tells() -> None:
    rooms = Rooms()
    room: Any = {"id": "r", "talk_count": 10, "unread": 3, "mentions": 0}
    rooms.load([copy(room)])
    assert rooms.hear({"type": "unread", "room": "r", "talk_count": 12, "mentions": 1})
    assert rooms.all["r"]["unread"] == 5
    assert not rooms.hear({"type": "read", "room": "r", "read_talk": 11, "mentions": 0})
    assert rooms.all["r"]["unread"] == 1
    rooms.read_all("r", 12)
    # A list from a moment before.
    room |= {"talk_count": 12, "unread": 5}
    rooms.load([room])
    assert rooms.all["r"]["unread"] == 0
    assert not rooms.hear({"type": "unread", "room": "another", "talk_count": 1, "mentions": 0})


def test_people_come_go_and_type() -> None:
    people = People()
    ben: Any = {"id": "2", "username": "ben", "display_name": "Ben", "away": True}
    people.hear({"type": "present", "people": [{**ANN, "away": False}], "count": 1})
    people.hear({"type": "presence", "entered": [ben], "exited": [], "away": [], "back": [], "count": 2})
    assert (set(people.present), people.away, people.count) == ({"1", "2"}, {"2"}, 2)
    people.hear({"type": "presence", "entered": [], "exited": ["1"], "away": [], "back": ["2"], "count": 1})
    assert (set(people.present), people.away) == ({"2"}, set())
    people.types(ben)
    assert typing_line(people.typing) == "Ben (ben) is typing…"
    people.has_said("2")
    assert typing_line(people.typing) == ""


# --- How one likes it ---


def test_settings_are_kept_and_refused_by_a_sentence(tmp_path: Path) -> None:
    Settings(tmp_path).change("bell", "on")
    assert Settings(tmp_path).is_on("bell")
    for name, value in (("bell", "loud"), ("colour", "red")):
        with pytest.raises(ChatsiteError, match="/set"):
            Settings(tmp_path).change(name, value)
    (tmp_path / "settings.json").write_text("[")
    assert Settings(tmp_path)["theme"] == "auto"


def test_the_terminal_says_whether_it_is_light() -> None:
    assert not is_light("auto", "")
    assert not is_light("auto", "15;0")
    assert is_light("auto", "0;15")
    assert is_light("light", "15;0")
    assert not is_light("dark", "0;15")


@pytest.mark.security
def test_a_notification_is_one_sequence_whatever_a_room_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    told = notices.sequence("a\x1b\\\x1b]52;c;cm0=\x07\x9c b")
    assert told.startswith("\x1b]9;")
    assert told.endswith("\x1b\\")
    assert is_tame(told[4:-2])
    monkeypatch.setenv("TMUX", "/tmp/tmux")
    assert notices.sequence("x") == "\x1bPtmux;\x1b\x1b]9;x\x1b\x1b\\\x1b\\"
