"""What a live connection knows of its rooms, whichever way it goes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import uuid4

from chatsite_client.feed import Cursor, Feed
from chatsite_client.shapes import Json

# The site's own bound, for one connection or one poll.
MOST_ROOMS = 20


@dataclass
class EnteredRoom:
    """A room that is shown."""

    id: str
    feed: Feed
    # Every row is wanted, however many were missed.
    is_whole: bool = False
    # On the present socket, its welcome has come.
    is_welcomed: bool = False
    # Rows that arrived on the present socket, and were not acknowledged yet.
    unacknowledged: int = 0
    # The version of the list of people that a poll brought.
    presence: int | None = None

    @property
    def place(self) -> Json:
        """What the site has to know at entering: the last row that is here."""
        cursor = self.feed.cursor
        if cursor is None:
            return {}
        # Without a hash the site has nothing to compare.
        return {"after": cursor.seq, "hash": cursor.hash} if cursor.hash else {"after": cursor.seq}


@dataclass
class Rooms:
    """All that are shown, and the one that is attended."""

    entered: dict[str, EnteredRoom] = field(default_factory=dict)
    attended: str | None = None
    # By which a site knows a polling program's presence: new each time that it begins to attend.
    here: str = ""
    since: float | None = None
    is_away: bool = False

    def __iter__(self) -> Iterator[EnteredRoom]:
        return iter(list(self.entered.values()))

    def add(self, room: str, cursor: Cursor | None, *, is_whole: bool) -> EnteredRoom:
        if room not in self.entered and len(self.entered) >= MOST_ROOMS:
            raise ValueError(f"A connection shows {MOST_ROOMS} rooms at most.")
        self.entered[room] = entered = EnteredRoom(room, Feed(cursor), is_whole)
        return entered

    def drop(self, room: str) -> None:
        self.entered.pop(room, None)
        if self.attended == room:
            self.attend(None)

    def attend(self, room: str | None) -> None:
        self.attended, self.here, self.since = room, uuid4().hex if room else "", None

    def forget_connection(self) -> None:
        """Another connection begins, on which nothing has arrived yet."""
        for room in self:
            room.is_welcomed, room.unacknowledged, room.presence = False, 0, None
