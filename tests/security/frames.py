"""Frames that nobody sends by mistake."""

import inspect
import re
from typing import Any

# A frame of each type, and the event that answers it where one does.
FRAMES: dict[str, tuple[dict[str, Any], str | None]] = {
    "post": ({"client_id": "2", "body": "Hello"}, "posted"),
    "read": ({"seq": 1}, None),
    "ack": ({"seq": 1}, None),
    "typing": ({}, None),
    "away": ({"away": True}, None),
}


def frame_types(consumer: type) -> set[str]:
    return set(re.findall(r'case "(\w+)"', inspect.getsource(consumer.handle)))  # type: ignore[attr-defined]
