"""A live connection: a socket that comes back by itself or, where none opens, polling; rows in order, without a gap."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Self, cast

from chatsite_client.api import Api
from chatsite_client.entered import EnteredRoom, Rooms
from chatsite_client.errors import ChatsiteError
from chatsite_client.feed import Cursor
from chatsite_client.line import Line
from chatsite_client.news import Ended, News, Reset, Rows, Told
from chatsite_client.shapes import Message

# A missing row may arrive just after the one that showed the gap.
GAP_SECONDS = 0.7
GAP_RETRY_SECONDS = 3.0
# What a program has not taken yet; beyond it the line is not read.
MOST_WAITING = 256

Json = dict[str, Any]


class Live:
    """``async with Live(api) as live: live.enter(room); async for news in live: …``

    News come in order, and the line is read no faster than they are taken. ``websockets=False`` polls from the start.
    Words are sent by ``Sender``; this brings what others say, and one's own as everybody sees it.
    """

    def __init__(self, api: Api, *, websockets: bool = True) -> None:
        self._api = api
        self._rooms = Rooms()
        self._news: asyncio.Queue[News | None] = asyncio.Queue(MOST_WAITING)
        # Rows of one room come from the line and from filled gaps: one after the other.
        self._order = asyncio.Lock()
        self._line = Line(api, self._rooms, take=self._take, put=self._put, websockets=websockets)
        self._fills: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._runner: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._runner = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        tasks = [task for task in (self._runner, *self._fills.values(), *self._tasks) if task]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task

    def __aiter__(self) -> AsyncIterator[News]:
        return self

    async def __anext__(self) -> News:
        news = await self._news.get()
        if news is None:
            assert self._runner
            await self._runner  # a mistake of ours is told, not swallowed
            raise StopAsyncIteration
        return news

    # --- What a program says ---

    @property
    def rooms(self) -> list[str]:
        return list(self._rooms.entered)

    def cursor(self, room: str) -> Cursor | None:
        """Return where this connection goes on from: keep it, and come back with it another day."""
        entered = self._rooms.entered.get(room)
        return entered.feed.cursor if entered else None

    def enter(self, room: str, cursor: Cursor | None = None, *, whole: bool = False) -> None:
        """Hear what happens in a room, from the row after ``cursor``; without one, its newest page comes (Reset).

        Who missed more than 1,000 rows is given the newest page, too (Reset), or with ``whole`` all of them. Raises
        ValueError for more than 20 rooms.
        """
        self._soon(self._line.socket.enter(self._rooms.add(room, cursor, is_whole=whole)))

    def leave(self, room: str) -> None:
        """Hear no more of it."""
        self._rooms.drop(room)
        self._soon(self._line.socket.send("leave", room=room))

    def attend(self, room: str | None) -> None:
        """Be present in this room, one that was entered; None: in none. Whoever only reads attends none."""
        if room is not None and room not in self._rooms.entered:
            raise ValueError("Only a room that was entered can be attended.")
        if room == self._rooms.attended:
            return
        self._rooms.attend(room)
        self._soon(self._line.socket.tell_attended())

    def typing(self, room: str) -> None:
        """Tell the others that one types: once in 3 s at most. (Polling tells nobody.)"""
        self._soon(self._line.socket.send("typing", room=room))

    def read(self, room: str, seq: int) -> None:
        """Mark as read up to this row."""
        self._soon(self._mark_read(room, seq))

    def away(self, is_away: bool) -> None:
        self._rooms.is_away = is_away
        self._soon(self._line.socket.send("away", away=is_away))

    async def _mark_read(self, room: str, seq: int) -> None:
        if not await self._line.socket.send("read", room=room, seq=seq):
            with suppress(ChatsiteError):  # the next row that is read makes up for it
                await self._api.mark_read(room, seq)

    # --- What it brings ---

    async def _run(self) -> None:
        try:
            await self._line.run()
        except Exception:
            await self._news.put(None)
            raise
        await self._news.put(None)

    async def _take(self, event: Json) -> None:
        kind, where = event["type"], event.get("room")
        room = self._rooms.entered.get(where["id"] if isinstance(where, dict) else where or "")
        if kind == "welcome" and where is None:
            await self._line.welcomed()
        if kind == "moved":
            self._rooms.attend(None)
        if room is None:
            # What of a room that was left is still under way is dropped; of others one hears how much is unread.
            if where is None or kind in {"unread", "read", "moved"}:
                await self._put(Told(event))
            return
        match kind:
            case "message":
                await self._took(room, [_row(event)])
            case "reset":
                await self._reset(room, event)
            case "ended":
                await self._ended(room, event)
            case "head":
                room.feed.expect(event["seq"])
                self._fill_later(room)
            case "error" if event.get("code") == "too_fast" and not room.is_welcomed:
                self._soon(self._enter_again(room, event["retry_ms"] / 1000))
            case _:
                await self._put(Told(event))

    async def _took(self, room: EnteredRoom, rows: list[Message]) -> None:
        async with self._order:
            following = room.feed.apply(rows)
            if following:
                await self._put(Rows(room.id, following))
        self._fill_later(room)

    async def _reset(self, room: EnteredRoom, page: Json) -> None:
        if room.is_whole and room.feed.cursor:
            # Perhaps the log is the same, and only far ahead: who reads on from the last row finds out.
            room.feed.expect(max(page["head"], room.feed.cursor.seq + 1))
            self._fill_later(room)
        else:
            await self._start_anew(room, page)

    async def _start_anew(self, room: EnteredRoom, page: Json) -> None:
        async with self._order:
            rows = [_row(event) for event in page["messages"]]
            # The head may be a row that is not drawn, and so none of these.
            room.feed.reset(Cursor(page["head"], page.get("hash") or ""))
            await self._put(Reset(room.id, rows, bool(page["more"]), page.get("pins") or []))

    async def _ended(self, room: EnteredRoom, event: Json) -> None:
        if event["retry_ms"] is not None:
            self._soon(self._enter_again(room, event["retry_ms"] / 1000))
            return
        self._rooms.drop(room.id)
        await self._put(Ended(room.id, event["code"], event["reason"], event["detail"]))

    async def _enter_again(self, room: EnteredRoom, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if self._rooms.entered.get(room.id) is room:
            await self._line.socket.enter(room)

    # --- Gaps ---

    def _fill_later(self, room: EnteredRoom) -> None:
        task = self._fills.get(room.id)
        if room.feed.is_behind and (task is None or task.done()):
            self._fills[room.id] = asyncio.create_task(self._fill(room))

    async def _fill(self, room: EnteredRoom) -> None:
        await asyncio.sleep(GAP_SECONDS)
        while room.feed.is_behind and self._rooms.entered.get(room.id) is room:
            cursor, age = room.feed.cursor, room.feed.age
            assert cursor
            try:
                page = await self._api.messages(room.id, after=cursor.seq, hash=cursor.hash or None)
            except ChatsiteError:
                # The site is away, or the room is closed: the line tells that. This asks again.
                await asyncio.sleep(GAP_RETRY_SECONDS)
                continue
            if age != room.feed.age:
                return
            if page.get("reset"):
                await self._start_anew(room, cast(Json, page))
                return
            async with self._order:
                following = room.feed.apply(page["messages"])
                if following:
                    await self._put(Rows(room.id, following))
            if not page["more"] and not following:
                await asyncio.sleep(GAP_RETRY_SECONDS)

    # --- How ---

    async def _put(self, news: News) -> None:
        await self._news.put(news)

    def _soon(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _row(event: Json) -> Message:
    """Return a row as the API has it, whichever way it came."""
    return cast(Message, {name: value for name, value in event.items() if name != "type"})
