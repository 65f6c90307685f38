"""Polls that hear of no new row, answered before Django, from what this process knows, without a query.

A page that polls asks each second, and mostly nothing is new. Through Django that takes 1.4 ms of a core, from here
0.1. Who asks is known by the headers of the request, all of them: what Django concluded from the same ones lately
(which session, whose, that no other site's page sends it) it would conclude again. Whether that still holds, and how
far the rooms' logs are, the hub hears of and the reconciler compares with the database, as for sockets. Whatever is
not known for certain, or new, or refused, goes to Django.
"""

import hashlib
import marshal
from collections.abc import Hashable
from typing import Any

from api import poll
from api.manners import limit_headers
from chatsite.http.answer_cache import Application, Message, Send
from chatsite.http.request_checks import read_json
from rooms import limits
from rooms.errors import TooFast
from rooms.events import Json, encode
from rooms.realtime import lifecycle, polling
from rooms.realtime.connections.pollers import KNOWN_SECONDS, Poller
from rooms.realtime.hub import Hub

PATHS = ("/api/v1/poll", "/api/poll")
# Headers that tell nothing of the caller, and are others each time.
VARYING = (b"content-length", b"x-request-id")
# Headers of Django's answer that are about that one alone; RateLimit- ones, too.
OF_ONE_ANSWER = (b"content-length", b"content-encoding")
# Bytes; a longer request names a hundred rooms, or is none.
BODY_MAX_BYTES = 8 * 1024
# Django may give an answer more headers, to be kept for a minute, than any that it gives.
HEADERS_MAX_BYTES = 4 * 1024


class ShortPolls:
    """An ASGI application in front of another."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        if scope["path"] not in PATHS or scope["method"] != "POST":
            await self._application(scope, receive, send)
            return
        hub, key, first = lifecycle.hub(), key_of(scope), await receive()
        poller = hub.pollers.get(key)
        answer = answer_of(hub, poller, first) if poller is not None else None
        if answer is not None:
            for message in answer:
                await send(message)
            return
        forgotten = hub.pollers.times_forgotten
        heads: list[Message] = []
        unread = [first]

        async def receive_again() -> Any:
            return unread.pop() if unread else await receive()

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                heads.append(message)
            await send(message)

        scope[poll.CALLER] = None
        await self._application(scope, receive_again, send_on)
        # Whoever was forgotten meanwhile may be this very caller.
        if heads and forgotten == hub.pollers.times_forgotten:
            recognise(hub, key, scope[poll.CALLER], heads[0])


def key_of(scope: Any) -> Hashable:
    """Return what the caller is known by: a digest, so that no cookie and no token is kept."""
    told = [header for header in scope["headers"] if header[0] not in VARYING]
    return hashlib.sha256(marshal.dumps((scope["path"], scope["query_string"], scope.get("scheme"), told))).digest()


def recognise(hub: Hub, key: Hashable, caller: poll.Caller | None, head: Message) -> None:
    """Note who has just been answered by Django."""
    headers = [(bytes(name), bytes(value)) for name, value in head["headers"]]
    names = {name.lower() for name, _ in headers}
    if caller is None or head["status"] != 200 or b"set-cookie" in names:
        return
    kept = [
        one for one in headers if one[0].lower() not in OF_ONE_ANSWER and not one[0].lower().startswith(b"ratelimit-")
    ]
    if sum(len(name) + len(value) for name, value in kept) > HEADERS_MAX_BYTES:
        return
    poller = hub.pollers.add(key, user=caller.user, session_key=caller.session_key, headers=kept)
    for room_id, hash_of_head in caller.heads.items():
        room = hub.rooms.hold(room_id, hub.loop.time() + KNOWN_SECONDS)
        # Otherwise a row that ends the membership may lie between what was read and what is delivered from now on.
        if room.head and room.hash == hash_of_head:
            poller.rooms[room_id] = room


def answer_of(hub: Hub, poller: Poller, message: Message) -> list[Message] | None:
    """Return the answer to a known caller; None where only Django can tell."""
    sent = message.get("body", b"")
    if message["type"] != "http.request" or message.get("more_body") or len(sent) > BODY_MAX_BYTES:
        return None
    try:
        body = poll.PollIn.model_validate(read_json(sent))
    except ValueError:
        return None
    if not hub.reconciler.is_up_to_date() or not all(has_no_new_row(hub, poller, known) for known in body.rooms):
        return None
    user = poller.user
    if body.attend and body.here and not hub.presence.knows_tab(body.attend, user.pk, body.here, body.since):
        return None
    with limits.watched() as spent:
        try:
            limits.READING.spend(user.pk, len(body.rooms))
        except TooFast:
            return None
        told = limit_headers(spent())
    polled = None
    if body.attend and body.here:
        polled = polling.attend(body.attend, user, body.here, since=body.since, away=body.away)
    text = encode(poll.answer_json(presence_of(hub, body), polled, is_read_only=hub.read_only.is_on)).encode()
    headers = [
        *poller.headers,
        *((name.encode(), value.encode()) for name, value in told.items()),
        (b"Content-Length", b"%d" % len(text)),
    ]
    return [
        {"type": "http.response.start", "status": 200, "headers": headers},
        {"type": "http.response.body", "body": text},
    ]


def has_no_new_row(hub: Hub, poller: Poller, known: poll.KnownRoom) -> bool:
    room = hub.rooms.get(known.room)
    return (
        room is not None
        and room is poller.rooms.get(known.room)
        and not room.behind
        and known.after == room.head
        and known.hash in (None, room.hash)
    )


def presence_of(hub: Hub, body: poll.PollIn) -> list[Json]:
    """Return, of the rooms where others are present than the caller knows, who is there."""
    news = []
    for known in body.rooms:
        room, present = hub.rooms.get(known.room), poll.presence_news(known)
        if room is not None and present is not None:
            news.append(poll.room_news(known.room, head=room.head, hash=room.hash, presence=present))
    return news
