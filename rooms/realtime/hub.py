"""The hub: one per process. It joins the parts of live delivery, and is the way in from requests and other processes.

The parts know each other only by what the hub hands them: a registry, ``send``, ``close``, a clock. The database is the
truth; what is announced, here or by the channel layer, is a hint that there is more to read.
"""

import asyncio
import time
from collections.abc import Iterable
from uuid import UUID

from django.conf import settings

from chatsite.ops import erasure
from rooms import limits
from rooms.events import Json, person_json
from rooms.realtime import protocol
from rooms.realtime.background import BackgroundTasks, CallQueue
from rooms.realtime.connections.backpressure import Backpressure
from rooms.realtime.connections.registry import ConnectionRegistry
from rooms.realtime.connections.session_closer import SessionCloser
from rooms.realtime.connections.sockets import Socket
from rooms.realtime.fanout import account_events, log_reader
from rooms.realtime.fanout.catch_up import CatchUp
from rooms.realtime.fanout.delivery import Delivery
from rooms.realtime.fanout.heartbeat import Heartbeat
from rooms.realtime.fanout.live_room import LiveRoom
from rooms.realtime.fanout.live_rooms import LiveRooms
from rooms.realtime.fanout.profiles import Profiles
from rooms.realtime.fanout.typing import TypingIndicator
from rooms.realtime.fanout.welcome import welcome
from rooms.realtime.log_events import LogEvent
from rooms.realtime.metrics import counts
from rooms.realtime.presence.announcer import PresenceAnnouncer
from rooms.realtime.presence.last_visits import VISITS_EVERY, LastVisits
from rooms.realtime.presence.room_moves import RoomMoves
from rooms.realtime.presence.tracker import Move, Presence, presence
from rooms.realtime.reconcile.head_check import HeadCheck
from rooms.realtime.reconcile.profile_check import ProfileCheck
from rooms.realtime.reconcile.read_only_check import ReadOnlyCheck
from rooms.realtime.reconcile.reconciler import RECONCILE_EVERY, Reconciler
from rooms.realtime.reconcile.session_check import SessionCheck
from rooms.realtime.redis.presence_sync import PresenceSync
from rooms.realtime.redis.pubsub import PubSub
from rooms.realtime.threads import in_database
from rooms.realtime.unread.notifier import UNREAD_EVERY, UnreadNotifier

# Seconds between two checks of who has gone and who does not keep up.
UPKEEP_EVERY = 1.0
# Seconds between two turns of the heartbeat.
HEARTBEAT_EVERY = 1.0


