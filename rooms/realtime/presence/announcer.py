"""Tells rooms who has entered and exited, in batches."""

import asyncio
from collections.abc import Callable
from uuid import UUID

from rooms.events import Json
from rooms.realtime import protocol
from rooms.realtime.connections.sockets import Socket
from rooms.realtime.presence.room_presence import Change
from rooms.realtime.presence.tracker import Presence

# Seconds in which changes are gathered into one announcement: in a small room it comes at once, as far as one can see;
# the more people there are to be told, the longer, so that 500 who arrive together are told of in a few frames.
PRESENCE_BATCH = 0.2
PRESENCE_BATCH_PER_PERSON = 0.004
PRESENCE_BATCH_MAX = 2.0


def events_of(room_id: UUID, change: Change) -> list[Json]:
    """Return the events that bring a page from the list that was announced before to the next one."""
    # Also told by `Profiles`, but perhaps earlier: another process's record may bring a name, and a welcome an old one.
    events: list[Json] = [{"type": "person", **person} for person in change.renamed]
    if change.is_of_people:
        presence: Json = {
            "type": "presence",
            "room": str(room_id),
            # No more than a page shows; the count tells of the others. Exits are complete: pages have those people.
            "entered": change.entered[: protocol.MAX_PRESENT],
            "exited": change.exited,
            "away": change.away,
            "back": change.back,
            "count": change.count,
        }
        events.append(presence)
    return events


class PresenceAnnouncer:
    """On the event loop. ``send`` sends an encoded event to a room's sockets in this process."""

    def __init__(
        self, presence: Presence, *, send: Callable[[UUID, str], None], loop: asyncio.AbstractEventLoop
    ) -> None:
        self._presence = presence
        self._send = send
        self._loop = loop
        # Rooms that will be told within the time of a batch.
        self._announcing: set[UUID] = set()

    def announce(self, room_id: UUID) -> None:
        """Tell the room of its changes in a moment, together with those that follow until then."""
        if room_id not in self._announcing:
            self._announcing.add(room_id)
            wait = PRESENCE_BATCH + PRESENCE_BATCH_PER_PERSON * self._presence.count(room_id)
            self._loop.call_later(min(wait, PRESENCE_BATCH_MAX), self._flush, room_id)

    def announce_all(self) -> None:
        """Announce what has changed by the passing of time; called once a second."""
        for room_id in self._presence.stale_rooms():
            self.announce(room_id)

    def set_away(self, socket: Socket, *, away: bool) -> None:
        """Note whether somebody is at the page of a socket, and show it in the room that it attends."""
        socket.away = away
        room_id = socket.attending
        if room_id and self._presence.set_away(room_id, socket.lease, socket.user_id, away=away):
            self.announce(room_id)

    def _flush(self, room_id: UUID) -> None:
        self._announcing.discard(room_id)
        if change := self._presence.flush(room_id):
            for event in events_of(room_id, change):
                self._send(room_id, protocol.encode(event))
