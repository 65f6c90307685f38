"""Sends what is in an outbox: one message of a room at a time, in order, until the site has it or does not want it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from chatsite_client.api import Api
from chatsite_client.backoff import Backoff
from chatsite_client.errors import ChatsiteError, NotASite, Refused, SignedOut, Unreachable
from chatsite_client.outbox import Entry, Outbox
from chatsite_client.shapes import Message

# What became of an entry: its row, or why the site refused it.
Outcome = Message | ChatsiteError


class Sender:
    """``async with Sender(api, outbox) as sender``: sends while it is open; what is unsent then stays in the outbox.

    ``on_outcome`` hears of each entry what became of it. What fails in passing (the site is away, read-only, or
    asks for patience) is tried again for as long as it takes; ``nudge`` says that now may be a good moment.
    """

    def __init__(
        self, api: Api, outbox: Outbox, on_outcome: Callable[[Entry, Outcome], None] = lambda entry, outcome: None
    ) -> None:
        self._api, self._outbox, self._on_outcome = api, outbox, on_outcome
        self._waiting: dict[str, list[Entry]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._answers: dict[str, asyncio.Future[Outcome]] = {}
        self._nudged = asyncio.Event()
        # Why the first entry in the way waits, or "".
        self.trouble = ""

    async def __aenter__(self) -> Self:
        for entry in self._outbox.entries:
            if not entry.refusal and not entry.is_stale:
                self._queue(entry)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        for task in self._tasks.values():
            task.cancel()
        for task in self._tasks.values():
            with suppress(asyncio.CancelledError):
                await task

    @property
    def unsent(self) -> int:
        return sum(map(len, self._waiting.values()))

    def send(self, room: str, body: str, *, attachment: str | None = None) -> Entry:
        """Put a message into the outbox, from where it is sent. Raises OSError where the disk does not take it."""
        entry = self._outbox.add(room, body, attachment=attachment)
        self._queue(entry)
        return entry

    def retry(self, entry: Entry) -> Entry:
        fresh = self._outbox.retry(entry)
        self._queue(fresh)
        return fresh

    def nudge(self) -> None:
        self._nudged.set()

    async def outcome(self, entry: Entry) -> Outcome:
        """Wait until the site has taken or refused the entry, however long that takes."""
        return await self._answers.setdefault(entry.client_id, asyncio.get_running_loop().create_future())

    async def drained(self) -> None:
        """Wait until nothing is on its way, however long that takes."""
        while busy := [task for task in self._tasks.values() if not task.done()]:
            await asyncio.wait(busy)

    def _queue(self, entry: Entry) -> None:
        self._waiting.setdefault(entry.room, []).append(entry)
        task = self._tasks.get(entry.room)
        if task is None or task.done():
            self._tasks[entry.room] = asyncio.create_task(self._pump(entry.room))

    async def _pump(self, room: str) -> None:
        waiting = self._waiting[room]
        while waiting:
            entry = waiting[0]
            outcome = await self._deliver(entry)
            waiting.pop(0)
            if isinstance(outcome, ChatsiteError):
                if not isinstance(outcome, SignedOut):  # the same words may go out when one is signed in again
                    self._outbox.refuse(entry, str(outcome))
            else:
                self._outbox.remove(entry)
            self._on_outcome(entry, outcome)
            future = self._answers.setdefault(entry.client_id, asyncio.get_running_loop().create_future())
            if not future.done():
                future.set_result(outcome)

    async def _deliver(self, entry: Entry) -> Outcome:
        backoff = Backoff()
        while True:
            try:
                row = await self._api.post(
                    entry.room, entry.body, client_id=entry.client_id, attachment=entry.attachment, retry=False
                )
            except (Unreachable, NotASite) as error:
                # A proxy without its site answers like something else.
                self.trouble, wait = str(error), backoff.next()
            except Refused as error:
                if not error.is_passing:
                    self.trouble = ""
                    return error
                self.trouble, wait = str(error), max(error.retry_after or 0, backoff.next())
            except ChatsiteError as error:
                return error
            else:
                self.trouble = ""
                return row
            self._nudged.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._nudged.wait()
