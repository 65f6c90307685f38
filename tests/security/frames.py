"""Frames that nobody sends by mistake."""

import inspect
import re
from typing import Any

# A frame of each type, and the event that answers it where one does.
FRAMES: dict[str, tuple[dict[str, Any], str | None]] = {
    "enter": ({}, "welcome"),
    "attend": ({}, None),
    "post": ({"client_id": "2", "body": "Hello"}, "posted"),
    "read": ({"seq": 1}, None),
    "ack": ({"seq": 1}, None),
    "typing": ({}, None),
    "away": ({"away": True}, None),
    # The last: the others are for who is in the room.
    "leave": ({}, None),
}


def frame_types(consumer: type) -> set[str]:
    handled: set[str] = set(re.findall(r'case "(\w+)"', inspect.getsource(consumer.handle)))  # type: ignore[attr-defined]
    # What waits for the database, and is taken before the others.
    return handled | set(re.findall(r'\["type"\] != "(\w+)"', inspect.getsource(consumer.take)))  # type: ignore[attr-defined]
