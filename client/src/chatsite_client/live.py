"""A live connection: a socket that comes back by itself or, where none opens, polling; rows in order, without a gap."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Self, cast

from chatsite_client.api import Api
from chatsite_client.backoff import Backoff
from chatsite_client.entered import EnteredRoom, Rooms
from chatsite_client.errors import BadCertificate, ChatsiteError, Refused, SignedOut
from chatsite_client.feed import Cursor
from chatsite_client.news import Connected, Disconnected, Ended, News, Reset, Rows, Told
from chatsite_client.polling import Poller
from chatsite_client.shapes import Message
from chatsite_client.websocket import SIGNED_OUT, Closed, Socket

# Failures in a row before polling takes over: fewer where no socket has ever worked.
FAILURES_AT_FIRST = 2
FAILURES_LATER = 5
TRY_SOCKET_EVERY_SECONDS = 60.0
# A program that is refused a socket for longer than this polls meanwhile.
LONG_REFUSAL_SECONDS = 5.0
# A socket that held for this long was a good one: the next try comes at once.
STABLE_SECONDS = 3.0
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
        self._socket = Socket(api, self._rooms, self._take)
        self._websockets = websockets
        self._has_worked = False
        self._is_up = False
        self._why = ""
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
        self._soon(self._socket.enter(self._rooms.add(room, cursor, is_whole=whole)))

    def leave(self, room: str) -> None:
        """Hear no more of it."""
        self._rooms.drop(room)
        self._soon(self._socket.send("leave", room=room))

    def attend(self, room: str | None) -> None:
        """Be present in this room, one that was entered; None: in none. Whoever only reads attends none."""
        if room is not None and room not in self._rooms.entered:
            raise ValueError("Only a room that was entered can be attended.")
        if room == self._rooms.attended:
            return
        self._rooms.attend(room)
        self._soon(self._socket.tell_attended())

    def typing(self, room: str) -> None:
        """Tell the others that one types: once in 3 s at most. (Polling tells nobody.)"""
        self._soon(self._socket.send("typing", room=room))

    def read(self, room: str, seq: int) -> None:
        """Mark as read up to this row."""
        self._soon(self._mark_read(room, seq))

    def away(self, is_away: bool) -> None:
        self._rooms.is_away = is_away
        self._soon(self._socket.send("away", away=is_away))

    async def _mark_read(self, room: str, seq: int) -> None:
        if not await self._socket.send("read", room=room, seq=seq):
            with suppress(ChatsiteError):  # the next row that is read makes up for it
                await self._api.mark_read(room, seq)

    # --- The line ---

    async def _run(self) -> None:
        try:
            await self._connect()
        except Exception:
            await self._news.put(None)
            raise
        await self._news.put(None)

    async def _connect(self) -> None:
        failures, backoff, has_polled = 0, Backoff(), False
        while True:
            poll_for = float("inf")
            if self._websockets:
                began = time.monotonic()
                closed = await self._over_socket()
                was_welcomed, self._socket.is_welcomed = self._socket.is_welcomed, False
                # A socket that is only tried again while polling works is no lost connection.
                if was_welcomed or not has_polled or closed.retry_seconds is None:
                    await self._down(_sentence_of(closed))
                if closed.retry_seconds is None:
                    await self._end(closed)
                    return
                if was_welcomed and time.monotonic() - began > STABLE_SECONDS:
                    backoff.reset()
                failures = 0 if was_welcomed else failures + 1
                self._has_worked |= was_welcomed
                poll_for = self._poll_after(closed, failures)
                if not poll_for:
                    await asyncio.sleep(closed.retry_seconds + backoff.next())
            has_polled = poll_for > 0
            if has_polled and not await self._over_polling(poll_for):
                return
            has_polled &= self._is_up

    def _poll_after(self, closed: Closed, failures: int) -> float:
        """Return for how long to poll, after a socket that was closed so and so many failures; 0: try again instead."""
        if closed.bye and (closed.retry_seconds or 0) >= LONG_REFUSAL_SECONDS:
            self._why = str(closed.bye["detail"])
            return max(closed.retry_seconds or 0, TRY_SOCKET_EVERY_SECONDS)
        return (
            TRY_SOCKET_EVERY_SECONDS if failures >= (FAILURES_LATER if self._has_worked else FAILURES_AT_FIRST) else 0
        )

    async def _over_socket(self) -> Closed:
        try:
            await self._socket.run()
        except Closed as closed:
            return closed
        raise AssertionError("A socket ends by Closed.")

    async def _over_polling(self, seconds: float) -> bool:
        """Poll for so long, or until the site was away, which says nothing about sockets. False: it is the end."""
        poller, backoff = Poller(self._api, self._rooms, self._take), Backoff(most=6)
        while True:
            was_away = False
            try:
                await poller.run(seconds=seconds, on_answer=self._answered)
                return True
            except (SignedOut, BadCertificate) as error:
                await self._put(Ended(None, SIGNED_OUT, error.code, str(error)))
                return False
            except Refused as refused:
                if not refused.is_passing:
                    raise
                was_away = refused.status != 429
                wait = max(refused.retry_after or 0, backoff.next())
                why = str(refused)
            except ChatsiteError as error:
                was_away, wait, why = True, backoff.next(), str(error)
            if was_away:
                await self._down(why)
            await asyncio.sleep(wait)
            if was_away and self._websockets:
                return True

    async def _answered(self) -> None:
        if not self._is_up:
            self._is_up = True
            await self._put(Connected("polling", self._why))

    async def _down(self, why: str) -> None:
        if self._is_up or why:
            self._is_up = False
            await self._put(Disconnected(why))

    async def _end(self, closed: Closed) -> None:
        bye = closed.bye or {}
        await self._put(
            Ended(None, int(bye.get("code", closed.code)), str(bye.get("reason", "")), _sentence_of(closed))
        )

    # --- What it brings ---

    async def _take(self, event: Json) -> None:
        kind, where = event["type"], event.get("room")
        room = self._rooms.entered.get(where["id"] if isinstance(where, dict) else where or "")
        if kind == "welcome" and where is None:
            self._is_up, self._why = True, ""
            await self._put(Connected("socket"))
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
            await self._socket.enter(room)

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


def _sentence_of(closed: Closed) -> str:
    if closed.bye:
        return str(closed.bye["detail"])
    return str(closed.error) if closed.error else ""
