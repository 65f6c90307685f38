"""Plain mode: one room at a time, lines that are only ever appended, and a prompt."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chatsite_client import (
    Api,
    ChatsiteError,
    Connected,
    Disconnected,
    Ended,
    Entry,
    Live,
    Me,
    Message,
    News,
    Outbox,
    Reset,
    Room,
    Rows,
    Sender,
    Told,
    drawing,
    safe,
)
from chatsite_client.sender import Outcome

from chatsite_cli.commands import Commands, Quit
from chatsite_cli.commands.base import Progress
from chatsite_cli.notices import has_desktop, on_desktop
from chatsite_cli.prompt import Prompt
from chatsite_cli.run import Session, sentence_of
from chatsite_cli.settings import Settings

# Rows that are shown of a room that is entered.
SHOWN = 15
# Rows that `/older` shows at once.
PAGE = 20
NOT_DRAWN = {"pinned", "unpinned"}
# Seconds that a program whose input has ended gives its last words.
LAST_WORDS = 30.0


async def talk(session: Session, room: str | None) -> None:
    async with session.api() as api:
        me = await api.me()
        with Outbox(session.outbox()) as box:
            prompt = Prompt()
            async with Live(api) as live:
                plain = Plain(api, live, prompt, me, box, session.settings)
                async with Sender(api, box, plain.heard_of) as sender:
                    plain.sender = sender
                    with prompt.opened():
                        await plain.run(room or me["last_room"])


class Plain:
    """Somebody's talk, as lines."""

    sender: Sender

    def __init__(  # noqa: PLR0917 (the parts that one talks by)
        self, api: Api, live: Live, prompt: Prompt, me: Me, box: Outbox, settings: Settings
    ) -> None:
        self.api, self.live, self.prompt, self.me = api, live, prompt, me
        self.box, self.settings = box, settings
        self.room: Room | None = None
        # seq of the oldest row that was shown.
        self.oldest = 0
        self._unread: dict[str, str] = {}
        self._is_down = False
        self._commands = Commands(self)

    def say(self, text: str) -> None:
        self.prompt.say(text)

    async def run(self, room: str | None) -> None:
        self.say(f"You are {drawing.person(self.me)} on {self.api.site}. /help lists what you can do.")
        if room:
            try:
                await self.enter(await self.api.find_room(room))
            except ChatsiteError as error:
                self.say(f"* {sentence_of(error)}")
        if self.room is None:
            self.say("* You are in no room. /rooms lists yours, /go ROOM enters one, /create NAME opens one.")
        listening = asyncio.create_task(self._listen())
        try:
            await self._take_lines(listening)
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening

    async def enter(self, room: Room) -> None:
        """Show a room, and be present there instead of in the one before."""
        if self.room:
            self.live.leave(self.room["id"])
        self.room = room
        self._unread.pop(room["id"], None)
        topic = f" ({safe.line(room['topic'], 120)})" if room["topic"] else ""
        unread = f" {room['unread']} unread." if room["unread"] else ""
        self.say(f"* You are in {drawing.room_name(room)}{topic}.{unread}")
        self.live.enter(room["id"])
        self.live.attend(room["id"])

    def leave(self) -> None:
        if self.room:
            self.live.leave(self.room["id"])
        self.room = None

    async def show_older(self) -> None:
        assert self.room
        page = await self.api.messages(self.room["id"], before=self.oldest or None, limit=PAGE)
        for row in page["messages"]:
            self.say(f"{row['seq']}: {drawing.at(row):%Y-%m-%d} {drawing.message(row)}")
        if page["messages"]:
            self.oldest = page["messages"][0]["seq"]
        else:
            self.say("* This is the beginning.")

    def changed(self) -> None:
        """Lines that are there stay as they are."""

    @contextmanager
    def progress(self, path: Path) -> Iterator[Progress]:
        """Tell at each quarter: a line is no bar."""
        shown = -1

        def show(done: int, size: int) -> None:
            nonlocal shown
            quarter = 4 * done // max(size, 1)
            if quarter not in {shown, 0, 4}:
                self.say(f"* {safe.line(path.name, 60)}: {25 * quarter} %")
            shown = quarter

        yield show

    def show(self, rows: list[Message]) -> None:
        for row in rows:
            if row["kind"] not in NOT_DRAWN:
                self.say(drawing.message(row))

    def heard_of(self, entry: Entry, outcome: Outcome) -> None:
        """Tell what became of words: those that were taken are shown as everybody sees them."""
        if isinstance(outcome, ChatsiteError):
            self.say(f"* Not sent: {safe.line(entry.body, 60)}: {sentence_of(outcome)}")
        elif self.room is None or entry.room != self.room["id"]:
            self.say(f"* Sent: {safe.line(entry.body, 60)}")

    async def _take_lines(self, listening: asyncio.Task[None]) -> None:
        while True:
            typing = asyncio.create_task(self.prompt.lines.get())
            await asyncio.wait({typing, listening}, return_when=asyncio.FIRST_COMPLETED)
            if not typing.done():
                typing.cancel()
                await listening  # raises why the connection has ended
                return
            line = typing.result()
            if line is None:
                await self._finish()
                return
            try:
                await self._take(line)
            except Quit:
                if self.sender.unsent:
                    self.say(f"* Unsent: {self.sender.unsent}. They go out when you come back.")
                return
            except (ChatsiteError, OSError, ValueError) as error:
                self.say(f"* {sentence_of(error) if not isinstance(error, ValueError) else safe.line(str(error))}")

    async def _take(self, line: str) -> None:
        if line.startswith("/") and not line.startswith("//"):
            await self._commands.run(line)
        elif line.strip():
            if self.room is None:
                self.say("* You are in no room. Enter one by /go ROOM.")
                return
            self.sender.send(self.room["id"], line.removeprefix("/") if line.startswith("//") else line)
            if self._is_down:
                self.say("* The site is away. Your words are kept, and go out when it is back.")

    async def _finish(self) -> None:
        """The input has ended, as a script's does: its words still go out."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS):
                await self.sender.drained()

    # --- What comes ---

    async def _listen(self) -> None:
        async for news in self.live:
            self._hear(news)
        raise ChatsiteError("The site has ended the connection.")

    def _hear(self, news: News) -> None:
        match news:
            case Rows(room=room, rows=rows) if self._is_here(room):
                self._show_new(room, rows)
            case Reset(room=room, rows=rows) if self._is_here(room):
                shown = rows[-SHOWN:]
                self.oldest = shown[0]["seq"] if shown else 0
                self._show_new(room, shown)
            case Disconnected(why=why):
                self._went_down(why)
            case Connected():
                self._came_back()
            case Ended(room=None, detail=detail):
                raise ChatsiteError(detail or "The site has ended the connection.")
            case Ended(room=room, detail=detail) if room and self._is_here(room):
                self.room = None
                self.say(f"* {safe.line(detail)} /rooms lists where else you can go.")
            case Told(event=event):
                self._hear_of(event)

    def _show_new(self, room: str, rows: list[Message]) -> None:
        self.show(rows)
        if rows:
            self.live.read(room, rows[-1]["seq"])

    def _went_down(self, why: str) -> None:
        if not self._is_down:
            self.say(f"* The connection is lost. It comes back by itself. {safe.line(why)}".rstrip())
        self._is_down = True

    def _came_back(self) -> None:
        if self._is_down:
            self.say("* The connection is back.")
        self._is_down = False
        self.sender.nudge()

    def _hear_of(self, event: dict[str, object]) -> None:
        kind, room = event["type"], event.get("room")
        if kind == "moved":
            self.say("* You are present by another program now. What you write here still arrives.")
        elif kind == "read_only":
            self.say("* Nobody can write for now; your words are kept." if event["on"] else "* One can write again.")
        elif kind == "unread" and isinstance(room, str) and room not in self._unread and not self._is_here(room):
            self._unread[room] = room
            self._commands.soon(self._tell_unread(room))

    async def _tell_unread(self, room: str) -> None:
        with suppress(ChatsiteError):
            there = await self.api.room(room)
            if there["unread"] and not there["muted"]:
                name = drawing.room_name(there)
                self.say(f"* There is something new in {name}: /go {name}")
                if self.settings.is_on("bell"):
                    self.prompt.ring()
                if self.settings.is_on("notify") and has_desktop():
                    await on_desktop(f"There is something new in {name}.")

    def _is_here(self, room: str) -> bool:
        return self.room is not None and self.room["id"] == room
