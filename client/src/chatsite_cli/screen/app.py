"""The application: its parts, its keys, and what one does with them."""

import asyncio
import os
import webbrowser
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chatsite_client import Api, ChatsiteError, Live, Message, Outbox, Room, Sender, SignedOut, drawing, safe
from chatsite_client.outbox import Entry
from chatsite_client.sender import Outcome
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.filter import LineFilter, NoColor
from textual.widgets import OptionList, Static

from chatsite_cli.commands import Commands, Quit
from chatsite_cli.commands.base import Progress
from chatsite_cli.notices import has_desktop, in_tmux, on_desktop, sequence
from chatsite_cli.run import sentence_of
from chatsite_cli.screen import look, markdown
from chatsite_cli.screen.attention import Attention
from chatsite_cli.screen.composer import Composer
from chatsite_cli.screen.dialogs import Help, Jump
from chatsite_cli.screen.guard import Guard
from chatsite_cli.screen.listener import NO_ROOM, Listener
from chatsite_cli.screen.sidebars import PeopleList, RoomList, in_order
from chatsite_cli.screen.state import typing_line
from chatsite_cli.screen.transcript import Transcript
from chatsite_cli.settings import Settings

HINT = "F1 keys   Ctrl+K rooms   /help commands"
BAR = 20
# Seconds between looks at who has gone and who types no more.
TICK = 5.0


