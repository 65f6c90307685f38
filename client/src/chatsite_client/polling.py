"""A site where sockets do not pass: one request a second, whose answers become the events of a socket."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from chatsite_client.api import Api
from chatsite_client.entered import Rooms

POLL_SECONDS = 1.0

Json = dict[str, Any]


class Poller:
    """``take(event)`` is awaited for each event, in order."""

    def __init__(self, api: Api, rooms: Rooms, take: Callable[[Json], Awaitable[None]]) -> None:
        self._api, self._rooms, self._take = api, rooms, take
        self._is_read_only = False

    async def run(self, *, seconds: float, on_answer: Callable[[], Awaitable[None]]) -> None:
        """Poll for so long; raises what ``Api.poll`` does. ``on_answer`` is awaited after each answer."""
        self._rooms.forget_connection()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            began, more = time.monotonic(), False
            if self._rooms.entered:
                more = await self._poll()
            await on_answer()
            if not more:
                await asyncio.sleep(max(POLL_SECONDS - (time.monotonic() - began), POLL_SECONDS / 4))

    async def _poll(self) -> bool:
        """Whether there is more to ask for at once."""
        here = self._rooms.here
        answer = await self._api.poll(self._question())
        if here and here == self._rooms.here:
            self._rooms.since = answer["since"]
        for news in answer["rooms"]:
            await self._tell(news)
        if answer["moved"]:
            await self._take({"type": "moved", "room": answer["moved"]})
        if answer["read_only"] != self._is_read_only:
            self._is_read_only = answer["read_only"]
            await self._take({"type": "read_only", "on": self._is_read_only})
        return bool(answer["more"])

    def _question(self) -> Json:
        rooms = []
        for room in self._rooms:
            cursor = room.feed.cursor
            known = {"after": cursor.seq, "hash": cursor.hash or None} if cursor else {}
            rooms.append({"room": room.id, "presence": room.presence, **known})
        question: Json = {"rooms": rooms, "away": self._rooms.is_away}
        if self._rooms.attended in self._rooms.entered:
            question |= {"attend": self._rooms.attended, "here": self._rooms.here, "since": self._rooms.since}
        return question

    async def _tell(self, news: Json) -> None:
        room = news["room"]
        entered = self._rooms.entered.get(room)
        if entered is None:
            return  # it was left meanwhile
        if news["ended"]:
            await self._take({"type": "ended", "room": room, **news["ended"]})
            return
        if news["reset"]:
            await self._take({**news, "type": "reset"})
        for row in [] if news["reset"] else news["messages"]:
            await self._take({"type": "message", **row})
        if not news["reset"] and not news["more"]:
            await self._take({"type": "head", "room": room, "seq": news["head"]})
        if news["presence"]:
            entered.presence = news["presence"]["version"]
            await self._take({"type": "present", "room": room, **news["presence"]})
