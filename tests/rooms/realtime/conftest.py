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
from rooms.realtime import lifecycle
from tests.rooms.conftest import session_of

Event = dict[str, Any]

# In place of a room: the site outside of rooms.
LOBBY = object()
# Seconds until a test gives up on something that should have come.
PATIENCE = 10.0


class Line:
    """One client's socket, and all the events that it has received."""

    def __init__(self, communicator: WebsocketCommunicator) -> None:
        self.communicator = communicator
        self.events: list[Event] = []
        self.frames: list[list[Event]] = []
        self.close_code: int | None = None
        self._read = 0

    async def send(self, event: object) -> None:
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
    """Open a socket as somebody: ``await connect(room, user, after=3, hash="…")``."""
    lines: list[Line] = []

    async def connect(
        room: Room | object, user: User | None, *, headers: list[tuple[bytes, bytes]] | None = None, **query: object
    ) -> Line:
        if headers is None:
            token = await sync_to_async(session_of)(user) if user else "nobody"
            headers = [(b"x-session-token", token.encode())]
        room_id = room.pk if isinstance(room, Room) else room
        place = "" if room is LOBBY else f"rooms/{room_id}/"
        path = f"/ws/{place}?{urlencode({'v': 1, **query})}"
        line = Line(WebsocketCommunicator(application, path, headers=headers))
        accepted, code = await line.communicator.connect(timeout=PATIENCE)
        if not accepted:
            line.close_code = code
        lines.append(line)
        return line

    yield connect
    await asyncio.gather(*(line.hang_up() for line in lines), return_exceptions=True)
    await lifecycle.stop()
