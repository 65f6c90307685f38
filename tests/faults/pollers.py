"""Somebody whose network passes no WebSockets: their page asks once a second, and posts by HTTP, one by one."""

import asyncio
import json
import random
import time
import urllib.error
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from tests.faults.posts import RETRY, Post
from tests.faults.readers import Reader
from tests.faults.views import Event
from tests.scripts import Script

POLL_EVERY = 1.0
# A page whose last answer is no older than this is connected, as far as one can say.
FRESH = 3.0


class Poller(Reader):
    polls = True

    def __init__(
        self, person: Script, rooms: Sequence[str], doors: Sequence[str], *, home: int = 0, rng: random.Random,
        every: float,
    ) -> None:  # fmt: skip
        super().__init__(person, rooms, doors, home=home, rng=rng)
        self.every, self.is_writing = every, True
        # The name under which this page attends a room, and since when; the version of each list of who is here.
        self._here = self._new_name()
        self._since: float | None = None
        self._versions: dict[str, int] = {}
        self._answered_at = 0.0
        for view in self.views.values():
            view.is_prompt = False

    @property
    def is_live(self) -> bool:
        return time.monotonic() - self._answered_at < FRESH

    async def run(self) -> None:
        talking = asyncio.create_task(self._talk())
        try:
            while self.ended is None:
                more = False
                with suppress(OSError, asyncio.IncompleteReadError):
                    more = await self._poll()
                if not more:
                    await asyncio.sleep(POLL_EVERY)
        finally:
            talking.cancel()
            await asyncio.gather(talking, return_exceptions=True)

    def say(self) -> Post:
        client_id = UUID(int=self.rng.getrandbits(128)).hex
        post = Post(self.room, self.name, client_id, f"{self.name} {len(self.posts)}, by HTTP")
        self.posts.append(post)
        return post

    async def attend(self, room: str | None) -> None:
        self.attending, self._here, self._since = room, self._new_name(), None

    def _new_name(self) -> str:
        return f"page-{self.rng.getrandbits(32)}"

    def _asked(self) -> Event:
        rooms = [
            {"room": view.room, **view.resume_point(), "presence": self._versions.get(view.room)}
            for view in self.open_views
        ]
        if self.attending is None:
            return {"rooms": rooms}
        return {"rooms": rooms, "here": self._here, "attend": self.attending, "since": self._since}

    async def _poll(self) -> bool:
        """Return whether there is more."""
        asked = self._asked()
        status, answer = await self._call("POST", "/api/v1/poll", asked)
        if status == 401:
            self.ended = 4401
        if status != 200:
            return False
        self._answered_at = time.monotonic()
        for news in answer["rooms"]:
            self._take_news(news)
        # Unless one has begun to attend another room since.
        if asked.get("here") == self._here:
            self._since = answer["since"]
            if answer["moved"]:
                self.attending = None
        return bool(answer["more"])

    def _take_news(self, news: Event) -> None:
        view = self.views[news["room"]]
        if news["ended"]:
            view.ended = news["ended"]["code"]
            self.attending = self.attending if self.attending != view.room else None
            return
        if news["reset"]:
            view.breaches.append(f"had to start anew at {news['head']}, having {view.head} already")
            view.pins = {pin["seq"] for pin in news["pins"]}
            view.reset(news)
        else:
            for message in news["messages"]:
                view.row(message)
            if view.head < news["head"] and not news["more"]:
                view.breaches.append(f"was told of row {news['head']}, and was not sent what follows {view.head}")
        if present := news["presence"]:
            self._versions[view.room] = present["version"]
            view.present = {person["username"] for person in present["people"]}

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
        status, answer = await self._call("POST", f"/api/v1/rooms/{post.room}/messages", words)
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
