"""Polls and pages that bring nothing which was not read before, and posts, answered before Django, without a query.

A page that polls asks each second, and mostly nothing is new. Through Django that takes 1 ms of a core, and a page of
messages 3.5; from here 0.1. Who asks is known by the headers of the request, all of them: what Django concluded from
the same ones lately (which session, whose, that no other site's page sends it) it would conclude again. Whether that
still holds, and how far the rooms' logs are, the hub hears of and the reconciler compares with the database, as for
sockets. Whatever is not known for certain, or new, or refused, goes to Django.
"""

import hashlib
import marshal
from collections.abc import Hashable
from http import HTTPStatus
from typing import Any, Protocol

from api.manners import limit_headers
from api.recognised import CALLER, Caller
from api.short_pages import ShortPages
from api.short_polls import ShortPolls
from api.short_posts import ShortPosts
from chatsite.http.answer_cache import Application, Message, Send
from rooms import limits
from rooms.errors import TooFast
from rooms.realtime import lifecycle
from rooms.realtime.connections.pollers import KNOWN_SECONDS, MAX_ROOMS, Poller
from rooms.realtime.hub import Hub

# Headers that tell nothing of the caller, and are others each time. (If-None-Match: short_pages.py.)
VARYING = (b"content-length", b"x-request-id", b"if-none-match")
# By these an answer depends on what the others were, or is a part.
CONDITIONS = frozenset({b"if-match", b"if-unmodified-since", b"if-range", b"range"})
# Headers of Django's answer that are about that one alone; the rest are the caller's.
OF_ONE_ANSWER = frozenset(
    {b"content-length", b"content-encoding", b"etag"}
    | {b"ratelimit-" + name for name in (b"limit", b"remaining", b"reset", b"policy")}
)
DONE = (HTTPStatus.OK, HTTPStatus.CREATED)
# Bytes of the others: more than any answer has.
HEADERS_MAX_BYTES = 4 * 1024


class Door(Protocol):
    """A kind of request that may be answered here."""

    name: str

    def takes(self, scope: Any) -> bool: ...

    def prepare(self, hub: Hub, poller: Poller, scope: Any, sent: bytes) -> "Prepared | None":
        """Return the answer to a known caller; None where only Django can tell. It changes nothing."""

    def keep(self, hub: Hub, scope: Any, poller: Poller, caller: Caller, messages: list[Message]) -> None:
        """Take what Django has answered."""


class Prepared(Protocol):
    """An answer that only has to be counted against a limit."""

    @property
    def limit(self) -> limits.Limit: ...

    @property
    def count(self) -> int:
        """Return how often."""

    async def finish(self) -> tuple[int, list[tuple[bytes, bytes]], bytes] | None:
        """Return status, headers beside the caller's, and body; None where Django has to say it after all."""


class ShortPath:
    """An ASGI application in front of another."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._doors: list[Door] = [ShortPolls(), ShortPages(), ShortPosts()]

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        door = next((door for door in self._doors if door.takes(scope)), None)
        if door is None or any(name in CONDITIONS for name, _ in scope["headers"]):
            await self._application(scope, receive, send)
            return
        hub, key, first = lifecycle.hub(), key_of(scope, door.name), await receive()
        poller = hub.pollers.get(key)
        if poller is not None:
            # Whoever was forgotten meanwhile is asked for anew.
            poller = hub.pollers.get(key) if await hub.reconciler.becomes_up_to_date() else None
        answer = await answer_of(hub, door, poller, scope, first) if poller is not None else None
        for message in answer or ():
            await send(message)
        if answer is None:
            unread = [first]

            async def receive_again() -> Any:
                return unread.pop() if unread else await receive()

            await self._ask(door, key, scope, receive_again, send)

    async def _ask(self, door: Door, key: Hashable, scope: Any, receive: Any, send: Send) -> None:
        """Have Django answer, and note whom."""
        hub = lifecycle.hub()
        forgotten = hub.pollers.times_forgotten
        told: list[Message] = []

        async def send_on(message: Message) -> None:
            told.append(message)
            await send(message)

        scope[CALLER] = None
        await self._application(scope, receive, send_on)
        caller: Caller | None = scope[CALLER]
        # Whoever was forgotten meanwhile may be this very caller.
        if caller is None or not told or told[0]["status"] not in DONE or forgotten != hub.pollers.times_forgotten:
            return
        if poller := recognise(hub, key, caller, told[0]):
            door.keep(hub, scope, poller, caller, told)


def key_of(scope: Any, door: str) -> Hashable:
    """Return what the caller is known by: a digest, so that no cookie and no token is kept."""
    told = [header for header in scope["headers"] if header[0] not in VARYING]
    return hashlib.sha256(marshal.dumps((door, scope.get("scheme"), told))).digest()


def recognise(hub: Hub, key: Hashable, caller: Caller, head: Message) -> Poller | None:
    """Note who has just been answered by Django; None if the answer sets a cookie, or is another that is for one."""
    # Only what is long enough to be compressed varies by that.
    headers = [(bytes(name), bytes(value).removesuffix(b", Accept-Encoding")) for name, value in head["headers"]]
    kept = [(name, value) for name, value in headers if name.lower() not in OF_ONE_ANSWER]
    is_for_one = any(name.lower() == b"set-cookie" for name, _ in kept)
    if is_for_one or sum(len(name) + len(value) for name, value in kept) > HEADERS_MAX_BYTES:
        return None
    before = hub.pollers.get(key)
    poller = hub.pollers.add(key, user=caller.user, session_key=caller.session_key, headers=kept)
    if before is not None and len(before.rooms) < MAX_ROOMS:
        poller.rooms |= before.rooms
    for room_id, hash_of_head in caller.heads.items():
        room = hub.rooms.hold(room_id, hub.loop.time() + KNOWN_SECONDS)
        # Otherwise a row that ends the membership may lie between what was read and what is delivered from now on.
        if room.head and room.hash == hash_of_head:
            poller.rooms[room_id] = room
    return poller


async def answer_of(hub: Hub, door: Door, poller: Poller, scope: Any, message: Message) -> list[Message] | None:
    if message["type"] != "http.request" or message.get("more_body"):
        return None
    prepared = door.prepare(hub, poller, scope, message.get("body", b""))
    if prepared is None:
        return None
    with limits.watched() as spent:
        try:
            prepared.limit.spend(poller.user.pk, prepared.count)
        except TooFast:
            return None
        told = limit_headers(spent())
    finished = await prepared.finish()
    if finished is None:
        return None
    status, more, body = finished
    headers = [*poller.headers, *more, *((name.encode(), value.encode()) for name, value in told.items())]
    if status != HTTPStatus.NOT_MODIFIED:
        headers.append((b"Content-Length", b"%d" % len(body)))
    return [
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": body},
    ]
