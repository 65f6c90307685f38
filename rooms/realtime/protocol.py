"""The protocol, version 2 (docs/protocol.md): a server frame is a JSON array of events, a client frame one object."""

import hashlib
import json
import math
import random
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from rooms import errors, events

VERSION = "2"
encode = events.encode
# Bytes of one client frame: the longest message, with every character escaped, fits.
MAX_FRAME_BYTES = 64 * 1024
# A client further behind than this many rows starts again from the newest page.
MAX_RESUME_ROWS = 1_000
# So does one that has missed more bytes of rows than the longest of those pages has: while a client does not read them,
# all of them wait in memory.
MAX_RESUME_BYTES = 4 * 1024 * 1024
# People named in a `welcome` and in the API's list of who is here; the count tells of the others.
MAX_PRESENT = 200
# Milliseconds over which clients come back to a server that restarts.
RETRY_FROM_MS = 500
RETRY_SPREAD_MS = 3_000

Json = dict[str, Any]


class Close:
    """Close codes. RFC 6455 leaves 4000 to 4999 to applications; daphne passes only 1000 and 3000 to 4999."""

    SIGNED_OUT = 4401
    NOT_A_MEMBER = 4403
    NO_SUCH_ROOM = 4404
    TOO_SLOW = 4408
    ROOM_DELETED = 4410
    RESTARTING = 4412
    TOO_FAST = 4429


CLOSE_OF = {
    errors.NoSuchRoom: Close.NO_SUCH_ROOM,
    errors.JoinFirst: Close.NOT_A_MEMBER,
    errors.Left: Close.NOT_A_MEMBER,
    errors.Removed: Close.NOT_A_MEMBER,
    errors.RoomDeleted: Close.ROOM_DELETED,
    errors.TooFast: Close.TOO_FAST,
    errors.TooManySockets: Close.TOO_FAST,
}


class ProtocolError(Exception):
    """A client frame that cannot be understood; ``code`` and a sentence go back as an error event."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def digest_of(session_key: str) -> str:
    """Return the name of a session between processes. The key itself would let its reader in."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def frame(events: Iterable[str]) -> str:
    """Join encoded events into one frame."""
    return f"[{','.join(events)}]"


def error(code: str, detail: str, frame: Json | None = None, *, retry_ms: int | None = None) -> Json:
    """Return what refuses ``frame``, with the names by which its client knows it."""
    event: Json = {"type": "error", "code": code, "detail": detail}
    for name in ("room", "client_id"):
        given = (frame or {}).get(name)
        # A lone surrogate, which JSON may name, could not be sent back: it is no UTF-8.
        if isinstance(given, str) and given.isprintable():
            event[name] = given
    if retry_ms is not None:
        event["retry_ms"] = retry_ms
    return event


def bye(code: int, reason: str, detail: str, *, retry_ms: int | None = None) -> Json:
    """Return the event that says why the server closes; ``retry_ms`` None means that coming back is of no use."""
    return {"type": "bye", "code": code, "reason": reason, "detail": detail, "retry_ms": retry_ms}


def come_back(reason: str, detail: str) -> Json:
    """Return a ``bye`` to a client that shall come back: each at a time of its own, not all at once."""
    retry_ms = RETRY_FROM_MS + random.randrange(RETRY_SPREAD_MS)  # noqa: S311 (no secret)
    return bye(Close.RESTARTING, reason, detail, retry_ms=retry_ms)


def unable(retry_ms: int) -> Json:
    """Return the ``bye`` of a server that cannot answer just now: its database is away."""
    return bye(Close.RESTARTING, "try_again", str(errors.TryAgain()), retry_ms=retry_ms)


def too_slow(retry_ms: int) -> Json:
    detail = _("This connection did not keep up with the room. What was missed comes with the next one.")
    return bye(Close.TOO_SLOW, "too_slow", detail, retry_ms=retry_ms)


def bye_for(refusal: errors.RoomError) -> Json:
    code = CLOSE_OF.get(type(refusal), Close.NOT_A_MEMBER)
    retry_ms = retry_ms_of(refusal) if isinstance(refusal, errors.TooFast) else None
    return bye(code, refusal.code, str(refusal), retry_ms=retry_ms)


def ended_for(room_id: UUID, refusal: errors.RoomError) -> Json:
    """Return the event that says why a client is in a room no more, or may not enter it."""
    return {**bye_for(refusal), "type": "ended", "room": str(room_id)}


def retry_ms_of(refusal: errors.TooFast) -> int:
    return math.ceil(refusal.seconds * 1_000)


def parse(text: str | None) -> Json:
    """Return the one object of a client's frame, or raise ``ProtocolError``."""
    if text is None:
        raise ProtocolError("bad_frame", _("Frames are text."))
    if len(text) > MAX_FRAME_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_FRAME_BYTES:
        raise ProtocolError("frame_too_long", _("A frame has 64 KiB at most."))
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        raise ProtocolError("bad_json", _("A frame is one JSON object.")) from None
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise ProtocolError("bad_frame", _("A frame is one JSON object with a type."))
    return event


def seq_of(event: Json) -> int:
    """Return the event's seq, or raise ``ProtocolError``."""
    seq = event.get("seq")
    if not isinstance(seq, int) or isinstance(seq, bool) or not 0 <= seq < 2**63:
        raise ProtocolError("bad_seq", _("seq is a whole number from 0 up."))
    return seq


def room_of(event: Json) -> UUID:
    """Return the room that the event names, or raise ``ProtocolError``."""
    try:
        return UUID(event["room"])
    except (KeyError, ValueError, TypeError, AttributeError):
        raise ProtocolError("bad_room", _("room is the id of a room.")) from None


def resume_point(event: Json) -> tuple[int | None, str | None]:
    """Return the row from which a client goes on and its hash (None: none was named), or raise ``ProtocolError``."""
    after = event.get("after")
    known_hash = event.get("hash")
    if known_hash is not None and not isinstance(known_hash, str):
        raise ProtocolError("bad_frame", _("hash is a text."))
    return (None if after is None else seq_of({"seq": after})), known_hash


def flag_of(event: Json, name: str) -> bool:
    """Return the event's flag of that name, or raise ``ProtocolError``."""
    flag = event.get(name)
    if not isinstance(flag, bool):
        raise ProtocolError("bad_frame", _("%(name)s is true or false.") % {"name": name})
    return flag
