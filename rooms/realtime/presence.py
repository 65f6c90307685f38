"""Who is here: leases held by sockets and by pages that poll, in this process's memory.

A person is here while one lease of theirs lives. A room is told of comings and goings in batches: who goes is announced
only after a few seconds, so a reload is not announced at all. Where people are in one room at a time, entering another
ends their presence here at once.
"""

import itertools
import threading
import time
from collections.abc import Callable, Iterable
from uuid import UUID

from django.conf import settings

from accounts.models import User
from rooms.events import Json, person_json
from rooms.realtime.visitors import Change, Lease, RoomPresence, Tab, Visitor

# Seconds after the last lease ended until the room is told: a reload takes less.
GRACE = 4.0
# Seconds that a page which polls stays here after its last poll.
POLL_LEASE = 10.0
# Seconds for which a page that polls is remembered after its last poll, to be told where the person went: browsers
# let a hidden page ask once a minute, or sleep for hours.
TAB_MEMORY = 24 * 60 * 60
# Pages that are remembered for one person: nobody has more, and a script may not fill the memory with names.
TABS_MAX = 50
# Seconds between two looks for pages that may be forgotten.
FORGET_EVERY = 60.0


class MovedOn(Exception):
    """The person has entered another room since this page did: ``room_id``."""

    def __init__(self, room_id: UUID) -> None:
        super().__init__(str(room_id))
        self.room_id = room_id


