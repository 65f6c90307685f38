"""The hub: one per process. It brings each room's log to the sockets that are in the room, in order and without a gap.

The database is the truth; what is announced, here or by the channel layer, is a hint that there is more to read.
A feed's ``head`` is the last row that its sockets were sent: the next one is passed on at once, a gap is read first.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from typing import Any
from uuid import UUID

from django.conf import settings

from chatsite import erasure
from rooms import errors, limits
from rooms.events import person_json
from rooms.models import Message
from rooms.realtime import protocol, reading
from rooms.realtime.backpressure import Backpressure
from rooms.realtime.delivery import ENDINGS, Delivery
from rooms.realtime.exchange import Exchange
from rooms.realtime.feed import MAX_UNACKED, Feed
from rooms.realtime.frames import Frame
from rooms.realtime.look import LOOK_EVERY, Look
from rooms.realtime.metrics import counts
from rooms.realtime.people import People
from rooms.realtime.presence import Move, Presence, presence
from rooms.realtime.reading import LogEvent
from rooms.realtime.readonly import ReadOnlyNews
from rooms.realtime.relay import Relay
from rooms.realtime.sockets import Socket
from rooms.realtime.threads import in_database
from rooms.realtime.unread import UNREAD_EVERY, Unread
from rooms.realtime.visits import VISITS_EVERY, Visits

logger = logging.getLogger(__name__)

# Seconds between two `head` events: a client that hears nothing for longer knows that its line is dead. As often as
# chatsite.serve pings who is quiet (PING_INTERVAL), since both then travel as one. In each second some of the rooms
# have their turn: to all at once it would hold up those who talk.
HEAD_EVENT_EVERY = 12
# Seconds between two looks at who has gone and who does not keep up.
UPKEEP_EVERY = 1.0


def head_frame(seq: int) -> Frame:
    return Frame([protocol.encode({"type": "head", "seq": seq})], pings=True)


class Hub:
    """Everything here runs on one event loop; ``call`` is the way in from other threads."""

    def __init__(self, loop: asyncio.AbstractEventLoop, presence: Presence = presence) -> None:
        self.feeds: dict[UUID, Feed] = {}
        self.presence = presence
        self.loop = loop
        self.delivery = Delivery(self)
        self.relay = Relay(self.delivery.deliver, self.hear)
        self.look = Look(self)
        self.people = People(self)
        self.backpressure = Backpressure(self)
        self.unread = Unread(self)
        self.visits = Visits()
        self.read_only = ReadOnlyNews(self)
        self.exchange = Exchange(
            presence,
            settings.REDIS_URL,
            tell=self.relay.tell_all,
            call=self.call,
            show=self.show_elsewhere,
        )
        self._calls: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()
        self._woken = False
        # While calls are made, of which some pass on rows: they are flushed together.
        self.is_calling = False
        # What a client says from then on is not heard: it stays in the outbox, for the process that comes after.
        self.is_draining = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn = 0
        self.run(self._every(LOOK_EVERY, self.look.look))
        self.run(self._every(UPKEEP_EVERY, self._keep_up))
        self.run(self._every(UNREAD_EVERY, self.unread.look))
        self.run(self._every(1.0, self._send_heads))
        self.run(self._every(VISITS_EVERY, self.visits.store))
        if settings.SQLITE:
            self.run(self._every(erasure.CUT_EVERY, self._cut_log))
        else:
            self.run(self._every(limits.EXCHANGE_EVERY, self._exchange_limits))
        self.run(self.relay.run())
        self.run(self.exchange.run())

    # --- From other threads -----------------------------------------------------------------------------------------

    def call(self, function: Callable[..., None], *args: Any) -> None:
        """Call ``function`` on the loop, in the order of the calls; many calls wake the loop once."""
        self._calls.append((function, args))
        if not self._woken:
            self._woken = True
            self.loop.call_soon_threadsafe(self._run_calls)

    def _run_calls(self) -> None:
        self._woken, self.is_calling = False, True
        for _call in range(len(self._calls)):
            function, args = self._calls.popleft()
            try:
                function(*args)
            except Exception:
                # What waits behind it are other people's messages and answers.
                logger.exception("A call into the hub failed")
        self.is_calling = False
        self.delivery.flush()

    # --- In and out -------------------------------------------------------------------------------------------------

    async def enter(self, socket: Socket, room_id: UUID, *, after: int | None, known_hash: str | None) -> None:
        """Bring ``socket`` into the room: registered first, then sent what it lacks, then live: it misses nothing."""
        feed = self.feeds.get(room_id) or self._open(room_id)
        feed.sockets[socket] = None
        feed.entering.add(socket)
        self.people.add(socket, room_id)
        try:
            # What is committed from here on is delivered to the socket's backlog; what was committed before, it reads.
            await asyncio.shield(feed.opened)
            entry = await in_database(reading.enter, room_id, socket.user, after, known_hash)
        except BaseException:
            self._forget(feed, socket)
            raise
        if socket.closed:
            return
        if ending := self.delivery.ending_in(socket, entry.head):
            # Taken out between being admitted and coming in: sent the row that says so, and nothing that follows it.
            socket.backlog = [event for event in socket.backlog or [] if event.seq <= ending.seq]
            self._greet(socket, room_id, entry)
            feed.let_live(socket, self.loop.time())
            self.close(socket, room_id, ENDINGS[Message.Kind(ending.kind)]())
            return
        self.visits.note(socket.user_id, entry.membership_id)
        self.people.enter(socket, entry.room)
        self._greet(socket, room_id, entry)
        feed.let_live(socket, self.loop.time())
        self.backpressure.relieve(socket.user_id)

    def enter_lobby(self, socket: Socket) -> None:
        """Let somebody who is in no room hear of those that are theirs."""
        self.people.add(socket, None)
        socket.send({"type": "welcome", "you": person_json(socket.user)})
        socket.go_live(0, self.loop.time())

    def leave(self, socket: Socket, room_id: UUID | None) -> None:
        if room_id is None:
            self.people.discard(socket)
            return
        self.presence.exit(room_id, socket.lease, socket.user_id)
        if feed := self.feeds.get(room_id):
            self._forget(feed, socket)

    def _greet(self, socket: Socket, room_id: UUID, entry: reading.Entry) -> None:
        people = self.presence.people(room_id)
        welcome = protocol.encode(
            {
                "type": "welcome",
                "you": person_json(socket.user),
                "room": entry.room,
                "head": entry.head,
                "present": {"people": people[: protocol.MAX_PRESENT], "count": len(people)},
                "resumed": entry.resumed,
                "read_only": self.read_only.is_on,
            }
        )
        texts = entry.texts
        if not entry.resumed:
            counts.resets += 1
            more = "true" if entry.more else "false"
            texts = [f'{{"type":"reset","messages":{protocol.frame(texts)},"more":{more}}}']
        socket.entered_at = entry.head
        socket.send_encoded([welcome, *texts])

    def _open(self, room_id: UUID) -> Feed:
        feed = self.feeds[room_id] = Feed(room_id)
        feed.opened = self.run(self.delivery.read_head(feed))
        self.relay.subscribe(room_id)
        return feed

    def _forget(self, feed: Feed, socket: Socket) -> None:
        feed.sockets.pop(socket, None)
        feed.entering.discard(socket)
        self.people.discard(socket)
        if not feed.sockets and self.feeds.get(feed.room_id) is feed:
            del self.feeds[feed.room_id]
            self.relay.unsubscribe(feed.room_id)

    # --- The log ----------------------------------------------------------------------------------------------------

    def publish(self, room_id: UUID, events: list[LogEvent]) -> None:
        """Deliver rows that this process has committed, and tell the other processes."""
        self.delivery.deliver(room_id, events)
        self.relay.publish(room_id, events)
        for event in events:
            if event.kind in ENDINGS and event.subject_id:
                # To all, because who is there is shown also where the room is not open.
                news = {"kind": "expelled", "room": room_id.hex, "user": event.subject_id.hex, "at": time.time()}
                self.relay.tell_all(news)

    def note_fan_out(self, committed_at: float) -> None:
        """Called behind a ``publish``: what that sets going is sent in this turn of the loop or the next one."""
        self.loop.call_soon(self.loop.call_soon, lambda: counts.fan_out.observe(time.monotonic() - committed_at))

    async def _send_heads(self) -> None:
        self._turn = (self._turn + 1) % HEAD_EVENT_EVERY
        for room_id, feed in list(self.feeds.items()):
            if room_id.int % HEAD_EVENT_EVERY == self._turn:
                self.send_frame(room_id, head_frame(feed.head or 0))
        frame = head_frame(0)
        for socket in list(self.people.in_lobby):
            if socket.user_id.int % HEAD_EVENT_EVERY == self._turn:
                socket.send_frame(frame)

    # --- Beside the log ---------------------------------------------------------------------------------------------

    def send(self, room_id: UUID, text: str, *, but: UUID | None = None) -> None:
        """Send an event that is no row to everybody in the room, ``but`` to one person."""
        self.send_frame(room_id, Frame([text]), but=but)

    def send_frame(self, room_id: UUID, frame: Frame, *, but: UUID | None = None) -> None:
        feed = self.feeds.get(room_id)
        if feed is None:
            return
        # Rows that came before this go before it.
        feed.flush()
        for socket in feed.sockets:
            # Who is still being read in will be greeted with the present state.
            if socket.backlog is None and socket.user_id != but:
                socket.send_frame(frame)

    def hear(self, news: protocol.Json) -> None:
        """Take what another process tells of its people."""
        match news["kind"]:
            case "typing":
                self.send(UUID(news["room"]), news["text"], but=UUID(news["user"]))
            case "moved":
                self.people.moved_elsewhere(UUID(news["user"]), news["room"], news["at"])
            case "expelled":
                self.people.expelled_elsewhere(UUID(news["user"]), UUID(news["room"]), news["at"])
            case "read" | "lists" | "blocks":
                self.unread.hear(news)
            case "presence":
                self.exchange.hear(news)
            case "signed_out":
                self.people.sign_out_session(news["session"])
            case "suspended":
                self.people.sign_out_user(UUID(news["user"]))
            case "check_in":
                self.people.check_in(UUID(news["user"]))
            case "renamed":
                self.run(self.people.rename(UUID(news["user"])))

    def show_elsewhere(self, rooms: Iterable[UUID], moves: Iterable[Move]) -> None:
        """Show what other processes wrote of their people, and the moves of which no word had come."""
        for room_id in rooms:
            self.people.announce(room_id)
        for move in moves:
            self.run(self.people.moved_unheard(move))

    def rename(self, user_id: UUID) -> None:
        """Show somebody's new name here and in the other processes."""
        self.run(self.people.rename(user_id))
        self.relay.tell_all({"kind": "renamed", "user": user_id.hex})

    def ack(self, socket: Socket, room_id: UUID, seq: int) -> None:
        """Note what a client says that it has received."""
        if feed := self.feeds.get(room_id):
            socket.has_acked = True
            socket.acked = max(socket.acked, feed.ledger.up_to(seq))

    async def _cut_log(self) -> None:
        await in_database(erasure.cut_log)

    async def _exchange_limits(self) -> None:
        await in_database(limits.tally.exchange)

    async def _keep_up(self) -> None:
        """See who has gone, and close who does not keep up. It asks no database, so it goes on without one."""
        self.people.announce_all()
        if settings.SQLITE:
            limits.tally.forget()
        for feed in list(self.feeds.values()):
            if feed.ledger.total > MAX_UNACKED:
                for socket in [socket for socket in feed.sockets if feed.is_too_slow(socket, self.loop.time())]:
                    socket.close_slow()
                    self.leave(socket, feed.room_id)
        self.backpressure.look()

    # --- Who may be here no longer, in whatever process --------------------------------------------------------------

    def sign_out(self, session_digest: str) -> None:
        """Close what was opened with a session, here and in the other processes."""
        self.people.sign_out_session(session_digest)
        self.relay.tell_all({"kind": "signed_out", "session": session_digest})

    def suspend(self, user_id: UUID) -> None:
        self.people.sign_out_user(user_id)
        self.relay.tell_all({"kind": "suspended", "user": user_id.hex})

    def check_in(self, user_id: UUID) -> None:
        """Have all sockets of somebody with another password come back: those of ended sessions are not let in."""
        self.people.check_in(user_id)
        self.relay.tell_all({"kind": "check_in", "user": user_id.hex})

    # --- Endings ----------------------------------------------------------------------------------------------------

    def close(self, socket: Socket, room_id: UUID, error: errors.RoomError) -> None:
        socket.bye(protocol.bye_for(error))
        self.leave(socket, room_id)

    def close_room(self, room_id: UUID) -> None:
        """Tell everybody in the room that it is deleted."""
        feed = self.feeds.get(room_id)
        for socket in list(feed.sockets) if feed else []:
            self.close(socket, room_id, errors.RoomDeleted())

    async def drain(self, events: Iterable[protocol.Json], *, within: float) -> None:
        """Tell each socket to come back at a time of its own, and wait ``within`` seconds until all have been told."""
        # First, so that nobody is told that these people go: they are about to come back to another process.
        letting_go = self.run(self.exchange.let_go())
        storing = self.run(self._try(self.visits.store))
        sockets = [socket for socket, _room in self.people.all()]
        for socket, event in zip(sockets, events, strict=False):
            socket.bye(event)
        told = [asyncio.ensure_future(socket.ended()) for socket in sockets]
        await asyncio.wait([letting_go, storing, *told], timeout=within)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.look.close()

    async def _every(self, seconds: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self._try(work)

    async def _try(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await work()
        except Exception:
            # The next turn may do better; without a next turn nothing would be noticed any more.
            logger.warning("%s failed", work.__qualname__, exc_info=True)

    def run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