class ChatApp(App[Exception]):
    """Somebody's talk, on the whole terminal. It ends with an error where there is one to tell."""

    CSS_PATH = "screen.tcss"
    TITLE = "Chatsite"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    # As wide as it takes for each list beside the transcript.
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (72, "-normal"), (110, "-wide")]
    BINDINGS = [
        Binding("ctrl+q", "quit", "Quit", priority=True),
        Binding("f1", "help", "Keys"),
        Binding("ctrl+k", "jump", "Jump to a room", priority=True),
        Binding("alt+up", "next_room(-1)", "The room before", priority=True),
        Binding("alt+down", "next_room(1)", "The next room", priority=True),
        Binding("alt+a", "next_unread", "The next room with something new", priority=True),
        Binding("f2", "toggle_list('rooms')", "Rooms"),
        Binding("f3", "toggle_list('people')", "People"),
        Binding("escape", "write", "Write"),
        Binding("pageup", "scroll(-1)", "Scroll up", priority=True),
        Binding("pagedown", "scroll(1)", "Scroll down", priority=True),
        Binding("ctrl+home", "to_beginning", "Beginning", priority=True),
        Binding("ctrl+end", "to_end", "End", priority=True),
        Binding("ctrl+up", "choose", "Choose a message", priority=True),
    ]

    sender: Sender

    def __init__(self, api: Api, live: Live, box: Outbox, settings: Settings, *, room: str | None, me: str) -> None:
        super().__init__()
        self.api, self.live, self.box, self.settings = api, live, box, settings
        self.listener = Listener(self, api, live, room=room, me=me)
        self.rooms, self.people = self.listener.rooms, self.listener.people
        self._attention = Attention(live)
        self._commands = Commands(self)
        self._drafts: dict[str, str] = {}
        self._typing = ""
        self._room: Room | None = None
        self._working: set[asyncio.Task[None]] = set()
        self._filters_of_ours: list[LineFilter] = [Guard(), *([NoColor()] if self.no_color else [])]

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), *self._filters_of_ours]

    def compose(self) -> ComposeResult:
        hints = Static(HINT, id="hints", markup=False)
        with Horizontal(id="body"):
            yield RoomList()
            with Vertical(id="middle"):
                yield Static("", id="title", markup=False)
                yield Static("", id="banner", markup=False)
                yield Transcript(self.listener.me)
                yield Static("", id="progress", markup=False)
                yield hints
                yield Composer(self._words_to_complete, hints)
            yield PeopleList()

    def on_mount(self) -> None:
        for theme in look.THEMES:
            self.register_theme(theme)
        self._dress()
        self.composer.focus()
        self.show_state()
        self.soon(self._listen())
        self.set_interval(TICK, self._tick)

    async def on_unmount(self) -> None:
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)

    # --- Parts ---

    @property
    def transcript(self) -> Transcript:
        return self.screen_stack[0].query_one(Transcript)

    @property
    def composer(self) -> Composer:
        return self.screen_stack[0].query_one(Composer)

    def static(self, name: str) -> Static:
        return self.screen_stack[0].query_one(f"#{name}", Static)

    def _dress(self) -> None:
        light = look.is_light(self.settings["theme"], os.environ.get("COLORFGBG", ""))
        self.theme = "chatsite-light" if light else "chatsite-dark"
        self.transcript.set_look(look.LIGHT if light else look.DARK)

    def _words_to_complete(self) -> dict[str, list[str]]:
        people = {person["username"] for person in self.people.present.values()}
        people |= {row["author"]["username"] for row in self.transcript.rows if row["author"]}
        partners = {room["partner"]["username"] for room in self.rooms.all.values() if room["partner"]}
        rooms = [room["name"] for room in in_order(self.rooms.all.values()) if not room["partner"]]
        return {"names": sorted(people | partners), "rooms": rooms, "commands": list(Commands.table())}

    # --- What commands work on ---

    @property
    def room(self) -> Room | None:
        return self._room

    @room.setter
    def room(self, room: Room | None) -> None:
        self._room = room
        if room:
            self.rooms.put(room)
        self.show_state()
        self.show_lists()

    def say(self, text: str) -> None:
        self.transcript.notice(text)

    async def enter(self, room: Room) -> None:
        self._put_away()
        self.rooms.put(room)
        self._room = room
        self.people.clear()
        self.transcript.begin(talk_count=room["talk_count"], unread=room["unread"])
        self.composer.write(self._drafts.pop(room["id"], ""))
        self.live.enter(room["id"])
        self.live.attend(room["id"])
        self.changed()
        self.show_state()
        self.show_lists()

    def leave(self) -> None:
        self._put_away()
        if self._room:
            self.rooms.drop(self._room["id"])
        self._room = None
        self.people.clear()
        self.transcript.begin()
        self.show_state()
        self.show_lists()
        self.say(NO_ROOM)

    def _put_away(self) -> None:
        if self._room:
            self._drafts[self._room["id"]] = self.composer.text
            if self._room["id"] in self.live.rooms:
                self.live.leave(self._room["id"])

    def came_back(self) -> None:
        self.sender.nudge()

    def stop(self, error: Exception) -> None:
        self.exit(error)

    def alert(self, words: str) -> None:
        if self.settings.is_on("bell"):
            self.bell()
        if self.settings.is_on("notify"):
            if has_desktop():
                self.soon(on_desktop(words))
            elif self._driver:
                self._driver.write(sequence(words))

    def show_lists(self) -> None:
        here = self._room["id"] if self._room else None
        screen = self.screen_stack[0]
        screen.query_one(RoomList).show(self.rooms.all.values(), here, set(self.people.present))
        screen.query_one(PeopleList).show(self.people.present.values(), self.people.away, self.people.count)

    def show_state(self) -> None:
        banner = self.static("banner")
        banner.display = bool(self.listener.trouble)
        banner.update(safe.line(self.listener.trouble))
        self.static("title").update(self._title())
        typing = typing_line(self.people.typing)
        if typing != self._typing:
            self._typing = typing
            self.static("hints").update(typing or HINT)

    def _title(self) -> str:
        here = self._room["id"] if self._room else ""
        new = sum(room["unread"] for room in self.rooms.all.values() if room["id"] != here and not room["muted"])
        words = [f"{new} new elsewhere"] if new else []
        if self._room is None:
            return " · ".join(["Chatsite", *words])
        words = [drawing.room_name(self._room), f"{self.people.count} here", *words]
        return " · ".join([*words, safe.line(self._room["topic"], 250)] if self._room["topic"] else words)

    async def show_older(self) -> None:
        self.action_scroll(-1)

    def changed(self) -> None:
        self._dress()
        here = self._room["id"] if self._room else None
        self.transcript.show_entries([entry for entry in self.box.entries if entry.room == here])

    @contextmanager
    def progress(self, path: Path) -> Iterator[Progress]:
        bar = self.static("progress")
        name = safe.line(path.name, 30)

        def show(done: int, size: int) -> None:
            full = BAR * done // max(size, 1)
            bar.update(
                f"{name} {'█' * full}{'░' * (BAR - full)} {100 * done // max(size, 1)} % of {drawing.size(size)}"
            )

        bar.display = True
        try:
            yield show
        finally:
            bar.display = False

    def heard_of(self, entry: Entry, outcome: Outcome) -> None:
        """Tell what became of words; those that were taken come by the transcript."""
        if not self.is_running:
            return
        if isinstance(outcome, ChatsiteError):
            self.notify(f"Not sent: {sentence_of(outcome)}", severity="warning", markup=False)
        self.changed()

    # --- What happens ---

    def soon(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside what is shown; what goes wrong is told."""
        task = asyncio.create_task(self._told(work))
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _told(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except SignedOut as error:
            self.exit(error)
        except (ChatsiteError, OSError) as error:
            self.say(f"* {sentence_of(error)}")
        except Exception as error:  # a mistake of ours ends the program, and is told
            self._handle_exception(error)

    async def _listen(self) -> None:
        try:
            await self.listener.run()
        except ChatsiteError as error:
            self.exit(error)

    def _tick(self) -> None:
        self._attention.tick()
        self.show_state()

    def on_app_focus(self) -> None:
        self.listener.is_watched = True
        self._attention.active(self._room["id"] if self._room else None)
        self.listener.saw(self.transcript.seen())

    def on_app_blur(self) -> None:
        self.listener.is_watched = False

    def on_key(self) -> None:
        self.listener.is_watched = True
        self._attention.active(self._room["id"] if self._room else None)

    def on_composer_typed(self) -> None:
        self.on_key()
        self._attention.typed(self._room["id"] if self._room else None)

    def on_composer_asked(self) -> None:
        self.action_help()

    def on_transcript_seen(self, event: Transcript.Seen) -> None:
        self.listener.saw(event.seq)

    def on_transcript_wanted(self, event: Transcript.Wanted) -> None:
        self.soon(self.listener.fetch(older=event.older))

    # --- What one does ---

    def on_composer_said(self, event: Composer.Said) -> None:
        text = event.text
        if text.startswith("/") and not text.startswith("//"):
            self.soon(self._run(text))
        elif self._room is None:
            self.composer.write(text)
            self.say("* You are in no room. Ctrl+K jumps to one of yours, /go ROOM enters one.")
        else:
            try:
                self.sender.send(self._room["id"], text.removeprefix("/") if text.startswith("//") else text)
            except OSError as error:
                self.composer.write(text)
                self.say(f"* {sentence_of(error)}")
            if self.transcript.has_newer:
                self.action_to_end()
            self.changed()
            self.transcript.to_end()

    async def _run(self, line: str) -> None:
        try:
            await self._commands.run(line)
        except Quit:
            self.exit()
        except ValueError as error:
            self.say(f"* {safe.line(str(error))}")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        if event.option_list.id == "rooms":
            self.go(event.option.id)

    def on_transcript_chosen(self, event: Transcript.Chosen) -> None:
        row = event.row
        match event.action:
            case "copy":
                self._copy(row)
            case "open":
                self._open(row)
            case "get" if row["attachment"]:
                self.composer.write(f"/get {safe.line(row['attachment']['id'])}")
                self.composer.focus()
            case "report":
                self.composer.write(f"/report {row['seq']} ")
                self.composer.focus()

    def _copy(self, row: Message) -> None:
        text = row["body"] or (row["attachment"] or {"name": ""})["name"]
        # What is copied may be pasted into a shell.
        self.copy_to_clipboard(safe.text(text))
        self.notify("Copied.", timeout=2)

    def copy_to_clipboard(self, text: str) -> None:
        super().copy_to_clipboard(text)
        if os.environ.get("TMUX") and self._driver:
            import base64

            self._driver.write(in_tmux(f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\a"))

    def _open(self, row: Message) -> None:
        links = markdown.links(row["body"])
        if links:
            self.say(f"* {links[0]}")
            self.soon(asyncio.to_thread(_open_in_browser, links[0]))

    # --- Keys ---

    def action_help(self) -> None:
        if not isinstance(self.screen, Help):
            self.push_screen(Help())

    def action_jump(self) -> None:
        if len(self.screen_stack) == 1:
            self.push_screen(Jump(list(self.rooms.all.values())), self.go)

    def action_next_room(self, step: int) -> None:
        rooms = [room["id"] for room in in_order(self.rooms.all.values())]
        if rooms:
            place = rooms.index(self._room["id"]) if self._room and self._room["id"] in rooms else -1
            self.go(rooms[(place + step) % len(rooms)])

    def action_next_unread(self) -> None:
        here = self._room["id"] if self._room else ""
        new = [room for room in in_order(self.rooms.all.values()) if room["unread"] and not room["muted"]]
        self.go(next((room["id"] for room in new if room["id"] != here), None))

    def action_toggle_list(self, name: str) -> None:
        screen = self.screen_stack[0]
        is_shown = screen.query_one(f"#{name}").display
        screen.set_class(not is_shown, f"-with-{name}")
        screen.set_class(is_shown, f"-without-{name}")
        if name == "rooms":
            (self.composer if is_shown else screen.query_one(RoomList)).focus()

    def action_write(self) -> None:
        self.composer.focus()

    def action_scroll(self, step: int) -> None:
        if isinstance(self.screen, Help):
            self.screen.scroll_by_page(step)
            return
        self.transcript.scroll_relative(y=step * max(self.transcript.size.height - 2, 1), animate=False, force=True)

    def action_to_beginning(self) -> None:
        self.transcript.scroll_to(y=0, animate=False, force=True)

    def action_to_end(self) -> None:
        if self.transcript.has_newer:
            self.soon(self.listener.fetch_newest())
        else:
            self.transcript.to_end()

    def action_choose(self) -> None:
        if len(self.screen_stack) > 1:
            return
        self.transcript.focus()
        self.transcript.action_choose(-1)

    def go(self, room: str | None) -> None:
        if room and room in self.rooms.all and (self._room is None or room != self._room["id"]):
            self.soon(self.enter(self.rooms.all[room]))
        if len(self.screen_stack) == 1:
            self.composer.focus()


def _open_in_browser(link: str) -> None:
    webbrowser.open(link)
