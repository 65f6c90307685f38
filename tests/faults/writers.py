"""Somebody who also talks, and sends each message until it is acknowledged: the same words under the same client_id."""

import asyncio
import random
import time
from collections.abc import Sequence
from uuid import UUID

from websockets.asyncio.client import ClientConnection

from tests.faults.posts import RETRY, Post
from tests.faults.readers import Reader
from tests.faults.views import Event
from tests.scripts import Script

# Without an answer for so long, a post is sent once more.
ANSWER = 5.0
# Seconds between two frames: a socket that sends more than 200 a second is closed.
GAP = 0.01
# One in so many messages is for another room than the one that is attended.
ELSEWHERE = 8


class Writer(Reader):
    def __init__(
        self, person: Script, rooms: Sequence[str], doors: Sequence[str], *, home: int = 0, rng: random.Random,
        every: float,
    ) -> None:  # fmt: skip
        super().__init__(person, rooms, doors, home=home, rng=rng)
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

    def say(self, room: str = "", *, client_id: str = "") -> Post:
        client_id = client_id or UUID(int=self.rng.getrandbits(128)).hex
        body = f"{self.name} {len(self.posts)}{self.tail}"
        post = Post(room or self.room, self.name, client_id, body)
        self.posts.append(post)
        self._known[client_id] = post
        self._due.put_nowait(post)
        return post

    async def _write(self) -> None:
        while True:
            await asyncio.sleep(self.every * self.rng.uniform(0.5, 1.5))
            if self.is_writing:
                self.say(self.rng.choice(list(self.views)) if self.rng.randrange(ELSEWHERE) == 0 else self.room)

    async def _send_due(self) -> None:
        while True:
            post = await self._due.get()
            # Without a line it waits for the next welcome.
            if post.is_waiting and self.socket is not None:
                post.tried(time.monotonic())
                words = {"client_id": post.client_id, "body": post.body}
                await self.send({"type": "post", "room": post.room, **words})
                await asyncio.sleep(GAP)

    async def _send_again(self) -> None:
        while True:
            await asyncio.sleep(ANSWER / 4)
            for post in self.waiting:
                if post.tried_at and time.monotonic() - post.tried_at > ANSWER:
                    self._due.put_nowait(post)

    async def _hear(self, line: ClientConnection, event: Event) -> None:
        await super()._hear(line, event)
        match event["type"]:
            case "welcome" if "room" not in event:
                while not self._due.empty():
                    self._due.get_nowait()
                for post in self.waiting:
                    self._due.put_nowait(post)
            case "posted":
                self._known[event["client_id"]].acked(time.monotonic(), event["seq"], event["id"])

    async def _refused(self, event: Event) -> None:
        post = self._known.get(event.get("client_id", ""))
        if post is None:
            await super()._refused(event)
        elif post.refused(event["code"]):
            # Each at a moment of its own: a burst that was too fast would be too fast again.
            wait = ((event.get("retry_ms") or 0) / 1_000 or RETRY) * self.rng.uniform(1, 3)
            asyncio.get_running_loop().call_later(wait, self._due.put_nowait, post)
