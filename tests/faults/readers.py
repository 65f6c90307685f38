"""Somebody who follows rooms as docs/protocol.md says, through every reconnect, and keeps all that they were sent."""

import asyncio
import json
import random
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlencode

import websockets
from websockets.asyncio.client import ClientConnection

from tests.faults.posts import Post
from tests.faults.views import Event, RoomView
from tests.scripts import Script

# As long as the page waits (static/js/connection/socket.js), in seconds.
SILENCE = 45.0
OPENING = 10.0
# After a failure one waits for up to so long, twice as long each time up to a bound (static/js/lib/backoff.js).
PAUSE = 0.5
MAX_PAUSE = 15.0
ACK_EVERY_ROWS = 100
ACK_EVERY = 2.0
# The type of a frame whose refusal says that all before it have been handled.
FENCE = "fence"


class Reader:
    """One connection that shows some rooms, the first of which is its own, and attends one of them or none."""

    # Whether they ask for what is new, instead of being sent it.
    polls = False

    def __init__(
        self, person: Script, rooms: Sequence[str], doors: Sequence[str], *, home: int = 0, rng: random.Random,
    ) -> None:  # fmt: skip
        self.person, self.room = person, rooms[0]
        self.rng = rng
        self.views = {room: RoomView(person.username, room) for room in rooms}
        self.attending: str | None = rooms[0]
        self._doors, self._door = doors, home
        # Cleared, they read no more, and the line stays.
        self.may_read = asyncio.Event()
        self.may_read.set()
        self.breaches: list[str] = []
        # What they said, and whether they go on talking: some only read.
        self.posts: list[Post] = []
        self.is_writing = False
        self.closes: list[int] = []
        # How often a connection of theirs began to hold.
        self.welcomes = 0
        # The close code after which one does not come back.
        self.ended: int | None = None
        self.socket: ClientConnection | None = None
        # The frames of this connection, and which of them entered a room and wait for their answer.
        self._sent = 0
        self._entering: deque[tuple[str, int]] = deque()

    @property
    def name(self) -> str:
        return self.person.username

    @property
    def waiting(self) -> list[Post]:
        return [post for post in self.posts if post.is_waiting]

    @property
    def door(self) -> int:
        """The number of the process that they are at, or will try next."""
        return self._door % len(self._doors)

    @property
    def open_views(self) -> list[RoomView]:
        return [view for view in self.views.values() if view.is_open]

    @property
    def is_live(self) -> bool:
        return self.socket is not None and all(view.is_live for view in self.open_views)

    async def run(self) -> None:
        failures = 0
        while self.ended is None:
            wait, welcomes = 0.0, self.welcomes
            try:
                wait = await self._visit()
            except (OSError, TimeoutError, websockets.WebSocketException):
                # As nginx would: this process takes nobody just now, another one may.
                self._door += 1
            finally:
                self.socket = None
                for view in self.views.values():
                    view.lose_line()
            failures = failures + 1 if self.welcomes == welcomes else 0
            await asyncio.sleep(wait or min(PAUSE * 2**failures, MAX_PAUSE) * self.rng.random())

    def vanish(self) -> None:
        """Be cut off without a word."""
        if self.socket is not None:
            self.socket.transport.abort()

    # --- What they do -----------------------------------------------------------------------------------------------

    async def send(self, frame: Event) -> None:
        """Send a frame, if there is a line. Frames are handled in the order of these calls."""
        if self.socket is not None:
            self._sent += 1
            with suppress(OSError, websockets.ConnectionClosed):
                await self.socket.send(json.dumps(frame))

    async def enter(self, room: str) -> None:
        if self.socket is not None:
            frame = self.views[room].enter()
            self._entering.append((room, self._sent + 1))
            await self.send(frame)

    async def leave(self, room: str) -> None:
        if self.socket is not None:
            frame = self.views[room].leave(self._sent + 1)
            if self.attending == room:
                self.attending = None
            await self.send(frame)
            # There is no frame of this type, which is said in its turn: by then the room has been left.
            await self.send({"type": FENCE, "client_id": f"{FENCE} {self._sent + 1}"})

    async def attend(self, room: str | None) -> None:
        """Be present in this room, or as soon as it has been entered."""
        self.attending = room
        if room is None or self.views[room].is_live:
            await self.send({"type": "attend", "room": room})

    # --- The line ---------------------------------------------------------------------------------------------------

    @property
    def _url(self) -> str:
        """The address enters the room that is their own, which saves a way there and back."""
        site = self._doors[self.door].replace("http", "ws", 1)
        view = self.views[self.room]
        query: dict[str, object] = {"v": 2}
        if view.is_open:
            view.enter()
            self._entering.append((self.room, 0))
            query |= {"enter": self.room, "attend": int(self.attending == self.room), **view.resume_point()}
        return f"{site}/ws/?{urlencode(query)}"

    async def _visit(self) -> float:
        """Stay as long as the line holds; return how long to wait before the next visit."""
        self._sent = 0
        self._entering.clear()
        connecting = websockets.connect(
            self._url,
            additional_headers={"X-Session-Token": self.person.token},
            open_timeout=OPENING, close_timeout=1, ping_interval=None, max_size=None, compression=None, proxy=None,
        )  # fmt: skip
        async with connecting as line:
            bye: Event = {}
            try:
                while True:
                    await self.may_read.wait()
                    async with asyncio.timeout(SILENCE if self.socket else OPENING):
                        frame = await line.recv()
                    for event in json.loads(frame):
                        await self._hear(line, event)
                        bye = event if event["type"] == "bye" else bye
                    await self._acknowledge()
            except websockets.ConnectionClosed:
                return self._closed(line.close_code or 1006, bye)

    def _closed(self, code: int, bye: Event) -> float:
        self.closes.append(code)
        if bye and bye["retry_ms"] is None:
            self.ended = code
        if code in (1006, 4412):
            self._door += 1
        return float(bye.get("retry_ms") or 0) / 1_000

    async def _hear(self, line: ClientConnection, event: Event) -> None:
        shown = event.get("room")
        room = shown["id"] if isinstance(shown, dict) else shown
        match event["type"]:
            case "welcome" if room is None:
                self.welcomes += 1
                self.socket = line
                for other in self.open_views:
                    if not other.unanswered:
                        await self.enter(other.room)
            case "moved" if room != self.attending:
                self.attending = None
            case "error":
                await self._refused(event)
            case kind if room in self.views:
                view = self.views[room]
                # Everything is answered in order, so what came before an `enter` has been handled with it.
                if kind in ("welcome", "ended") and self._entering and self._entering[0][0] == room:
                    self._answered()
                view.take(event)
                if view.ended and self.attending == room:
                    self.attending = None
                if kind == "welcome" and view.is_live and room == self.attending:
                    await self.attend(room)

    def _answered(self, number: int = 0) -> None:
        """Note that a frame was answered: of this number, or the one that entered a room first."""
        number = number or self._entering.popleft()[1]
        for view in self.views.values():
            view.hear_answer(number)

    async def _refused(self, event: Event) -> None:
        view = self.views.get(event.get("room", ""))
        if event["code"] == "unknown_type" and event.get("client_id", "").startswith(FENCE):
            self._answered(int(event["client_id"].removeprefix(FENCE)))
        elif view and event["code"] == "too_fast":
            self._answered()
            view.unanswered -= 1
            if view.is_wanted:
                wait = event["retry_ms"] / 1_000 * self.rng.uniform(1, 3)
                asyncio.get_running_loop().call_later(wait, lambda: asyncio.ensure_future(self.enter(view.room)))
        # What was said of a room before one knew that it is over.
        elif not (view and event["code"] == "not_entered" and view.ended):
            self.breaches.append(f"was refused a frame: {event}")

    async def _acknowledge(self) -> None:
        now = time.monotonic()
        for view in self.views.values():
            behind = view.head - view.acked
            if view.is_live and (behind >= ACK_EVERY_ROWS or (behind > 0 and now - view.acked_at > ACK_EVERY)):
                view.acked, view.acked_at = view.head, now
                await self.send({"type": "ack", "room": view.room, "seq": view.head})
