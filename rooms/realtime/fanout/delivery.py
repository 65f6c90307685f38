"""How a room's log reaches the sockets that are in it: in order, without a gap, and to nobody whom a row takes out."""

import logging
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from rooms import errors
from rooms.models import Message
from rooms.realtime import protocol
from rooms.realtime.connections.sockets import Socket
from rooms.realtime.fanout import log_reader
from rooms.realtime.fanout.live_room import Feed
from rooms.realtime.fanout.log_reader import LogEvent
from rooms.realtime.metrics import counts
from rooms.realtime.reconcile import head_queries
from rooms.realtime.threads import in_database

if TYPE_CHECKING:
    from rooms.realtime.hub import Hub

logger = logging.getLogger(__name__)

# Rows that end the membership of their subject.
ENDINGS = {Message.Kind.REMOVED: errors.Removed, Message.Kind.LEFT: errors.Left}


class Delivery:
    """A part of the hub, on its event loop."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        # Feeds with rows that were passed on in this turn of the loop.
        self._unsent: set[Feed] = set()

    async def read_head(self, feed: Feed) -> None:
        """Find out where the log of a room stands that has just been opened here."""
        head = await in_database(head_queries.read, feed.room_id)
        feed.head, feed.hash = head or (0, "")
        # Which may have been read before the latest look, and come after it.
        self._hub.look.again()
        if feed.behind:
            self.catch_up(feed)

    def deliver(self, room_id: UUID, events: list[LogEvent]) -> None:
        """Pass rows on to the room's sockets, if they are the next ones; otherwise read what lies between first."""
        feed = self._hub.feeds.get(room_id)
        if feed is None or not events:
            return
        if feed.head is None:
            feed.behind = True
            return
        head = feed.head
        events = [event for event in events if event.seq > head]
        if not events:
            return
        if [event.seq for event in events] != list(range(head + 1, head + 1 + len(events))):
            self.catch_up(feed)
            return
        if events[0].previous != feed.hash:
            self._start_anew(feed)
            return
        feed.head, feed.hash = events[-1].seq, events[-1].hash
        start = 0
        for place, event in enumerate(events):
            if event.kind in ENDINGS:
                # Whoever this row takes out is sent the row, and nothing that follows it.
                self._pass_on(feed, events[start : place + 1])
                feed.flush()
                self._take_out(feed, event)
                start = place + 1
        self._pass_on(feed, events[start:])
        if any(event.kind == Message.Kind.DELETED for event in events):
            feed.flush()
            self._hub.close_room(room_id)

    def _pass_on(self, feed: Feed, events: list[LogEvent]) -> None:
        if not events:
            return
        feed.pass_on(events)
        counts.deliveries += len(events) * len(feed.sockets)
        if not self._unsent and not self._hub.is_calling:
            self._hub.loop.call_soon(self.flush)
        self._unsent.add(feed)

    def flush(self) -> None:
        """Send the rows of this turn of the loop: those that are ready together travel together, and none waits."""
        feeds, self._unsent = self._unsent, set()
        for feed in feeds:
            feed.flush()

    def _take_out(self, feed: Feed, event: LogEvent) -> None:
        error = ENDINGS[Message.Kind(event.kind)]()
        theirs = [socket for socket in feed.sockets if socket.user_id == event.subject_id]
        # Whoever came in past this row has become a member again since; who is still coming in is judged there.
        for socket in theirs:
            if socket.backlog is None and socket.entered_at < event.seq:
                self._hub.close(socket, feed.room_id, error)
        if event.subject_id is not None and all(socket.closed for socket in theirs):
            self._hub.presence.expel(feed.room_id, event.subject_id)
        self._hub.people.announce(feed.room_id)

    def catch_up(self, feed: Feed) -> None:
        feed.behind = True
        if not feed.catching_up:
            feed.catching_up = True
            counts.catch_ups += 1
            self._hub.run(self._read_up(feed))

    async def _read_up(self, feed: Feed) -> None:
        """Read the rows after the feed's head, once for all its sockets, until there are no more."""
        try:
            while feed.behind and feed.head is not None and self._hub.feeds.get(feed.room_id) is feed:
                feed.behind = False
                events = await in_database(log_reader.rows_after, feed.room_id, feed.head)
                self.deliver(feed.room_id, events)
                feed.behind = feed.behind or len(events) == log_reader.CHUNK
        except Exception:
            # The look at the heads finds this room behind again in a second.
            self._hub.look.again()
            logger.warning("A room's rows could not be read", exc_info=True)
        finally:
            feed.catching_up = False

    def _start_anew(self, feed: Feed) -> None:
        """The room's log is not the one that its sockets were sent: a backup was restored under this process.

        They come back, are judged by the memberships that there are now, and get a `reset` for the hash that they name.
        """
        logger.warning("The database is an earlier one: %d sockets of a room start anew", len(feed.sockets))
        detail = _("The site was put back to an earlier state. You will be back in a moment.")
        for socket in list(feed.sockets):
            socket.bye(protocol.come_back("restored", detail))
            self._hub.leave(socket, feed.room_id)

    async def look(self) -> None:
        """Ask how far the open rooms are, and mend what a lost hint has left behind."""
        feeds = dict(self._hub.feeds)
        known = {
            room_id: None if feed.head is None else head_queries.Head(feed.head, feed.hash)
            for room_id, feed in feeds.items()
        }
        for room_id, now in (await in_database(head_queries.changed, known)).items():
            feed, head = feeds[room_id], known[room_id]
            if now is None:
                self._hub.close_room(room_id)
            elif feed.head is not None and now.seq > feed.head:
                self.catch_up(feed)
            elif head is not None and now.seq <= head.seq:
                # Compared with what it was when asked: it may have gone on since.
                self._start_anew(feed)

    @staticmethod
    def ending_in(socket: Socket, head: int) -> LogEvent | None:
        """Return the row after ``head`` that ends the membership of a socket's owner, if it has come meanwhile."""
        for event in socket.backlog or ():
            if event.seq > head and event.kind in ENDINGS and event.subject_id == socket.user_id:
                return event
        return None
