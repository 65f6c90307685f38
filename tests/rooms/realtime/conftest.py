"""Sockets to test with: the whole ASGI application, and a reader that collects events."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator

from accounts.models import User
from chatsite.asgi import application
from rooms.models import Room
from rooms.realtime import lifecycle, protocol
from tests.rooms.conftest import session_of

Event = dict[str, Any]

# In place of a room: a connection that enters none.
LOBBY = object()
# Seconds until a test gives up on something that should have come.
PATIENCE = 10.0


class Line:
    """One client's socket, and all the events that it has received; of one with a room, but for its greeting.

    What it sends is about that room, unless it names another one.
    """

    def __init__(self, communicator: WebsocketCommunicator, room: str | None = None) -> None:
        self.communicator = communicator
        self.room = room
        self.greeting: Event | None = None
        self.events: list[Event] = []
        self.frames: list[list[Event]] = []
        self.close_code: int | None = None
        self._read = 0

    async def send(self, event: object) -> None:
        if isinstance(event, dict) and self.room:
            event = {"room": self.room, **event}
        await self.communicator.send_to(text_data=event if isinstance(event, str) else json.dumps(event))

    async def post(self, client_id: str, body: str) -> None:
        await self.send({"type": "post", "client_id": client_id, "body": body})

    async def next(self, kind: str) -> Event:
        """Wait for the next event of this type, passing over others."""
        while True:
            while self._read < len(self.events):
                event = self.events[self._read]
                self._read += 1
                if event["type"] == kind:
                    return event
            await self.take()

    async def take(self) -> None:
        message = await self.communicator.receive_output(timeout=PATIENCE)
        if message["type"] == "websocket.close":
            self.close_code = message["code"]
            return
        frame = json.loads(message["text"])
        if self.room and self.greeting is None and frame[0]["type"] == "welcome":
            self.greeting = frame[0]
            return
        self.frames.append(frame)
        self.events += frame

    async def closed(self) -> int:
        while self.close_code is None:
            await self.take()
        return self.close_code

    async def nothing(self) -> bool:
        return await self.communicator.receive_nothing(timeout=0.3)

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.events if event["type"] == kind]

    async def hang_up(self) -> None:
        await self.communicator.disconnect()


Connect = Callable[..., Awaitable[Line]]


@pytest.fixture
async def connect(transactional_db: None) -> AsyncIterator[Connect]:
    """Open a socket as somebody who attends a room: ``await connect(room, user, after=3, hash="…")``."""
    lines: list[Line] = []

    async def connect(
        room: Room | object,
        user: User | None,
        *,
        headers: list[tuple[bytes, bytes]] | None = None,
        application: Any = application,
        **query: object,
    ) -> Line:
        if headers is None:
            token = await sync_to_async(session_of)(user) if user else "nobody"
            headers = [(b"x-session-token", token.encode())]
        room_id = room.pk if isinstance(room, Room) else room
        place = {} if room is LOBBY else {"enter": room_id, "attend": 1}
        path = f"/ws/?{urlencode({'v': protocol.VERSION, **place, **query})}"
        line = Line(WebsocketCommunicator(application, path, headers=headers), None if room is LOBBY else str(room_id))
        accepted, code = await line.communicator.connect(timeout=PATIENCE)
        if not accepted:
            line.close_code = code
        lines.append(line)
        return line

    yield connect
    await asyncio.gather(*(line.hang_up() for line in lines), return_exceptions=True)
    await lifecycle.stop()


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing runs by itself and no signal arrives; in each run all lists have their turn."""
    monkeypatch.setattr("rooms.realtime.unread.room_lists.LISTS_EVERY", 1)
    monkeypatch.setattr("rooms.realtime.hub.RECONCILE_EVERY", 1_000.0)
    monkeypatch.setattr("rooms.realtime.hub.UNREAD_EVERY", 1_000.0)
    monkeypatch.setattr("rooms.realtime.hub.VISITS_EVERY", 1_000.0)
    monkeypatch.setattr(lifecycle, "hubs", list)
