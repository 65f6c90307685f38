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
            "resumed": entry.resumed,
            "read_only": is_read_only,
        }
    )
    if entry.resumed:
        return [greeting, *entry.texts]
    more = "true" if entry.more else "false"
    return [greeting, f'{{"type":"reset","messages":{protocol.frame(entry.texts)},"more":{more}}}']
