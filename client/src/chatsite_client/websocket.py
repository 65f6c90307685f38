"""One WebSocket, from its opening to its end: protocol version 2 (docs/protocol.md)."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from chatsite_client.api import Api
from chatsite_client.entered import EnteredRoom, Rooms
from chatsite_client.errors import BadCertificate, ChatsiteError, Unreachable
from chatsite_client.transport import USER_AGENT, error_of

VERSION = "2"
OPENING_SECONDS = 10.0
# The server sends `head` every 12 s: a line that is silent for longer than three of those is dead.
SILENCE_SECONDS = 45.0
# The site asks for an acknowledgement each 5 s or 200 messages at least.
ACK_SECONDS = 4.0
ACK_ROWS = 100
# The server's longest frames are pages of rows, of 4 MB.
MOST_BYTES = 16 * 1024 * 1024
SIGNED_OUT = 4401
# What may come of a room that one is not in, or not yet.
BEFORE_WELCOME = {"ended", "error", "unread", "read", "moved"}

Json = dict[str, Any]


class Closed(Exception):
    """The socket is closed. ``bye`` is what the server said before, if anything."""

    def __init__(self, code: int, bye: Json | None, error: ChatsiteError | None = None) -> None:
        super().__init__(f"closed with {code}")
        self.code, self.bye, self.error = code, bye, error

    @property
    def retry_seconds(self) -> float | None:
        """How long the server asks to wait; None: it asks not to come back."""
        if isinstance(self.error, BadCertificate):
            return None
        if self.bye is not None:
            retry: int | None = self.bye["retry_ms"]
            return None if retry is None else retry / 1000
        return None if self.code in {4401, 4403, 4404, 4410} else 0.0


class Socket:
    """``take(event)`` is awaited for each event, in order, and no more is read meanwhile.

    So a slow program slows the site down instead of filling memory, and what is acknowledged has been taken.
    """

    def __init__(self, api: Api, rooms: Rooms, take: Callable[[Json], Awaitable[None]]) -> None:
        self._api, self._rooms, self._take = api, rooms, take
        self._line: ClientConnection | None = None
        self._told_attended: str | None = None
        self._bye: Json | None = None
        self.is_welcomed = False

    async def run(self) -> None:
        """Open, and go on until it ends: always by raising Closed."""
        self._rooms.forget_connection()
        self._bye = None
        code = 1006
        error: ChatsiteError | None = None
        address = f"{self._api.site.replace('http', 'ws', 1)}/ws/?v={VERSION}"
        try:
            async with connect(
                address,
                additional_headers=self._api.credentials,
                user_agent_header=USER_AGENT,
                ssl=self._api.tls,
                compression=None,
                open_timeout=OPENING_SECONDS,
                close_timeout=2,
                # The server's own pings, and `head`, say enough.
                ping_interval=None,
                max_size=MOST_BYTES,
            ) as self._line:
                await self._read(self._line)
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 1006
        except TimeoutError:
            error = Unreachable(f"{self._api.site} does not answer in time. Try again later.")
        except OSError as problem:
            error = error_of(problem, self._api.site)
        except (WebSocketException, ValueError):
            error = Unreachable(f"WebSockets do not reach {self._api.site}.")
        finally:
            self._line = None
        raise Closed(code, self._bye, error)

    async def send(self, kind: str, **fields: object) -> bool:
        """Whether it could be sent: without a line it is not."""
        if self._line is None or not self.is_welcomed:
            return False
        try:
            await self._line.send(json.dumps({"type": kind, **fields}))
        except ConnectionClosed:
            return False
        return True

    async def enter(self, room: EnteredRoom) -> None:
        await self.send("enter", room=room.id, **room.place)

    async def tell_attended(self) -> None:
        """Only a room that was entered can be attended."""
        room = self._rooms.attended
        if room == self._told_attended or (room and not self._rooms.entered[room].is_welcomed):
            return
        if await self.send("attend", room=room):
            self._told_attended = room

    async def _read(self, line: ClientConnection) -> None:
        heard = acked = time.monotonic()
        while True:
            allowed = SILENCE_SECONDS if self.is_welcomed else OPENING_SECONDS
            waits_for_ack = any(room.unacknowledged for room in self._rooms)
            try:
                async with asyncio.timeout(ACK_SECONDS if waits_for_ack else allowed):
                    frame = await line.recv()
            except TimeoutError:
                if time.monotonic() - heard > allowed - 1:
                    raise
            else:
                for event in json.loads(frame):
                    await self._handle(event)
                heard = time.monotonic()
            if time.monotonic() - acked >= ACK_SECONDS or any(room.unacknowledged >= ACK_ROWS for room in self._rooms):
                acked = time.monotonic()
                await self._acknowledge()

    async def _handle(self, event: Json) -> None:
        kind, where = event["type"], event.get("room")
        if kind == "bye":
            self._bye = event
        if kind == "welcome" and where is None:
            await self._begin()
        entered = self._rooms.entered.get(where["id"] if isinstance(where, dict) else where or "")
        if entered and kind == "welcome":
            entered.is_welcomed = True
        if entered and not entered.is_welcomed and kind not in BEFORE_WELCOME:
            return  # from before the room was left
        await self._take(event)
        if entered:
            await self._took(entered, event)

    async def _took(self, entered: EnteredRoom, event: Json) -> None:
        kind = event["type"]
        if kind == "welcome":
            await self.tell_attended()
        elif kind == "message":
            entered.unacknowledged += 1
        elif kind == "reset":
            entered.unacknowledged += len(event["messages"])
        elif kind == "moved":
            self._told_attended = None

    async def _begin(self) -> None:
        """The site has let the connection in, and knows nothing else of it."""
        self.is_welcomed, self._told_attended = True, None
        if self._rooms.is_away:
            await self.send("away", away=True)
        for room in self._rooms:
            await self.enter(room)

    async def _acknowledge(self) -> None:
        for room in self._rooms:
            if room.unacknowledged and room.feed.cursor:
                room.unacknowledged = 0
                await self.send("ack", room=room.id, seq=room.feed.cursor.seq)
