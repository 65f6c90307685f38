"""Pages of messages that were read already, for all who may read the room, until its head moves (short_path.py)."""

import re
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from api.kept_answers import KeptAnswers, key_of
from api.recognised import Caller
from chatsite.http.answer_cache import Message
from rooms import limits
from rooms.realtime.connections.pollers import Poller
from rooms.realtime.hub import Hub

PATH = re.compile(r"/api/(?:v1/)?rooms/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/messages")
# Bytes of one page, and of the query that asks for it.
PAGE_MAX_BYTES = 512 * 1024
QUERY_MAX_BYTES = 200
OF_A_PAGE = (b"content-encoding", b"etag")


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was sent. ``finish`` sends it once more."""

    headers: list[tuple[bytes, bytes]]
    body: bytes
    status: int = 200
    limit: limits.Limit = limits.READING
    count: int = 1

    async def finish(self) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        return self.status, self.headers, self.body


class ShortPages:
    name = "page"

    def __init__(self) -> None:
        self._pages: KeptAnswers[Page] = KeptAnswers()

    def takes(self, scope: Any) -> bool:
        is_short = len(scope["query_string"]) <= QUERY_MAX_BYTES
        return scope["method"] == "GET" and is_short and PATH.fullmatch(scope["path"]) is not None

    def prepare(self, hub: Hub, poller: Poller, scope: Any, sent: bytes) -> Page | None:
        room_id = room_of(scope)
        room = hub.rooms.get(room_id)
        if room is None or room is not poller.rooms.get(room_id) or room.behind:
            return None
        key = key_of(hub, poller, room_id, room.hash, *asked_of(scope))
        page = self._pages.get(key, now=hub.loop.time())
        # Of several in one header Django tells whether one of them is meant.
        known = [value for name, value in scope["headers"] if name == b"if-none-match"]
        if page is None or not known:
            return page
        is_known = known == [value for name, value in page.headers if name.lower() == b"etag"]
        return replace(page, status=304, body=b"") if is_known else None

    def keep(self, hub: Hub, scope: Any, poller: Poller, caller: Caller, messages: list[Message]) -> None:
        body = b"".join(message.get("body", b"") for message in messages[1:])
        if len(body) > PAGE_MAX_BYTES:
            return
        room_id = room_of(scope)
        key = key_of(hub, poller, room_id, caller.heads[room_id], *asked_of(scope))
        headers = [(name, value) for name, value in messages[0]["headers"] if name.lower() in OF_A_PAGE]
        headers.append((b"Vary", b"Accept-Encoding"))
        self._pages.put(key, Page(headers, body), size=len(body), now=hub.loop.time())


def room_of(scope: Any) -> UUID:
    found = PATH.fullmatch(scope["path"])
    assert found
    return UUID(found[1])


def asked_of(scope: Any) -> tuple[Hashable, ...]:
    return scope["query_string"], *(value for name, value in scope["headers"] if name == b"accept-encoding")
