"""The library for programs without ``async``: the same operations, run by a loop in a thread of its own."""

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Generator
from typing import Any, Self, TypeVar

from chatsite_client.accounts import sign_in
from chatsite_client.api import Api
from chatsite_client.errors import ChatsiteError
from chatsite_client.feed import Cursor
from chatsite_client.live import Live
from chatsite_client.news import Ended, News, Reset, Rows
from chatsite_client.shapes import Message, Room
from chatsite_client.transport import PATIENCE

Result = TypeVar("Result")


class Loop:
    """``with Loop() as loop``: ``loop.run(coroutine)`` waits for it, ``loop.each(iterator)`` goes through one."""

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="chatsite", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.run(self._loop.shutdown_asyncgens())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Wait for an operation; an interrupt (Ctrl-C) cancels it."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise

    def each(self, items: AsyncIterator[Result]) -> Generator[Result, None, None]:
        """Go through an asynchronous iterator; whoever stops early has it closed."""

        async def next_one() -> Result:
            return await anext(items)

        try:
            while True:
                try:
                    yield self.run(next_one())
                except StopAsyncIteration:
                    return
        finally:
            close = getattr(items, "aclose", None)
            if close:
                self.run(close())


class Site:
    """``with Site("https://chat.example.org", token=…) as site``: a person on a site, for programs that wait.

    ``site.run(site.api.members(room))`` runs any operation of ``Api``; those below are the ones that most scripts need.
    """

    def __init__(self, site: str, *, token: str | None = None, patience: float = PATIENCE) -> None:
        self._loop = Loop()
        self.api = Api(site, token=token, patience=patience)

    def __enter__(self) -> Self:
        self._loop.__enter__()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.run(self.api.close())
        self._loop.__exit__(*exc_info)

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self._loop.run(work)

    def sign_in(self, name: str, password: str) -> str:
        """Sign in from now on; return the token."""
        self.api.token = self.run(sign_in(self.api, name, password)).token
        return self.api.token

    def room(self, name: str) -> Room:
        """Return the room of this name or id."""
        return self.run(self.api.find_room(name))

    def rooms(self) -> list[Room]:
        return self.run(self.api.rooms())

    def post(self, room: Room, body: str) -> Message:
        return self.run(self.api.post(room["id"], body))

    def history(self, room: Room, *, after: int = 0) -> Generator[Message, None, None]:
        """Yield every row up to the head of this moment."""
        return self._loop.each(self.api.history(room["id"], after=after))

    def follow(self, room: Room, *, after: int | None = None) -> Generator[Message, None, None]:
        """Yield every row from now on (or after ``after``), each once and in order, over lost lines; without end."""
        return self._loop.each(follow(self.api, room, after=after))


async def follow(api: Api, room: Room, *, after: int | None = None) -> AsyncIterator[Message]:
    """Yield every row from now on (or after ``after``), each once and in order, over lost lines; without end.

    A log that is another one (it was restored from a backup) begins anew with its newest page. Raises ChatsiteError
    when one is not let in any more.
    """
    start = Cursor(room["head"] if after is None else after)
    async with Live(api) as live:
        live.enter(room["id"], start, whole=True)
        async for news in live:
            for row in rows_of(news):
                yield row


def rows_of(news: News) -> list[Message]:
    """Return the rows that a piece of news brings. Raises ChatsiteError where it says that there are no more."""
    match news:
        case Rows(rows=rows) | Reset(rows=rows):
            return rows
        case Ended(detail=detail):
            raise ChatsiteError(detail)
    return []
