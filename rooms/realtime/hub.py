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
from rooms.events import Json
from rooms.realtime.background import BackgroundTasks, CallQueue
from rooms.realtime.connections.backpressure import Backpressure
from rooms.realtime.connections.pollers import Pollers
from rooms.realtime.connections.registry import ConnectionRegistry
from rooms.realtime.connections.session_closer import SessionCloser
from rooms.realtime.connections.sockets import Socket
from rooms.realtime.fanout import account_events
from rooms.realtime.fanout.catch_up import CatchUp
from rooms.realtime.fanout.delivery import Delivery
from rooms.realtime.fanout.heartbeat import Heartbeat
from rooms.realtime.fanout.live_room import LiveRoom
from rooms.realtime.fanout.live_rooms import LiveRooms
from rooms.realtime.fanout.profiles import Profiles
from rooms.realtime.fanout.subscriptions import Subscriptions
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
        self.pollers = Pollers(on_add=self.reconciler.invalidate, clock=loop.time)
        self.pubsub = PubSub(on_rows=self._deliver, on_notice=self.receive)
        self.rooms = LiveRooms(on_open=self._open, on_close=self._close_room)
        self._join_presence()
        self._join_fanout()
        sessions = SessionCloser(self.registry, self.pollers, close=self.subscriptions.close)
        profiles = Profiles(
            self.rooms, self.registry, rename_present=presence.rename, forget_poller=self.pollers.forget_user
        )
        self.accounts = account_events.AccountEvents(
            sessions,
            profiles,
            broadcast=self.pubsub.broadcast,
            start=self.tasks.start,
        )
        self.read_only = ReadOnlyCheck(self.registry, self.pollers)
        self.reconciler.add(self.read_only.check)
        self.reconciler.add(HeadCheck(self.rooms, self.delivery, self.catch_up).check)
        self.reconciler.add(SessionCheck(self.registry, self.pollers, sessions).check)
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
            self.subscriptions,
            flush_soon=self._flush_soon,
            catch_up=self.catch_up.catch_up,
            on_ending=self.moves.expel,
        )
        self.backpressure = Backpressure(self.registry, clock=self.loop.time, disconnect=self.subscriptions.disconnect)
        self.heartbeat = Heartbeat(self.rooms, self.registry)
        self.typing = TypingIndicator(self.rooms, broadcast=self.pubsub.broadcast_to_room, clock=self.loop.time)

    def _join_presence(self) -> None:
        self.announcer = PresenceAnnouncer(self.presence, send=self.rooms.send, loop=self.loop)
        self.visits = LastVisits()
        self.moves = RoomMoves(
            self.presence,
            self.registry,
            announce=self.announcer.announce,
            broadcast=self.pubsub.broadcast,
            visits=self.visits,
        )
        self.subscriptions = Subscriptions(self.rooms, self.registry, moves=self.moves, clock=self.loop.time)
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

    def connect(self, socket: Socket, *, mentions: int) -> None:
        """Greet a socket, which has entered no room yet: its user is told what is new in the rooms of their list."""
        self.registry.add(socket)
        socket.send(welcome(socket.user, mentions=mentions, is_read_only=self.read_only.is_on))
        self.unread.greeted(socket.user_id, mentions)

    def _open(self, room: LiveRoom) -> asyncio.Task[None]:
        self.pubsub.subscribe(room.room_id)
        return self.tasks.start(self.catch_up.read_head(room))

    def _close_room(self, room_id: UUID) -> None:
        self.pubsub.unsubscribe(room_id)
        self.typing.close_room(room_id)

    # --- The log ----------------------------------------------------------------------------------------------------

    def publish(self, room_id: UUID, events: list[LogEvent]) -> None:
        """Deliver rows that this process has committed, and send them to the other processes."""
        self._deliver(room_id, events)
        self.pubsub.publish(room_id, events)
        for event in events:
            if event.subject_id and event.ending():
                self.moves.broadcast_expulsion(room_id, event.subject_id)

    def measure_fan_out(self, committed_at: float) -> None:
        """Called behind a ``publish``: what that starts is sent in this turn of the loop or the next one."""
        self.loop.call_soon(self.loop.call_soon, lambda: counts.fan_out.observe(time.monotonic() - committed_at))

    def _deliver(self, room_id: UUID, events: list[LogEvent]) -> None:
        for event in events:
            if event.subject_id and event.ending():
                self.pollers.forget_user(event.subject_id)
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
            case "read" | "mentions" | "lists" | "blocks":
                self.unread.receive(notice)
            case "presence":
                self.presence_sync.receive(notice)
            case kind if kind in account_events.KINDS:
                self.accounts.receive(notice)

    def _show_merged(self, rooms: Iterable[UUID], moves: Iterable[Move]) -> None:
        for room_id in rooms:
            self.announcer.announce(room_id)
        for move in moves:
            self.moves.show_merged(move)

    # --- Each second, and at the end --------------------------------------------------------------------------------

    async def _keep_up(self) -> None:
        """See who has gone, and close who does not keep up. It asks no database, so it goes on without one."""
        self.announcer.announce_all()
        if settings.SQLITE:
            limits.tally.forget()
        for room in list(self.rooms.by_id.values()):
            for socket in room.slow_sockets(self.loop.time()):
                socket.close_slow()
                self.subscriptions.disconnect(socket)
        self.backpressure.check()
        self.pollers.forget_expired()
        self.rooms.close_unpolled(self.loop.time())

    async def _cut_log(self) -> None:
        await in_database(erasure.cut_log)

    async def _exchange_limits(self) -> None:
        await in_database(limits.tally.exchange)

    async def drain(self, byes: Iterable[Json], *, within: float) -> None:
        """Tell each socket to come back at a time of its own; wait ``within`` seconds at most until all are told."""
        # First, so that no other process announces that these users exit: they are about to come back.
        withdrawing = self.tasks.start(self.presence_sync.withdraw())
        storing = self.tasks.start(self.tasks.attempt(self.visits.store))
        sockets = self.registry.all()
        for socket, bye in zip(sockets, byes, strict=False):
            socket.bye(bye)
        told = [asyncio.ensure_future(socket.ended()) for socket in sockets]
        await asyncio.wait([withdrawing, storing, *told], timeout=within)

    async def stop(self) -> None:
        """Cancel all background work and wait for its end; for tests."""
        await self.tasks.stop()
        await self.reconciler.close()
