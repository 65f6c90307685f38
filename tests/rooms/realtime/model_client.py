"""A client that keeps to docs/protocol.md, on a socket of the real application, for a test that is no coroutine."""

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Any

from channels.testing import WebsocketCommunicator

from accounts.models import User
from chatsite.asgi import application
from rooms.realtime import protocol
from tests.faults.views import Event, RoomView
from tests.rooms.conftest import session_of

# Seconds until a test gives up on something that should have come.
PATIENCE = 20.0
# Below the head of any log by more rows than are resumed: who has nothing, and asks for the newest page.
NOTHING = -1_000_000


class Client:
    """One connection at a time. What it has of the rooms stays from one to the next; all is for the loop's thread."""

    def __init__(self, user: User, rooms: Iterable[str]) -> None:
        self.user = user
        self._token = session_of(user).encode()
        self.views = {room: RoomView(user.username, room) for room in rooms}
        for view in self.views.values():
            view.is_wanted = False
        # The head of the newest page, where one began with it.
        self.began: dict[str, int] = {}
        self.attending: str | None = None
        self.posted: dict[str, int] = {}
        self.errors: list[Event] = []
        self.line: WebsocketCommunicator | None = None
        self._greeted = False
        self._fences = 0

    @property
    def is_online(self) -> bool:
        return self.line is not None

    async def connect(self) -> None:
        """Open a connection, and enter again what one showed."""
        self._greeted = False
        headers = [(b"x-session-token", self._token)]
        self.line = WebsocketCommunicator(application, f"/ws/?v={protocol.VERSION}", headers=headers)
        await self.line.connect(timeout=PATIENCE)
        await self.until(lambda: self._greeted)
        for view in self.views.values():
            if view.is_wanted:
                await self.send(**view.enter())
        await self.fence()

    async def hang_up(self) -> None:
        line, self.line, self.attending = self.line, None, None
        if line is not None:
            await line.disconnect(timeout=PATIENCE)
        for view in self.views.values():
            view.lose_line()

    async def send(self, **frame: Any) -> None:
        assert self.line
        await self.line.send_to(text_data=json.dumps(frame))

    async def enter(self, room: str) -> None:
        view = self.views[room]
        view.ended = None
        frame = view.enter()
        await self.send(**{**frame, "after": None if view.head == NOTHING else frame["after"]})

    async def enter_afresh(self, room: str) -> None:
        """Forget what one has of a room, and begin with its newest page."""
        old, view = self.views[room], RoomView(self.user.username, room)
        # Answers to what was sent before are still to come.
        view.head, view.unanswered, view.breaches = NOTHING, old.unanswered, old.breaches
        self.views[room] = view
        await self.enter(room)

    async def leave(self, room: str) -> None:
        if self.attending == room:
            self.attending = None
        await self.send(**self.views[room].leave(1))

    async def attend(self, room: str | None) -> bool:
        """Return whether it was taken."""
        refused = len(self.errors)
        await self.send(type="attend", room=room)
        await self.fence()
        if len(self.errors) == refused:
            self.attending = room
        return len(self.errors) == refused

    async def post(self, room: str, words: dict[str, str]) -> None:
        """Post words by their client_id, all at once; wait until each is answered."""
        refused = len(self.errors)
        for client_id, body in words.items():
            await self.send(type="post", room=room, client_id=client_id, body=body)
        await self.until(lambda: len(self.posted.keys() & words) + len(self.errors) - refused == len(words))

    async def fence(self) -> None:
        """Wait until the frames that were sent have been handled, but for posts."""
        self._fences += 1
        name = f"fence {self._fences}"
        await self.send(type="no such type", client_id=name)
        await self.until(lambda: any(error.get("client_id") == name for error in self.errors))
        self.errors = [error for error in self.errors if error.get("client_id") != name]
        for view in self.views.values():
            view.hear_answer(2)

    async def until_ended(self, view: RoomView) -> None:
        await self.until(lambda: view.ended == protocol.Close.NOT_A_MEMBER)

    async def until(self, condition: Callable[[], bool]) -> None:
        line = self.line
        assert line
        async with asyncio.timeout(PATIENCE):
            while not condition():
                message = await line.output_queue.get()
                assert message["type"] == "websocket.send", message
                for event in json.loads(message["text"]):
                    self._hear(event)

    def _hear(self, event: Event) -> None:
        place = event.get("room")
        room = place["id"] if isinstance(place, dict) else place
        match event["type"]:
            case "welcome" if room is None:
                self._greeted = True
            case "moved" if room != self.attending:
                self.attending = None
            case "error":
                self.errors.append(event)
            case "posted":
                self.posted[event["client_id"]] = event["seq"]
            case kind if room in self.views:
                if kind == "reset":
                    self.began[room] = event["head"]
                self.views[room].take(event)
                if kind == "ended":
                    self.views[room].is_wanted = False
                    self.attending = self.attending if self.attending != room else None
