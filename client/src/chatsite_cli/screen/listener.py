"""What comes from the site, and what the screen makes of it."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Protocol

from chatsite_client import (
    Api,
    ChatsiteError,
    Connected,
    Disconnected,
    Ended,
    Live,
    Message,
    News,
    Refused,
    Reset,
    Room,
    Rows,
    SignedOut,
    Told,
    drawing,
    safe,
)

from chatsite_cli.screen.state import People, Rooms as KnownRooms
from chatsite_cli.screen.transcript import Transcript

SIGNED_OUT = 4401
RETRY_SECONDS = 3.0
PAGE = 100
NO_ROOM = "* You are in no room. Ctrl+K jumps to one of yours, /public lists others, /create NAME opens one."


class View(Protocol):
    """What is shown of it."""

    room: Room | None

    @property
    def transcript(self) -> Transcript: ...

    async def enter(self, room: Room) -> None: ...

    def say(self, text: str) -> None: ...

    def came_back(self) -> None:
        """The site is there: what is unsent may go out."""

    def show_lists(self) -> None: ...

    def show_state(self) -> None:
        """Title, banner and who types."""

    def alert(self, words: str) -> None:
        """Something is new where one does not look."""

    def stop(self, error: Exception) -> None: ...

    def soon(self, work: Coroutine[Any, Any, None]) -> None: ...


class Listener:
    """Takes the news of a live connection."""

    def __init__(self, view: View, api: Api, live: Live, *, room: str | None, me: str) -> None:
        self._view, self._api, self._live = view, api, live
        self.me = me
        self.rooms, self.people = KnownRooms(), People()
        # What stands above the transcript; "": nothing does.
        self.trouble = "Connecting…"
        self.is_watched = True
        self._wanted = room
        self._has_begun = False
        self._seen: tuple[str, int] = ("", 0)

    async def run(self) -> None:
        async for news in self._live:
            self.hear(news)
        raise ChatsiteError("The site has ended the connection.")

    def hear(self, news: News) -> None:
        match news:
            case Rows(room=room, rows=rows) if self._is_here(room):
                self._took(rows)
                self._view.transcript.append(rows)
            case Reset(room=room, rows=rows, more=more) if self._is_here(room):
                self._took(rows, is_new=False)
                self._view.transcript.replace(rows, more=more)
            case Connected():
                self.trouble = ""
                self._view.soon(self._begin())
                self._view.came_back()
            case Disconnected(why=why):
                self.trouble = f"The site is away. What you write is kept, and goes out when it is back. {why}".rstrip()
            case Ended(room=None, code=code, detail=detail):
                detail = detail or "The site has ended the connection."
                is_out = code == SIGNED_OUT
                self._view.stop(SignedOut(detail, code="signed_out", status=401) if is_out else ChatsiteError(detail))
            case Ended(room=room, detail=detail) if room and self._is_here(room):
                self._view.room = None
                self._view.say(f"* {safe.line(detail)}")
                self._view.soon(self.load_rooms())
            case Told(event=event):
                self._hear_of(event)
        self._view.show_state()

    # --- Rooms ---

    async def _begin(self) -> None:
        """Find out where one is, the first time; and what happened meanwhile, after that."""
        await self.load_rooms()
        if self._has_begun:
            return
        self._has_begun = True
        wanted = self._wanted or (await self._api.me())["last_room"]
        with suppress(Refused):
            if wanted:
                await self._view.enter(await self._api.find_room(wanted))
        if self._view.room is None:
            self._view.say(NO_ROOM)

    async def load_rooms(self) -> None:
        self.rooms.load(await self._api.rooms())
        if self._view.room and self._view.room["id"] not in self.rooms.all:
            self.rooms.put(self._view.room)
        self._view.show_lists()
        self._view.show_state()

    # --- The transcript ---

    async def fetch(self, *, older: bool) -> None:
        """Bring the rows beyond one end of what is shown."""
        room, shown = self._view.room, self._view.transcript
        if room is None or not shown.rows:
            return
        try:
            if older:
                page = await self._api.messages(room["id"], before=shown.rows[0]["seq"], limit=PAGE)
            else:
                page = await self._api.messages(room["id"], after=shown.rows[-1]["seq"], limit=PAGE)
        except ChatsiteError:
            # The banner tells it; who goes on scrolling asks again.
            await asyncio.sleep(RETRY_SECONDS)
            shown.gave_up()
            return
        if self._is_here(room["id"]):
            shown.extend(page["messages"], older=older, more=page["more"])

    async def fetch_newest(self) -> None:
        room = self._view.room
        if room:
            page = await self._api.messages(room["id"], limit=PAGE)
            if self._is_here(room["id"]):
                self._view.transcript.replace(page["messages"], more=page["more"])

    def saw(self, seq: int) -> None:
        """One has seen the transcript so far, if one looks."""
        room = self._view.room
        if not self.is_watched or room is None or self.trouble:
            return
        last_room, last_seq = self._seen
        if room["id"] == last_room and seq <= last_seq:
            return
        self._seen = (room["id"], seq)
        self._live.read(room["id"], seq)
        rows = self._view.transcript.rows
        if rows and seq == rows[-1]["seq"]:
            self.rooms.read_all(room["id"], max((row["talk"] or 0 for row in rows[-20:]), default=0))
            self._view.show_lists()

    def _took(self, rows: list[Message], *, is_new: bool = True) -> None:
        for row in rows:
            author = row["author"]
            if author:
                self.people.has_said(author["id"])
            if row["kind"] in {"renamed", "topic_changed", "kind_changed"} and is_new:
                self._view.soon(self._load_room(row["room"]))
        new = [row for row in rows if row["talk"] and row["author"] and row["author"]["id"] != self.me]
        if new and is_new and not self.is_watched and self._view.room and not self._view.room["muted"]:
            self._view.alert(f"{drawing.person(new[-1]['author'])} in {drawing.room_name(self._view.room)}")

    async def _load_room(self, room: str) -> None:
        found = await self._api.room(room)
        if self._is_here(room):
            self._view.room = found

    # --- All else ---

    def _hear_of(self, event: dict[str, Any]) -> None:
        kind = event["type"]
        if kind == "welcome" and not event.get("room"):
            self.me = self._view.transcript.me = event["you"]["id"]
        elif kind == "welcome" and self._is_here(event["room"]["id"]):
            self.people.hear({"type": "present", **event["present"]})
            self._view.room = event["room"]
        elif (kind in {"present", "presence"} and self._is_here(event["room"])) or kind == "person":
            self.people.hear(event)
        elif kind == "typing" and self._is_here(event["room"]):
            self.people.types(event["user"])
        elif kind in {"unread", "read"}:
            self._unread(event)
        elif kind == "rooms":
            self._view.soon(self.load_rooms())
        elif kind == "moved":
            self._view.say("* You are present by another program now. What you write here still arrives.")
        elif kind == "read_only":
            self.trouble = "Nobody can write for now; your words are kept." if event["on"] else ""
        self._view.show_lists()

    def _unread(self, event: dict[str, Any]) -> None:
        room = self.rooms.all.get(event["room"])
        if room is None:
            self._view.soon(self.load_rooms())
        elif self.rooms.hear(event) and not room["muted"] and not self._is_here(room["id"]):
            self._view.alert(f"There is something new in {drawing.room_name(room)}.")

    def _is_here(self, room: str) -> bool:
        return self._view.room is not None and self._view.room["id"] == room
