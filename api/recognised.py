"""Who was answered, and from where: what an operation tells short_path.py, which may answer the next time by itself."""

from collections.abc import Iterable
from copy import copy
from typing import Any, NamedTuple
from uuid import UUID

from accounts.models import User
from api.auth import Request, session_of
from rooms.errors import RoomError
from rooms.events import Json
from rooms.models import Room

# Where an ASGI scope has the caller.
CALLER = "chatsite.caller"
# And why the post that it brings was refused, which Django is left to say in words.
REFUSED = "chatsite.refused"


class Caller(NamedTuple):
    user: User
    session_key: str
    # The hash of the head of each room in which the user is a member, as of the same query.
    heads: dict[UUID, str]
    # Of a poll: what was asked of a room, and what is new there.
    news: list[tuple[Any, Json]]


def note_caller(request: Request, rooms: Iterable[Room], news: Iterable[tuple[Any, Json]] = ()) -> None:
    """Note who is answered, and the rooms that they may read."""
    if CALLER in getattr(request, "scope", ()):
        heads = {room.pk: bytes(room.head_hash).hex() for room in rooms}
        # A copy, as the user may be an object that reads itself, and keeps the request.
        request.scope[CALLER] = Caller(copy(request.auth), session_of(request).session_key or "", heads, list(news))


def refusal_of(request: Request) -> RoomError | None:
    """Return why this request was refused before Django: it was tried, and counted, and is neither once more."""
    return getattr(request, "scope", {}).get(REFUSED)
