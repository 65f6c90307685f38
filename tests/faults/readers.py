"""Somebody who follows a room as docs/protocol.md says, through every reconnect, and keeps all that they were sent."""

import asyncio
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import websockets
from websockets.asyncio.client import ClientConnection

from tests.faults.posts import Post
from tests.scripts import Script

Event = dict[str, Any]

# As long as the page waits (static/js/connection/socket.js), in seconds.
SILENCE = 45.0
OPENING = 10.0
# After a failure one waits for up to so long, twice as long each time up to a bound (static/js/lib/backoff.js).
PAUSE = 0.5
MAX_PAUSE = 15.0
# A client further behind starts anew from the newest page.
MAX_RESUME_ROWS = 1_000
ACK_EVERY_ROWS = 100
ACK_EVERY = 2.0


@dataclass(frozen=True, slots=True)
class Row:
    """What of a row has to be the same for everybody."""

    seq: int
    id: str
    hash: str
    kind: str
    author: str | None
    subject: str | None
    client_id: str | None
    body: str

    @classmethod
    def of(cls, message: Event) -> Self:
        names = {key: message[key] and message[key]["username"] for key in ("author", "subject")}
        same = {key: message[key] for key in ("seq", "id", "hash", "kind", "client_id", "body")}
        return cls(**same, **names)


class Reader:
    """``seen`` is every row they were ever sent, ``breaches`` what no client of the protocol should have to see."""

    # Whether they ask for what is new, instead of being sent it.
    polls = False

    def __init__(self, person: Script, room: str, doors: Sequence[str], *, home: int = 0, rng: random.Random) -> None:
        self.person, self.room = person, room
        self.rng = rng
        self._doors, self._door = doors, home
        # Cleared, they read no more, and the line stays.
        self.may_read = asyncio.Event()
        self.may_read.set()
        self.head, self.hash = 0, ""
        self.seen: dict[int, Row] = {}
        self.arrived: dict[int, float] = {}
        self.present: set[str] = set()
        self.breaches: list[str] = []
        # What they said, and whether they go on talking: some only read.
        self.posts: list[Post] = []
        self.is_writing = False
        self.closes: list[int] = []
        self.welcomes = 0
        # When the present line began to hold.
        self.welcomed_at = 0.0
        # The close code after which one does not come back.
        self.ended: int | None = None
        self.socket: ClientConnection | None = None
        self._acked, self._acked_at = 0, 0.0

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
    def is_live(self) -> bool:
        return self.socket is not None

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
            failures = failures + 1 if self.welcomes == welcomes else 0
            await asyncio.sleep(wait or min(PAUSE * 2**failures, MAX_PAUSE) * self.rng.random())

    def vanish(self) -> None:
        """Be cut off without a word."""
        if self.socket is not None:
            self.socket.transport.abort()

    @property
    def _url(self) -> str:
        site = self._doors[self.door].replace("http", "ws", 1)
        return f"{site}/ws/rooms/{self.room}/?v=1&after={self.head}" + (f"&hash={self.hash}" if self.hash else "")

    async def _visit(self) -> float:
        """Stay as long as the line holds; return how long to wait before the next visit."""
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
                    async with asyncio.timeout(SILENCE if self.is_live else OPENING):
                        frame = await line.recv()
                    for event in json.loads(frame):
                        self._take(line, event)
                        bye = event if event["type"] == "bye" else bye
                    await self._acknowledge(line)
            except websockets.ConnectionClosed:
                return self._closed(line.close_code or 1006, bye)

    def _closed(self, code: int, bye: Event) -> float:
        self.closes.append(code)
        if bye and bye["retry_ms"] is None:
            self.ended = code
        if code in (1006, 4412):
            self._door += 1
        return float(bye.get("retry_ms") or 0) / 1_000

    def _take(self, line: ClientConnection, event: Event) -> None:
        match event["type"]:
            case "welcome":
                if event["resumed"] and event["head"] < self.head:
                    self.breaches.append(f"was welcomed at {event['head']}, having {self.head} already")
                if not event["resumed"] and event["head"] - self.head <= MAX_RESUME_ROWS:
                    self.breaches.append(f"had to start anew at {event['head']}, having {self.head} already")
                self.present = {person["username"] for person in event["present"]["people"]}
                self.welcomes += 1
                self.welcomed_at = time.monotonic()
                self.socket = line
            case "reset":
                self._reset(event["messages"])
            case "message":
                self._row(event)
            case "presence":
                self.present |= {person["username"] for person in event["entered"]}
                self.present -= {person["username"] for person in event["exited"]}
            case "head" if event["seq"] > self.head:
                self.breaches.append(f"was told of row {event['seq']}, and was not sent what follows {self.head}")

    def _reset(self, messages: list[Event]) -> None:
        self.head = messages[0]["seq"] - 1 if messages else 0
        for message in messages:
            self._row(message)

    def _row(self, message: Event) -> None:
        row = Row.of(message)
        if row.seq != self.head + 1:
            self.breaches.append(f"was sent row {row.seq} after row {self.head}")
        if self.seen.setdefault(row.seq, row) != row:
            self.breaches.append(f"was sent two rows {row.seq}: {self.seen[row.seq]} and {row}")
        self.arrived.setdefault(row.seq, time.monotonic())
        if row.seq > self.head:
            self.head, self.hash = row.seq, row.hash

    async def _acknowledge(self, line: ClientConnection) -> None:
        now = time.monotonic()
        if self.head - self._acked >= ACK_EVERY_ROWS or (self.head > self._acked and now - self._acked_at > ACK_EVERY):
            self._acked, self._acked_at = self.head, now
            await line.send(json.dumps({"type": "ack", "seq": self.head}))
