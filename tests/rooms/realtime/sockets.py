"""What is said over a socket."""

from typing import Any
from uuid import uuid4

from asgiref.sync import sync_to_async

from accounts.models import User
from rooms.actions.messages import post_message
from rooms.models import Room
from tests.rooms.realtime.conftest import Line


async def say(room: Room, user: User, *words: str) -> None:
    for word in words:
        await sync_to_async(post_message)(room, actor=user, client_id=uuid4().hex, body=word)


async def expect_ended(line: Line, code: int, reason: str) -> dict[str, Any]:
    """Wait for the end of the line's room; the connection lives on."""
    ended = await line.next("ended")
    assert (ended["room"], ended["code"], ended["reason"]) == (line.room, code, reason)
    assert line.close_code is None
    return ended


async def expect_bye(line: Line, code: int, reason: str) -> dict[str, Any]:
    bye = await line.next("bye")
    assert (bye["code"], bye["reason"]) == (code, reason)
    assert await line.closed() == code
    return bye
