"""How processes write their people down for each other in Redis."""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from uuid import UUID

from rooms.realtime.presence.occupants import Place, Stay

logger = logging.getLogger(__name__)

# The names of the processes that hold a hash; each hash is kept under this, a colon and the process's name. The number
# is raised when a hash comes to look different.
PROCESSES = "chatsite:presence:1"
# The field that counts a process's writes; the others are places.
REV = "rev"


def key_of(process: str) -> str:
    return f"{PROCESSES}:{process}"


def field_of(place: Place) -> str:
    room_id, user_id = place
    return f"{room_id.hex}.{user_id.hex}"


def place_of(field: str) -> Place:
    room, _dot, user = field.partition(".")
    return UUID(room), UUID(user)


def encode(stay: Stay) -> str:
    return json.dumps(asdict(stay), separators=(",", ":"))


def decode(text: str | None) -> Stay | None:
    """Return what another process wrote; None where it has taken it back, or nobody can read it."""
    if text is None:
        return None
    try:
        # By name: another release of the site may write more than this one knows.
        told = json.loads(text)
        return Stay(dict(told["person"]), float(told["entered_at"]), bool(told["away"]), tuple(told["tabs"]))
    except (ValueError, TypeError, KeyError) as error:
        logger.warning("What another process tells of its people cannot be read: %r", error)
        return None


def decode_all(fields: Mapping[str, str]) -> dict[Place, Stay | None]:
    return {place_of(field): decode(text) for field, text in fields.items() if field != REV}
