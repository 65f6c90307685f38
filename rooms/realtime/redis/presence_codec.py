"""How processes write their presence records for each other in Redis.

The keys, fields and JSON are read by processes of other releases during a rolling restart: a change of them needs
another number in ``PROCESSES``.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from uuid import UUID

from rooms.realtime.presence.occupants import PresenceKey, PresenceRecord

logger = logging.getLogger(__name__)

# The set of the names of the processes that have a hash; each hash's key is this, a colon and the process's name.
PROCESSES = "chatsite:presence:1"
# The field that counts a process's writes; every other field is a presence key.
REV = "rev"


def redis_key(process: str) -> str:
    return f"{PROCESSES}:{process}"


def field_of(key: PresenceKey) -> str:
    room_id, user_id = key
    return f"{room_id.hex}.{user_id.hex}"


def key_from_field(field: str) -> PresenceKey:
    room, _dot, user = field.partition(".")
    return UUID(room), UUID(user)


def encode(record: PresenceRecord) -> str:
    return json.dumps(asdict(record), separators=(",", ":"))


def decode(text: str | None) -> PresenceRecord | None:
    """Return what another process wrote; None if it has taken the record back, or wrote what cannot be read."""
    if text is None:
        return None
    try:
        # By name: another release of the site may write more fields than this one knows.
        values = json.loads(text)
        return PresenceRecord(
            dict(values["person"]), float(values["entered_at"]), bool(values["away"]), tuple(values["tabs"])
        )
    except (ValueError, TypeError, KeyError) as error:
        logger.warning("A presence record of another process cannot be read: %r", error)
        return None


def decode_all(fields: Mapping[str, str]) -> dict[PresenceKey, PresenceRecord | None]:
    return {key_from_field(field): decode(text) for field, text in fields.items() if field != REV}
