"""The screen against a real site, by Textual's pilot."""

from collections.abc import Callable
from pathlib import Path

import pytest
from chatsite_cli.screen import look
from chatsite_cli.screen.dialogs import Help
from chatsite_client import Api
from textual.events import Paste

from tests import servers
from tests.client.people import Person
from tests.client.screens import Seat, screen
from tests.client.test_safe import HOSTILE, is_tame


async def shared_room(hers: Api, his: Api, name: str) -> str:
    room = (await hers.open_room(name))["id"]
    await his.join(room)
    return room


async def test_two_people_talk(ann: Person, ben: Person, tmp_path: Path) -> None:
    async with ann.api() as hers, ben.api() as his:
        room = await shared_room(hers, his, f"Den {ann.name}")
        await hers.post(room, "Where the unread begins")
        async with screen(ben, tmp_path, room, size=(120, 30)) as seat:
            await seat.sees("Where the unread begins")
            lines = seat.lines()
            # The room was opened, and then he joined, before that.
            assert [number for number, line in enumerate(lines) if "▼ 1 new ▼" in line] == [
                next(number for number, line in enumerate(lines) if f"╭─ {ann.name}" in line) - 1
            ]
            await seat.says("Mine, on the other side")
            await seat.until(lambda: seat.app.transcript.rows[-1]["body"] == "Mine, on the other side")
            left, right = place(seat, "Where the unread"), place(seat, "Mine, on the other")
            assert left < 40 < right
            # Who is here, on the right; what is seen is read.
            await seat.until(lambda: f"● {ben.name}" in seat.shown())
            await seat.until(lambda: not seat.app.rooms.all[room]["unread"])
            elsewhere = await hers.open_direct(ben.name)
            await hers.post(elsewhere["id"], "A word in private")
            await seat.sees("1 new elsewhere")
            await seat.pilot.press("alt+a")
            await seat.sees("A word in private")
            assert [row["body"] for row in (await hers.messages(room))["messages"]][-1] == "Mine, on the other side"


def place(seat: Seat, words: str) -> int:
    return next(line.index(words) for line in seat.lines() if words in line)


async def test_every_command_of_plain_mode_and_the_keys(ann: Person, tmp_path: Path) -> None:
    async with ann.api() as api:
        first, second = f"Attic {ann.name}", f"Barn {ann.name}"
        await api.open_room(second)
        await api.open_room(first)
        async with screen(ann, tmp_path, first) as seat:
            await seat.says("/topic Spiders")
            await seat.sees("· Spiders")
            await seat.says("/members")
            await seat.sees(f"* {ann.name}  [admin]")
            await seat.says("/nonsense")
            await seat.sees("There is no command /nonsense")
            await seat.says("/set theme light")
            await seat.until(lambda: seat.app.theme == "chatsite-light")
            assert seat.app.transcript.look is look.LIGHT
            # Completion of commands, rooms and names.
            await seat.pilot.press(*"/mem", "tab")
            assert seat.app.composer.text == "/members "
            seat.app.composer.write("/go bar")
            await seat.pilot.press("tab", "enter")
            await seat.until(lambda: seat.room["name"] == second)
            # What was said before; several lines.
            await seat.pilot.press("up")
            assert seat.app.composer.text.startswith("/go Barn")
            await seat.pilot.press("down", "a", "alt+enter", "b", "enter")
            await seat.until(lambda: seat.app.transcript.rows[-1]["body"] == "a\nb")
            seq = seat.app.transcript.rows[-1]["seq"]
            await seat.says(f"/pin {seq}")
            await seat.sees("· pinned")
            await seat.says("/pins")
            await seat.sees(f"* {seq}: ")
            await seat.pilot.press("ctrl+k", *"cita", "enter")
            await seat.until(lambda: seat.room["name"] == first)
            await seat.pilot.press("?")
            await seat.until(lambda: isinstance(seat.app.screen, Help))
            assert "begin another line" in seat.shown()
            await seat.pilot.press("pagedown", "pagedown", "pagedown", "pagedown")
            await seat.sees("/unpin")
            await seat.pilot.press("escape")
            await seat.says("/quit")
            await seat.until(lambda: not seat.app.is_running)


async def test_what_one_types_is_kept_for_each_room(ann: Person, tmp_path: Path) -> None:
    async with ann.api() as api:
        first, second = await api.open_room(f"One {ann.name}"), await api.open_room(f"Two {ann.name}")
        async with screen(ann, tmp_path, first["id"]) as seat:
            await seat.pilot.press(*"begun")
            await seat.pilot.press("alt+down")
            await seat.until(lambda: seat.room["id"] == second["id"] and seat.app.transcript.rows)
            assert seat.app.composer.text == ""
            await seat.pilot.press("alt+up")
            await seat.until(lambda: seat.app.composer.text == "begun")


async def test_files_go_with_a_bar_and_come_back(ann: Person, tmp_path: Path) -> None:
    sent, saved = tmp_path / "beds.txt", tmp_path / "saved.txt"
    sent.write_text("words " * 300_000)
    async with ann.api() as api:
        room = (await api.open_room(f"Files {ann.name}"))["id"]
        async with screen(ann, tmp_path, room) as seat:
            shown: list[str] = []
            bar = seat.app.static("progress")
            seat.app.set_interval(0.02, lambda: shown.append(str(bar.render())) if bar.display else None)
            await seat.says(f"/send {sent}")
            await seat.sees("▤ beds.txt · 1.8 MB")
            assert any("% of 1.8 MB" in line for line in shown)
            assert not bar.display
            await seat.pilot.press("ctrl+up", "g")
            assert seat.app.composer.text.startswith("/get ")
            await seat.pilot.press(*f" {saved}", "enter")
            await seat.sees("Saved:")
            assert saved.read_bytes() == sent.read_bytes()


