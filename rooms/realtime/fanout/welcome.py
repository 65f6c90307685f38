"""The first events of a socket, and those of each room that it enters: a greeting, and the rows that it lacks."""

from accounts.models import User
from rooms.events import Json, person_json
from rooms.realtime import protocol
from rooms.realtime.fanout.log_reader import Entry


def welcome(user: User, *, mentions: int, is_read_only: bool) -> Json:
    """Return the first event of a connection."""
    return {"type": "welcome", "you": person_json(user), "mentions": mentions, "read_only": is_read_only}


def room_welcome(entry: Entry, present: Json) -> list[str]:
    """Return the encoded events for a user who enters a room; ``present`` says who is in it."""
    greeting = protocol.encode(
        {
            "type": "welcome",
            "room": entry.room,
            "head": entry.head,
            "present": present,
            "pins": entry.pins,
            "resumed": entry.resumed,
        }
    )
    if entry.resumed:
        return [greeting, *entry.texts]
    # The newest row may be none of those that are drawn: the client goes on from the head.
    more = "true" if entry.more else "false"
    state = f'"room":"{entry.room["id"]}","more":{more},"head":{entry.head},"hash":"{entry.hash}"'
    return [greeting, f'{{"type":"reset",{state},"messages":{protocol.frame(entry.texts)}}}']
