"""Posts of words by callers who are known: handed to the writer as a socket's are (short_path.py).

Whether the author may post, the writer sees under the room's lock. What it refuses, Django says in words.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from api.recognised import REFUSED, Caller
from api.schemas import PostIn
from api.short_pages import PATH, room_of
from chatsite.http.answer_cache import Message
from chatsite.http.request_checks import read_json
from rooms import errors, limits
from rooms.actions.posts import Post, Posted, clean_post
from rooms.events import encode, message_json
from rooms.realtime.connections.pollers import Poller
from rooms.realtime.hub import Hub
from rooms.realtime.writer import Answer, writer

# Bytes of a request; reading a longer one would keep the loop.
BODY_MAX_BYTES = 16 * 1024


class ShortPosts:
    name = "post"

    def takes(self, scope: Any) -> bool:
        return scope["method"] == "POST" and not scope["query_string"] and PATH.fullmatch(scope["path"]) is not None

    def prepare(self, hub: Hub, poller: Poller, scope: Any, sent: bytes) -> "Waiting | None":
        if len(sent) > BODY_MAX_BYTES:
            return None
        try:
            body = PostIn.model_validate(read_json(sent))
            post = clean_post(room_id=room_of(scope), author=poller.user, client_id=body.client_id, body=body.body)
        except (ValueError, errors.RoomError):
            return None
        return Waiting(hub, post, scope) if body.attachment is None else None

    def keep(self, hub: Hub, scope: Any, poller: Poller, caller: Caller, messages: list[Message]) -> None:
        """Nothing: each post is another one."""


@dataclass(frozen=True, slots=True)
class Waiting:
    hub: Hub
    post: Post
    scope: Any
    limit: limits.Limit = limits.POSTING
    count: int = 1

    async def finish(self) -> tuple[int, list[tuple[bytes, bytes]], bytes] | None:
        stored: asyncio.Future[tuple[int, str] | errors.RoomError] = self.hub.loop.create_future()

        def tell(told: tuple[int, str] | errors.RoomError) -> None:
            # The client may have gone meanwhile.
            if not stored.done():
                stored.set_result(told)

        def reply(answer: Answer) -> None:
            # In the writer's thread, where the row's people may be read.
            if isinstance(answer, Posted):
                self.hub.call(tell, (201 if answer.created else 200, encode(message_json(answer.row))))
            else:
                self.hub.call(tell, answer)

        writer.submit(self.post, reply)
        told = await stored
        if isinstance(told, errors.RoomError):
            self.scope[REFUSED] = told
            return None
        status, body = told
        return status, [], body.encode()
