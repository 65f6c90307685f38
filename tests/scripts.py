"""Somebody at a terminal: signs up through allauth's headless app client, then speaks JSON and the WebSocket."""

import asyncio
import json
import socket
import urllib.error
import urllib.request
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import uuid4

import websockets

PASSWORD = "correct horse battery"
# Seconds until a test gives up on something that should have come.
PATIENCE = 60.0


class Script:
    """A person without a browser, on the site at ``url``; ``at`` is the same person on another process.

    ``address`` is where they sign up from, if the site has been told of a proxy: few may from one.
    """

    def __init__(self, url: str, username: str, token: str = "", address: str = "") -> None:
        self.url = url
        self.username = username
        self.headers = {"Content-Type": "application/json"}
        if address:
            self.headers["X-Forwarded-For"] = address
        if not token:
            body = {"username": username, "email": f"{username}@example.org", "password": PASSWORD}
            token = self.call("POST", "/_allauth/app/v1/auth/signup", body)["meta"]["session_token"]
        self.token = self.headers["X-Session-Token"] = token

    def at(self, url: str) -> Self:
        return type(self)(url, self.username, self.token)

    def call(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, self.headers, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return json.loads(response.read() or b"null")

    def status(self, method: str, path: str, body: object = None) -> int:
        """Return the status of a call that may be refused."""
        try:
            self.call(method, path, body)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        return 200

    def line(self, room: str, **query: object) -> "Line":
        """Return a socket that enters ``room`` and attends it; without a room it enters none."""
        return Line(self, room, query)


class Line:
    """A socket in a room, and every event that came over it: ``async with script.line(room, after=0) as line``."""

    def __init__(self, script: Script, room: str, query: dict[str, object]) -> None:
        self.room = room
        entry = {"enter": room, "attend": 1} if room else {}
        words = "&".join(f"{name}={value}" for name, value in {"v": 2, **entry, **query}.items())
        self._url = f"{script.url.replace('http', 'ws', 1)}/ws/?{words}"
        self._headers = {"X-Session-Token": script.token}
        self.events: list[dict[str, Any]] = []
        self.close_code: int | None = None
        self._news = asyncio.Event()
        # Bytes that the kernel keeps for us, for a test of a slow reader; 0: as it likes.
        self.receive_buffer = 0
        self._may_read = asyncio.Event()
        self._may_read.set()

    def pause(self) -> None:
        """Stop reading: what the server sends stays on its side once the buffers between are full."""
        self._may_read.clear()

    def resume(self) -> None:
        self._may_read.set()

    async def __aenter__(self) -> Self:
        self._socket = await websockets.connect(
            self._url, additional_headers=self._headers, max_size=None, sock=self._own_socket()
        )
        self._reader = asyncio.create_task(self._read())
        return self

    def _own_socket(self) -> socket.socket | None:
        if not self.receive_buffer:
            return None
        address = urlsplit(self._url)
        own = socket.socket()
        # Before the connection is made, when the sizes are agreed.
        own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)
        own.connect((address.hostname, address.port))
        own.setblocking(False)
        return own

    async def __aexit__(self, *exc_info: object) -> None:
        await self._socket.close()
        await self._reader

    async def _read(self) -> None:
        try:
            async for frame in self._socket:
                await self._may_read.wait()
                self.events += json.loads(frame)
                self._news.set()
        except websockets.ConnectionClosed:
            pass
        self.close_code = self._socket.close_code
        self._news.set()

    async def send(self, kind: str, **fields: object) -> None:
        """Send a frame about the line's room, unless ``room`` names another."""
        place = {"room": self.room} if self.room else {}
        await self._socket.send(json.dumps({"type": kind, **place, **fields}))

    async def say(self, *bodies: str) -> None:
        for body in bodies:
            await self.send("post", client_id=uuid4().hex, body=body)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the events of this type: of the line's room, or of the connection; without a room, of all rooms."""
        return [event for event in self.events if event["type"] == kind and self._is_ours(event)]

    def _is_ours(self, event: dict[str, Any]) -> bool:
        if not self.room:
            return True
        room = event.get("room", self.room)
        return bool((room["id"] if isinstance(room, dict) else room) == self.room)

    def rows(self) -> list[dict[str, Any]]:
        return self.of("message")

    def words(self) -> list[str]:
        return [row["body"] for row in self.rows() if row["kind"] == "text"]

    async def until(self, condition: Any) -> None:
        """Wait until ``condition()`` holds."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def until_words(self, count: int) -> list[str]:
        await self.until(lambda: len(self.words()) >= count)
        return self.words()

    async def until_entered(self) -> dict[str, Any]:
        """Return the room's latest welcome."""
        await self.until(self._room_welcomes)
        return self._room_welcomes()[-1]

    def _room_welcomes(self) -> list[dict[str, Any]]:
        return [event for event in self.of("welcome") if "room" in event]

    async def until_ended(self) -> int:
        """Return the code with which one's being in the room ended; the socket itself stays open."""
        await self.until(lambda: self.of("ended") or self.close_code is not None)
        ended = self.of("ended")
        assert ended, f"The socket was closed with {self.close_code}."
        return int(ended[-1]["code"])

    async def until_closed(self) -> int | None:
        await self.until(lambda: self.close_code is not None)
        return self.close_code
