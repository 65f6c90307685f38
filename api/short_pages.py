"""Pages of messages that were read already, for all who may read the room, until its head moves (short_path.py).

A page says the same to all members who read its language: the log up to the head, the names of its people, whether the
site is read-only. Rows move the head; of names and of the site being read-only the hub hears (``times_forgotten``).
"""

import re
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from api.recognised import Caller
from chatsite.http.answer_cache import Message
from rooms.realtime.connections.pollers import KNOWN_SECONDS, Poller
from rooms.realtime.hub import Hub

PATH = re.compile(r"/api/(?:v1/)?rooms/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/messages")
# Bytes of all pages that are kept, and what one counts beside its body.
KEPT_BYTES = 16 * 1024 * 1024
OVERHEAD_BYTES = 4 * 1024
# Of one page, and of the query that asks for it.
PAGE_MAX_BYTES = 512 * 1024
QUERY_MAX_BYTES = 200
OF_A_PAGE = (b"content-encoding", b"etag")


@dataclass(frozen=True, slots=True)
class Kept:
    """A page as it was sent. ``finish`` sends it once more."""

    headers: list[tuple[bytes, bytes]]
    body: bytes
    # In the loop's seconds.
    until: float
    status: int = 200
    count: int = 1

    def finish(self) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        return self.status, self.headers, self.body


class ShortPages:
    name = "page"

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._bytes = 0

    def takes(self, scope: Any) -> bool:
        is_short = len(scope["query_string"]) <= QUERY_MAX_BYTES
        return scope["method"] == "GET" and is_short and PATH.fullmatch(scope["path"]) is not None

    def prepare(self, hub: Hub, poller: Poller, scope: Any, sent: bytes) -> Kept | None:
        room_id = room_of(scope)
        room = hub.rooms.get(room_id)
        if room is None or room is not poller.rooms.get(room_id) or room.behind:
            return None
        key = key_of(hub, scope, room_id, room.hash, poller)
        kept = self._kept.get(key)
        if kept is None or kept.until <= hub.loop.time():
            return None
        self._kept.move_to_end(key)
        # Of several in one header Django tells whether one of them is meant.
        known = [value for name, value in scope["headers"] if name == b"if-none-match"]
        if not known:
            return kept
        is_known = known == [value for name, value in kept.headers if name.lower() == b"etag"]
        return replace(kept, status=304, body=b"") if is_known else None

    def keep(self, hub: Hub, scope: Any, poller: Poller, caller: Caller, messages: list[Message]) -> None:
        body = b"".join(message.get("body", b"") for message in messages[1:])
        if len(body) > PAGE_MAX_BYTES:
            return
        room_id = room_of(scope)
        key = key_of(hub, scope, room_id, caller.heads[room_id], poller)
        headers = [(name, value) for name, value in messages[0]["headers"] if name.lower() in OF_A_PAGE]
        headers.append((b"Vary", b"Accept-Encoding"))
        # The words of a message that was erased meanwhile, for one, are not kept for longer.
        for old in [old for old, one in self._kept.items() if one.until <= hub.loop.time() or old == key]:
            self._drop(old)
        self._kept[key] = Kept(headers, body, hub.loop.time() + KNOWN_SECONDS)
        self._bytes += OVERHEAD_BYTES + len(body)
        while self._bytes > KEPT_BYTES:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Hashable) -> None:
        if kept := self._kept.pop(key, None):
            self._bytes -= OVERHEAD_BYTES + len(kept.body)


def room_of(scope: Any) -> UUID:
    found = PATH.fullmatch(scope["path"])
    assert found
    return UUID(found[1])


def key_of(hub: Hub, scope: Any, room_id: UUID, hash_of_head: str, poller: Poller) -> Hashable:
    """Return what a page depends on; the caller's headers tell the language."""
    encodings = tuple(value for name, value in scope["headers"] if name == b"accept-encoding")
    forgotten = hub.pollers.times_forgotten
    return room_id, hash_of_head, scope["query_string"], encodings, tuple(poller.headers), forgotten