class Hub:
    """Everything here runs on one event loop, but for ``call``, which is the way in from other threads."""

    def __init__(self, loop: asyncio.AbstractEventLoop, presence: Presence = presence) -> None:
        self.loop = loop
        self.presence = presence
        # True before the process ends: what a client sends stays in its outbox, for the process that comes after.
        self.is_draining = False
        self.tasks = BackgroundTasks(loop)
        self._calls = CallQueue(loop, then=self._flush)
        self.call = self._calls.call
        self.reconciler = Reconciler()
        # A session that was recognised a moment ago may have ended since, before the reconciler's last run.
        self.registry = ConnectionRegistry(on_add=self.reconciler.invalidate)
        self.pubsub = PubSub(on_rows=self._deliver, on_notice=self.receive)
        self.rooms = LiveRooms(on_open=self._open, on_close=self._close_room)
        self._join_presence()
        self._join_fanout()
        sessions = SessionCloser(self.registry, close=self.close)
        profiles = Profiles(self.rooms, self.registry, rename_present=presence.rename)
        self.accounts = account_events.AccountEvents(
            sessions,
            profiles,
            broadcast=self.pubsub.broadcast,
            start=self.tasks.start,
        )
        self.read_only = ReadOnlyCheck(self.rooms, self.registry)
        self.reconciler.add(self.read_only.check)
        self.reconciler.add(HeadCheck(self.rooms, self.delivery, self.catch_up).check)
        self.reconciler.add(SessionCheck(self.registry, sessions).check)
        self.reconciler.add(ProfileCheck(profiles).check)
        self.unread = UnreadNotifier(
            self.registry, broadcast=self.pubsub.broadcast, read_token=self.reconciler.read_token
        )
        self._start()

    def _join_fanout(self) -> None:
        self.catch_up = CatchUp(
            self.rooms, start=self.tasks.start, deliver=self._deliver, on_gap=self.reconciler.invalidate
        )
        self.delivery = Delivery(
            self.rooms,
            flush_soon=self._flush_soon,
            catch_up=self.catch_up.catch_up,
            close=self.close,
            on_ending=self.moves.expel,
        )
        self.backpressure = Backpressure(self.registry, clock=self.loop.time, leave=self.leave)
        self.heartbeat = Heartbeat(self.rooms, self.registry)
        self.typing = TypingIndicator(self.rooms, broadcast=self.pubsub.broadcast_to_room, clock=self.loop.time)

    def _join_presence(self) -> None:
        self.announcer = PresenceAnnouncer(self.presence, send=self.rooms.send, loop=self.loop)
        self.moves = RoomMoves(
            self.presence,
            self.registry,
            announce=self.announcer.announce,
            broadcast=self.pubsub.broadcast,
            close=self.close,
        )
        self.visits = LastVisits()
        self.presence_sync = PresenceSync(
            self.presence,
            settings.REDIS_URL,
            broadcast=self.pubsub.broadcast,
            call=self.call,
            on_merged=self._show_merged,
        )

    def _start(self) -> None:
        self.tasks.every(RECONCILE_EVERY, self.reconciler.run)
        self.tasks.every(UPKEEP_EVERY, self._keep_up)
        self.tasks.every(UNREAD_EVERY, self.unread.run)
        self.tasks.every(HEARTBEAT_EVERY, self.heartbeat.beat)
        self.tasks.every(VISITS_EVERY, self.visits.store)
        if settings.SQLITE:
            self.tasks.every(erasure.CUT_EVERY, self._cut_log)
        else:
            self.tasks.every(limits.EXCHANGE_EVERY, self._exchange_limits)
        self.tasks.start(self.pubsub.run())
        self.tasks.start(self.presence_sync.run())

    # --- Sockets in and out -----------------------------------------------------------------------------------------

    async def enter(self, socket: Socket, room_id: UUID, *, after: int | None, known_hash: str | None) -> None:
        """Bring ``socket`` into the room: registered first, then sent what it lacks, then live, so it misses nothing.

        Waits for the database; raises a ``RoomError`` if the user is not admitted, and what the database raises.
        """
        room = self.rooms.add(socket, room_id)
        self.registry.add(socket, room_id)
        try:
            # What is committed from here on is delivered to the socket's backlog; what was committed before, it reads.
            await asyncio.shield(room.opened)
            entry = await in_database(log_reader.read_entry, room_id, socket.user, after, known_hash)
        except BaseException:
            self._forget(socket, room)
            raise
        if socket.closed:
            return
        if ending := self.delivery.ending_in(socket, entry.head):
            # The membership ended while the socket entered: it is sent the row that says so, and nothing that follows.
            socket.backlog = [event for event in socket.backlog or [] if event.seq <= ending.seq]
            self._greet(socket, room, entry)
            if error := ending.ending():
                self.close(socket, room_id, protocol.bye_for(error))
            return
        self.visits.note(socket.user_id, entry.membership_id)
        self.moves.enter(socket, entry.room)
        self._greet(socket, room, entry)
        self.backpressure.relieve(socket.user_id)

    def enter_lobby(self, socket: Socket) -> None:
        """Connect a user who is in no room: they are told what is new in the rooms of their list."""
        self.registry.add(socket, None)
        socket.send({"type": "welcome", "you": person_json(socket.user)})
        socket.go_live(0, self.loop.time())

    def leave(self, socket: Socket, room_id: UUID | None) -> None:
        """Take a socket out of its room (None: the lobby), which it may have left already."""
        if room_id is None:
            self.registry.discard(socket)
            return
        self.presence.exit(room_id, socket.lease, socket.user_id)
        if room := self.rooms.get(room_id):
            self._forget(socket, room)

    def close(self, socket: Socket, room_id: UUID | None, bye: Json) -> None:
        """Send a socket why it is closed, close it, and take it out of its room (None: the lobby)."""
        socket.bye(bye)
        self.leave(socket, room_id)

    def ack(self, socket: Socket, room_id: UUID, seq: int) -> None:
        """Note what a client says that it has received."""
        if room := self.rooms.get(room_id):
            room.ack(socket, seq)

    def _greet(self, socket: Socket, room: LiveRoom, entry: log_reader.Entry) -> None:
        if not entry.resumed:
            counts.resets += 1
        socket.entered_at = entry.head
        # What the room was told last. What it is told next goes to this socket, too, which is live from here on.
        present = self.presence.greeting(room.room_id, socket.user_id)
        socket.send_encoded(welcome(socket.user, entry, present, is_read_only=self.read_only.is_on))
        room.go_live(socket, self.loop.time())

    def _forget(self, socket: Socket, room: LiveRoom) -> None:
        self.registry.discard(socket)
        self.rooms.discard(socket, room)

    def _open(self, room: LiveRoom) -> asyncio.Task[None]:
        self.pubsub.subscribe(room.room_id)
        return self.tasks.start(self.catch_up.read_head(room))

    def _close_room(self, room_id: UUID) -> None:
        self.pubsub.unsubscribe(room_id)
        self.typing.close_room(room_id)

    # --- The log ----------------------------------------------------------------------------------------------------

    def publish(self, room_id: UUID, events: list[LogEvent]) -> None:
        """Deliver rows that this process has committed, and send them to the other processes."""
        self.delivery.deliver(room_id, events)
        self.pubsub.publish(room_id, events)
        for event in events:
            if event.subject_id and event.ending():
                self.moves.broadcast_expulsion(room_id, event.subject_id)

    def measure_fan_out(self, committed_at: float) -> None:
        """Called behind a ``publish``: what that starts is sent in this turn of the loop or the next one."""
        self.loop.call_soon(self.loop.call_soon, lambda: counts.fan_out.observe(time.monotonic() - committed_at))

    def _deliver(self, room_id: UUID, events: list[LogEvent]) -> None:
        self.delivery.deliver(room_id, events)

    def _flush(self) -> None:
        self.delivery.flush()

    def _flush_soon(self) -> None:
        # The calls of one batch are flushed together, after it.
        if not self._calls.is_running:
            self.loop.call_soon(self._flush)

    # --- Other processes --------------------------------------------------------------------------------------------

    def receive(self, notice: Json) -> None:
        """Take another process's notice. The kinds and their fields are shared with processes of other releases."""
        match notice["kind"]:
            case "typing":
                self.typing.receive(notice)
            case "moved":
                self.moves.receive_move(notice)
            case "expelled":
                self.moves.receive_expulsion(notice)
            case "read" | "lists" | "blocks":
                self.unread.receive(notice)
            case "presence":
                self.presence_sync.receive(notice)
            case kind if kind in account_events.KINDS:
                self.accounts.receive(notice)

    def _show_merged(self, rooms: Iterable[UUID], moves: Iterable[Move]) -> None:
        for room_id in rooms:
            self.announcer.announce(room_id)
        for move in moves:
            self.tasks.start(self.moves.show_merged(move))

    # --- Each second, and at the end --------------------------------------------------------------------------------

    async def _keep_up(self) -> None:
        """See who has gone, and close who does not keep up. It asks no database, so it goes on without one."""
        self.announcer.announce_all()
        if settings.SQLITE:
            limits.tally.forget()
        for room in list(self.rooms.by_id.values()):
            for socket in room.slow_sockets(self.loop.time()):
                socket.close_slow()
                self.leave(socket, room.room_id)
        self.backpressure.check()

    async def _cut_log(self) -> None:
        await in_database(erasure.cut_log)

    async def _exchange_limits(self) -> None:
        await in_database(limits.tally.exchange)

    async def drain(self, byes: Iterable[Json], *, within: float) -> None:
        """Tell each socket to come back at a time of its own; wait ``within`` seconds at most until all are told."""
        # First, so that no other process announces that these users exit: they are about to come back.
        withdrawing = self.tasks.start(self.presence_sync.withdraw())
        storing = self.tasks.start(self.tasks.attempt(self.visits.store))
        sockets = [socket for socket, _room in self.registry.all()]
        for socket, bye in zip(sockets, byes, strict=False):
            socket.bye(bye)
        told = [asyncio.ensure_future(socket.ended()) for socket in sockets]
        await asyncio.wait([withdrawing, storing, *told], timeout=within)

    async def stop(self) -> None:
        """Cancel all background work and wait for its end; for tests."""
        await self.tasks.stop()
        await self.reconciler.close()
