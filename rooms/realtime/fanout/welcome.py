"""The first events of a socket in a room: the greeting, and the rows that its client lacks."""

from accounts.models import User
from rooms.events import Json, person_json
from rooms.realtime import protocol
from rooms.realtime.fanout.log_reader import Entry


def welcome(user: User, entry: Entry, present: Json, *, is_read_only: bool) -> list[str]:
    """Return the encoded events for a user who enters a room; ``present`` says who is in it, the user included."""
    greeting = protocol.encode(
        {
            "type": "welcome",
            "you": person_json(user),
            "room": entry.room,
            "head": entry.head,
            "present": present,
            "pins": entry.pins,
            "resumed": entry.resumed,
            "read_only": is_read_only,
        }
    )
    if entry.resumed:
        return [greeting, *entry.texts]
    more = "true" if entry.more else "false"
    # The newest row may be none of those that are drawn: the client goes on from the head.
    place = f'"more":{more},"head":{entry.head},"hash":"{entry.hash}"'
    return [greeting, f'{{"type":"reset","messages":{protocol.frame(entry.texts)},{place}}}']