class Presence:
    """Who is in which room. May be called from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._rooms: dict[UUID, RoomPresence] = {}
        # The rooms in which somebody is a visitor.
        self._whereabouts: dict[UUID, set[UUID]] = {}
        self._tabs: dict[UUID, dict[tuple[UUID, str], Tab]] = {}
        self._forget_at = clock() + FORGET_EVERY
        # From the clock, so that a page does not take a list of before a restart for today's.
        self._versions = itertools.count(time.time_ns() // 1_000_000)

    # --- Coming and going -------------------------------------------------------------------------------------------

    def enter(
        self, room_id: UUID, user: User, lease: str, *, seconds: float | None = None, away: bool = False
    ) -> set[UUID]:
        """Hold or renew a lease, until ``exit`` or for so many seconds; return the rooms that the person left by it."""
        with self._lock:
            return self._enter(room_id, user, lease, seconds, away=away)

    def poll(self, room_id: UUID, user: User, name: str, *, away: bool = False) -> set[UUID] | None:
        """Hold or renew the lease of a page that polls, or raise ``MovedOn`` after a move.

        Its first poll enters, and returns the rooms that the person left by it; the others return None.
        """
        with self._lock:
            tabs = self._tabs.setdefault(user.pk, {})
            tab = tabs.get((room_id, name))
            if tab is not None:
                tab.seen = self._clock()
                if tab.moved_to is not None:
                    raise MovedOn(tab.moved_to)
                self._hold(room_id, user, name, POLL_LEASE, away=away)
                return None
            if len(tabs) >= TABS_MAX:
                del tabs[min(tabs, key=lambda other: tabs[other].seen)]
            tabs[room_id, name] = Tab(time.time(), self._clock())
            return self._enter(room_id, user, name, POLL_LEASE, away=away)

    def exit(self, room_id: UUID, lease: str, user_id: UUID) -> None:
        with self._lock:
            if room := self._rooms.get(room_id):
                self._end(room, user_id, lease)

    def expel(self, room_id: UUID, user_id: UUID) -> None:
        """Take somebody out at once, whatever leases they hold."""
        with self._lock:
            self._take_out(room_id, user_id)

    def move(self, user_id: UUID, room_id: UUID, at: float) -> set[UUID]:
        """End somebody's presence in all rooms but this one, which they entered at ``at``; return those rooms.

        Of two rooms entered in two processes the later one wins in both.
        """
        with self._lock:
            return self._move(user_id, room_id, at)

    def set_away(self, room_id: UUID, lease: str, user_id: UUID, *, away: bool) -> bool:
        """Note that a page is away, or back; return whether the person is seen differently now."""
        with self._lock:
            room = self._rooms.get(room_id)
            visitor = room.visitors.get(user_id) if room else None
            if room is None or visitor is None or lease not in visitor.leases:
                return False
            visitor.leases[lease].away = away
            room.is_stale |= (changed := visitor.judge_away())
            return changed

    def rename(self, user_id: UUID, person: Json) -> None:
        with self._lock:
            for room_id in self._whereabouts.get(user_id, ()):
                room = self._rooms[room_id]
                room.visitors[user_id].person = person
                room.is_stale = True

    # --- Asking -----------------------------------------------------------------------------------------------------

    def flush(self, room_id: UUID) -> Change | None:
        """Return who has come and gone since the last call, if anybody; each change is returned to one caller only."""
        with self._lock:
            room = self._rooms.get(room_id)
            if room is None:
                return None
            self._expire(room_id, room)
            if not room.is_stale:
                return None
            before, now = room.announced, {user_id: visitor.shown() for user_id, visitor in room.visitors.items()}
            room.announced, room.is_stale = now, False
            if not now:
                del self._rooms[room_id]
            if now == before:
                return None
            room.version = next(self._versions)
            return Change.between(before, now)

    def stale_rooms(self) -> list[UUID]:
        """Return the rooms that have something to announce; also forget what time has ended."""
        with self._lock:
            for room_id, room in self._rooms.items():
                self._expire(room_id, room)
            self._forget_tabs()
            return [room_id for room_id, room in self._rooms.items() if room.is_stale]

    def holds(self, room_id: UUID, lease: str, user_id: UUID) -> bool:
        with self._lock:
            room = self._rooms.get(room_id)
            visitor = room.visitors.get(user_id) if room else None
            return visitor is not None and lease in visitor.leases

    def entered_at(self, room_id: UUID, user_id: UUID) -> float:
        """Return when the person entered, by the clock on the wall; 0 where they are not."""
        with self._lock:
            room = self._rooms.get(room_id)
            visitor = room.visitors.get(user_id) if room else None
            return visitor.entered_at if visitor else 0.0

    def people(self, room_id: UUID) -> list[Json]:
        with self._lock:
            room = self._rooms.get(room_id)
            return [] if room is None else [visitor.shown() for visitor in room.visitors.values()]

    def count(self, room_id: UUID) -> int:
        with self._lock:
            room = self._rooms.get(room_id)
            return 0 if room is None else len(room.visitors)

    def counts(self, room_ids: Iterable[UUID]) -> dict[UUID, int]:
        with self._lock:
            rooms = {room_id: self._rooms[room_id] for room_id in room_ids if room_id in self._rooms}
            for room_id, room in rooms.items():
                self._expire(room_id, room)
            return {room_id: len(room.visitors) for room_id, room in rooms.items()}

    def version(self, room_id: UUID) -> int:
        with self._lock:
            room = self._rooms.get(room_id)
            return 0 if room is None else room.version

    def rooms(self) -> list[UUID]:
        with self._lock:
            return list(self._rooms)

    def clear(self) -> None:
        with self._lock:
            self._rooms.clear()
            self._whereabouts.clear()
            self._tabs.clear()

    # --- Under the lock ---------------------------------------------------------------------------------------------

    def _enter(self, room_id: UUID, user: User, lease: str, seconds: float | None, *, away: bool) -> set[UUID]:
        at = time.time()
        self._hold(room_id, user, lease, seconds, away=away).entered_at = at
        return self._move(user.pk, room_id, at) if settings.ONE_ROOM_AT_A_TIME else set()

    def _hold(self, room_id: UUID, user: User, lease: str, seconds: float | None, *, away: bool) -> Visitor:
        room = self._rooms.setdefault(room_id, RoomPresence())
        visitor = room.visitors.get(user.pk)
        if visitor is None:
            visitor = room.visitors[user.pk] = Visitor(person_json(user), time.time())
            self._whereabouts.setdefault(user.pk, set()).add(room_id)
            room.is_stale = True
        visitor.leases[lease] = Lease(None if seconds is None else self._clock() + seconds, away)
        visitor.gone_since = None
        room.is_stale |= visitor.judge_away()
        return visitor

    def _move(self, user_id: UUID, room_id: UUID, at: float) -> set[UUID]:
        left = {
            other
            for other in self._whereabouts.get(user_id, set()) - {room_id}
            if self._rooms[other].visitors[user_id].entered_at <= at
        }
        for other in left:
            self._take_out(other, user_id)
        for (other, _name), tab in self._tabs.get(user_id, {}).items():
            # One whose lease has run out meanwhile, too: a hidden page may ask but once a minute.
            if other != room_id and tab.entered_at <= at:
                tab.moved_to = room_id
        return left

    def _take_out(self, room_id: UUID, user_id: UUID) -> None:
        room = self._rooms.get(room_id)
        if room is not None and room.visitors.pop(user_id, None) is not None:
            self._went(room_id, room, user_id)

    def _went(self, room_id: UUID, room: RoomPresence, user_id: UUID) -> None:
        room.is_stale = True
        rooms = self._whereabouts[user_id]
        rooms.discard(room_id)
        if not rooms:
            del self._whereabouts[user_id]

    def _end(self, room: RoomPresence, user_id: UUID, lease: str) -> None:
        visitor = room.visitors.get(user_id)
        if visitor is not None and lease in visitor.leases:
            del visitor.leases[lease]
            room.is_stale |= visitor.judge_away()
            if not visitor.leases:
                visitor.gone_since = self._clock()

    def _expire(self, room_id: UUID, room: RoomPresence) -> None:
        now = self._clock()
        for user_id, visitor in list(room.visitors.items()):
            for lease in [key for key, held in visitor.leases.items() if held.expires is not None]:
                if (visitor.leases[lease].expires or 0) <= now:
                    self._end(room, user_id, lease)
            if visitor.gone_since is not None and now - visitor.gone_since >= GRACE:
                del room.visitors[user_id]
                self._went(room_id, room, user_id)

    def _forget_tabs(self) -> None:
        if self._clock() < self._forget_at:
            return
        self._forget_at = self._clock() + FORGET_EVERY
        before = self._clock() - TAB_MEMORY
        for user_id, tabs in list(self._tabs.items()):
            for key in [key for key, tab in tabs.items() if tab.seen < before]:
                del tabs[key]
            if not tabs:
                del self._tabs[user_id]


presence = Presence()
