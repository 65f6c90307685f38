"""Somebody who also talks, and sends each message until it is acknowledged: the same words under the same client_id."""

import asyncio
import json
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

import websockets
from websockets.asyncio.client import ClientConnection

from tests.faults.posts import RETRY, Post
from tests.faults.readers import Event, Reader
from tests.scripts import Script

# Without an answer for so long, a post is sent once more.
ANSWER = 5.0
# Seconds between two frames: a socket that sends more than 200 a second is closed.
GAP = 0.01


class Writer(Reader):
    def __init__(
        self, person: Script, room: str, doors: Sequence[str], *, home: int = 0, rng: random.Random, every: float,
    ) -> None:  # fmt: skip
        super().__init__(person, room, doors, home=home, rng=rng)
        self.is_writing = True
        self.every = every
        # What each of their messages ends with.
        self.tail = ""
        self._due: asyncio.Queue[Post] = asyncio.Queue()
        self._known: dict[str, Post] = {}

    async def run(self) -> None:
        others = [asyncio.create_task(work()) for work in (self._write, self._send_due, self._send_again)]
        try:
            await super().run()
        finally:
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    def say(self, *, client_id: str = "") -> Post:
        client_id = client_id or UUID(int=self.rng.getrandbits(128)).hex
        body = f"{self.name} {len(self.posts)}{self.tail}"
        post = Post(self.room, self.name, client_id, body)
        self.posts.append(post)
        self._known[client_id] = post
        self._due.put_nowait(post)
        return post

    async def _write(self) -> None:
        while True:
            await asyncio.sleep(self.every * self.rng.uniform(0.5, 1.5))
            if self.is_writing:
                self.say()

    async def _send_due(self) -> None:
        while True:
            post = await self._due.get()
            # Without a line it waits for the next welcome.
            if post.is_waiting and self.socket is not None:
                post.tried(time.monotonic())
                with suppress(OSError, websockets.ConnectionClosed):
                    await self.socket.send(json.dumps({"type": "post", "client_id": post.client_id, "body": post.body}))
                await asyncio.sleep(GAP)

    async def _send_again(self) -> None:
        while True:
            await asyncio.sleep(ANSWER / 4)
            for post in self.waiting:
                if post.tried_at and time.monotonic() - post.tried_at > ANSWER:
                    self._due.put_nowait(post)

    def _take(self, line: ClientConnection, event: Event) -> None:
        super()._take(line, event)
        match event["type"]:
            case "welcome":
                while not self._due.empty():
                    self._due.get_nowait()
                for post in self.waiting:
                    self._due.put_nowait(post)
            case "posted":
                self._known[event["client_id"]].acked(time.monotonic(), event["seq"], event["id"])
            case "error" if event.get("client_id") in self._known:
                self._refused_by(self._known[event["client_id"]], event)
            case "error":
                self.breaches.append(f"was refused a frame: {event}")

    def _refused_by(self, post: Post, event: Event) -> None:
        if post.refused(event["code"]):
            # Each at a moment of its own: a burst that was too fast would be too fast again.
            wait = ((event.get("retry_ms") or 0) / 1_000 or RETRY) * self.rng.uniform(1, 3)
            asyncio.get_running_loop().call_later(wait, self._due.put_nowait, post)
