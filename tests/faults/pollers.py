"""Somebody whose network passes no WebSockets: their page asks once a second, and posts by HTTP, one by one."""

import asyncio
import json
import random
import time
import urllib.error
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from tests.faults.posts import RETRY, Post
from tests.faults.readers import Reader
from tests.scripts import Script

POLL_EVERY = 1.0
# A page whose last answer is no older than this is connected, as far as one can say.
FRESH = 3.0
# Statuses that end the polling, as the close codes do.
ENDINGS = {401, 403, 404, 409, 410}


class Poller(Reader):
    polls = True

    def __init__(
        self, person: Script, room: str, doors: Sequence[str], *, home: int = 0, rng: random.Random, every: float
    ) -> None:
        super().__init__(person, room, doors, home=home, rng=rng)
        self.every, self.is_writing = every, True
        self._page = f"page-{rng.getrandbits(32)}"
        self._presence: int | None = None
        self._answered_at = 0.0

    @property
    def is_live(self) -> bool:
        return time.monotonic() - self._answered_at < FRESH

    async def run(self) -> None:
        talking = asyncio.create_task(self._talk())
        try:
            while self.ended is None:
                with suppress(OSError, asyncio.IncompleteReadError):
                    await self._poll()
                await asyncio.sleep(POLL_EVERY)
        finally:
            talking.cancel()
            await asyncio.gather(talking, return_exceptions=True)

    def say(self) -> Post:
        client_id = UUID(int=self.rng.getrandbits(128)).hex
        post = Post(self.room, self.name, client_id, f"{self.name} {len(self.posts)}, by HTTP")
        self.posts.append(post)
        return post

    async def _poll(self) -> None:
        asked = {"after": self.head, "hash": self.hash, "here": self._page, "presence": self._presence}
        query = urlencode({name: value for name, value in asked.items() if value not in ("", None)})
        status, answer = await self._call("GET", f"/api/rooms/{self.room}/messages?{query}")
        if status in ENDINGS:
            self.ended = 4000 + status
        if status != 200:
            return
        if answer["reset"]:
            self.breaches.append(f"had to start anew at {answer['head']}, having {self.head} already")
        if not self.is_live:
            self.welcomed_at = time.monotonic()
        self._answered_at = time.monotonic()
        for message in answer["messages"]:
            self._row(message)
        if here := answer.get("presence"):
            self._presence = here["version"]
            self.present = {person["username"] for person in here["people"]}

    async def _talk(self) -> None:
        while True:
            await asyncio.sleep(self.every * self.rng.uniform(0.5, 1.5))
            if self.is_writing:
                self.say()
            for post in self.waiting:
                while post.is_waiting:
                    with suppress(OSError, asyncio.IncompleteReadError):
                        await self._post(post)
                    await asyncio.sleep(RETRY if post.is_waiting else 0)

    async def _post(self, post: Post) -> None:
        post.tried(time.monotonic())
        words = {"client_id": post.client_id, "body": post.body}
        status, answer = await self._call("POST", f"/api/rooms/{self.room}/messages", words)
        if status in (200, 201):
            post.acked(time.monotonic(), answer["seq"], answer["id"])
        else:
            post.refused(answer["code"])

    async def _call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Return status and answer; where the line fails, the next call goes to another process, as nginx would."""
        try:
            return 200, await asyncio.to_thread(self.person.at(self._doors[self.door]).call, method, path, body)
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())
        except OSError:
            self._door += 1
            raise