async def test_a_message_is_copied_by_the_user_alone(ann: Person, tmp_path: Path) -> None:
    async with ann.api() as api:
        room = (await api.open_room(f"Copied {ann.name}"))["id"]
        await api.post(room, "a\x1b[2Jb")
        async with screen(ann, tmp_path, room) as seat:
            await seat.pilot.press("ctrl+up")
            assert seat.app.clipboard == ""
            await seat.pilot.press("c")
            assert seat.app.clipboard == "a␛[2Jb"


async def test_what_is_new_elsewhere_rings_where_one_asks_for_it(
    ann: Person, ben: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("TMUX", raising=False)
    async with ann.api() as hers, ben.api() as his:
        room = await shared_room(hers, his, f"Bell {ann.name}")
        talk = (await his.open_direct(ann.name))["id"]
        async with screen(ann, tmp_path, room) as seat:
            written: list[str] = []
            assert seat.app._driver
            monkeypatch.setattr(seat.app._driver, "write", written.append)
            monkeypatch.setattr(seat.app, "bell", lambda: written.append("\x07"))
            await his.post(talk, "Quietly")
            await seat.sees("1 new elsewhere")
            assert not written
            await seat.says("/set bell on")
            await seat.says("/set notify on")
            await his.post(talk, "Loudly")
            await seat.sees("2 new elsewhere")
            assert "\x07" in written
            # Who and where, and not what.
            assert [told for told in written if told.startswith("\x1b]9;")] == [
                f"\x1b]9;There is something new in @{ben.name}.\x1b\\"
            ]
            # In the room that is shown, where the terminal has not the focus.
            written.clear()
            seat.app.on_app_blur()
            await his.post(room, "Over here")
            await seat.sees("Over here")
            assert "\x07" in written
            assert (await hers.room(room))["unread"] == 1
            seat.app.on_app_focus()
            await seat.until(lambda: not seat.app.rooms.all[room]["unread"])


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 50)], ids="{0[0]}x{0[1]}".format)
async def test_the_screen_fits_from_60_by_20_up(ann: Person, tmp_path: Path, size: tuple[int, int]) -> None:
    async with ann.api() as api:
        room = (await api.open_room(f"Fits {ann.name}", topic="words " * 30))["id"]
        for number in range(30):
            await api.post(room, f"{number} " + "long words " * 20)
        async with screen(ann, tmp_path, room, size=size) as seat:
            await seat.sees("29 long words")
            assert all(len(line) <= size[0] for line in seat.lines())
            assert [seat.app.screen.query_one(name).display for name in ("#rooms", "#people")] == [
                size[0] >= 72, size[0] >= 110,
            ]  # fmt: skip
            for width in (60, 132):
                await seat.pilot.resize_terminal(width, 20)
                await seat.until(is_as_wide_as(seat, width))
                await seat.pilot.pause()
                assert seat.app.transcript.is_at_end
                assert "29 long words" in seat.shown()


@pytest.mark.security
async def test_hostile_text_never_reaches_the_screen_raw(ann: Person, tmp_path: Path) -> None:
    async with ann.api() as api:
        room = (await api.open_room(f"Wild {ann.name}", topic="a\u202eb"))["id"]
        for words in HOSTILE.values():
            for written in (words, f"`{words}`", f"**{words}**", f"```\n{words}\n```", f"[x](https://a.b/{words})"):
                try:
                    await api.post(room, written.replace("\ud800", "").replace("\x00", ""))
                except ValueError:
                    continue
        await api.post(room, "&#27;[2J **&#x9b;31m**")
        async with screen(ann, tmp_path, room, size=(100, 60)) as seat:
            await seat.sees("31m")
            await seat.says("/nosuch\x1b[2J")
            for _ in range(6):
                assert all(is_tame(line) for line in seat.lines())
                await seat.pilot.press("pageup")
                await seat.pilot.pause()
            # What is pasted, too.
            seat.app.composer.write("")
            await seat.app.composer._on_paste(Paste("a\x1b[201~\u202eb\r\nc"))
            assert seat.app.composer.text == "a␛[201~<U+202E>b\nc"
            # And no links but those that lead to a page.
            assert not [segment for strip in seat.strips() for segment in strip if segment.style and segment.style.link]


def is_as_wide_as(seat: Seat, width: int) -> Callable[[], bool]:
    return lambda: seat.app.size.width == width


async def test_no_colour_is_no_colour(ann: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with ann.api() as api:
        room = (await api.open_room(f"Grey {ann.name}"))["id"]
        await api.post(room, "```python\nimport this\n```")
        async with screen(ann, tmp_path, room) as seat:
            await seat.sees("import this")
            colours = {
                (segment.style.color, segment.style.bgcolor)
                for strip in seat.strips() for segment in strip if segment.style
            }  # fmt: skip
            assert all(color is None or color.is_default for pair in colours for color in pair)


async def test_words_outlive_a_site_that_is_away(site: servers.Site, tmp_path: Path) -> None:
    ann = Person.sign_up(site.url)
    async with ann.api() as api:
        room = (await api.open_room("Away"))["id"]
        async with screen(ann, tmp_path, room) as seat:
            site.kill()
            await seat.sees("The site is away")
            await seat.says("Kept on the disk")
            await seat.sees("sending…")
            await seat.pilot.press(*"half")
            site.start()
            await seat.until(lambda: seat.app.transcript.rows[-1]["body"] == "Kept on the disk")
            await seat.until(lambda: "sending…" not in seat.shown() and "The site is away" not in seat.shown())
            assert seat.app.composer.text == "half"
            assert not seat.app.box.entries
