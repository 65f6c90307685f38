"""Who is here: leases held by sockets and by pages that poll in this process, and what other processes tell of theirs.

A person is here while one lease of theirs lives, wherever it is held. A room is told of comings and goings in batches:
who goes is announced only after a few seconds, so a reload is not announced at all. Where people are in one room at a
time, entering another ends their presence here at once. All is in memory, so nobody who asks waits for Redis.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from django.conf import settings

from accounts.models import User
from rooms.events import Json, person_json
from rooms.realtime.presence.occupants import Change, Lease, Place, Stay
from rooms.realtime.presence.polling_tabs import Tabs
from rooms.realtime.presence.state import Whereabouts

# Seconds after the last lease ended until the room is told: a reload takes less.
GRACE = 4.0
# Seconds that a page which polls stays here after its last poll.
POLL_LEASE = 10.0


class MovedOn(Exception):
    """The person has entered another room since this page did: ``room_id``."""

    def __init__(self, room_id: UUID) -> None:
        super().__init__(str(room_id))
        self.room_id = room_id


class Move(NamedTuple):
    """Somebody has entered ``room_id`` in another process and so left the rooms ``left``."""

    user_id: UUID
    room_id: UUID
    left: set[UUID]


class Presence:
    """Who is in which room. May be called from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._where = Whereabouts()
        self._tabs = Tabs(clock)

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
            if tab := self._tabs.see(user.pk, room_id, name):
                if tab.moved_to is not None:
                    raise MovedOn(tab.moved_to)
                self._hold(room_id, user, name, POLL_LEASE, away=away)
                self._where.enter_at((room_id, user.pk), tab.entered_at, anew=False)
                return None
            self._remember(user.pk, room_id, name, entered_at=time.time())
            return self._enter(room_id, user, name, POLL_LEASE, away=away)

    def knows_page(self, room_id: UUID, user_id: UUID, name: str) -> bool:
        """Whether a page that polls has entered already."""
        with self._lock:
            return self._tabs.see(user_id, room_id, name) is not None

    def exit(self, room_id: UUID, lease: str, user_id: UUID) -> None:
        with self._lock:
            self._where.end((room_id, user_id), lease, self._clock() + GRACE)

    def expel(self, room_id: UUID, user_id: UUID, *, before: float | None = None) -> None:
        """Take somebody out at once, whatever leases they hold, unless they have entered anew since ``before``."""
        with self._lock:
            visitor = self._where.visitor((room_id, user_id))
            if visitor is not None and (before is None or visitor.last_entered <= before):
                self._where.take_out((room_id, user_id))

    def move(self, user_id: UUID, room_id: UUID, at: float) -> set[UUID]:
        """End somebody's presence in all rooms but this one, which they entered at ``at``; return those rooms.

        Of two rooms entered in two processes the later one wins in both.
        """
        with self._lock:
            return self._move(user_id, room_id, at)

    def set_away(self, room_id: UUID, lease: str, user_id: UUID, *, away: bool) -> bool:
        """Note that a page is away, or back; return whether the person is seen differently now."""
        with self._lock:
            return self._where.set_away((room_id, user_id), lease, away=away)

    def rename(self, user_id: UUID, person: Json) -> None:
        with self._lock:
            self._where.rename(user_id, person)

    # --- Between processes ------------------------------------------------------------------------------------------

    def share(self, on_untold: Callable[[], None]) -> None:
        """Note from now on what other processes are to be told; ``on_untold`` may be called from any thread."""
        with self._lock:
            self._where.untold = set()
            self._where.on_untold = on_untold

    def take_untold(self) -> set[Place]:
        """Return what has changed since the last call; each change is returned once."""
        with self._lock:
            untold, self._where.untold = self._where.untold or set(), set()
            return untold

    def held_here(self) -> list[Place]:
        with self._lock:
            return self._where.held_here()

    def stays(self, places: Iterable[Place]) -> dict[Place, Stay | None]:
        """Return what other processes are to know of these places; None of who is not here, or no more."""
        with self._lock:
            visitors = {place: self._where.visitor(place) for place in places}
            return {place: visitor.stay() if visitor else None for place, visitor in visitors.items()}

    def hear(self, process: str, stays: Mapping[Place, Stay | None]) -> list[Move]:
        """Take another process's word for who is there, and (None) who is not; return who has moved by it."""
        with self._lock:
            moves = [self._hear(process, place, stay) for place, stay in stays.items()]
            return [move for move in moves if move and move.left]

    def told_by(self, process: str) -> set[Place]:
        with self._lock:
            return self._where.told_by(process)

    def lose(self, process: str, *, grace: float) -> None:
        """Another process is gone: wait so many seconds for its people to come back."""
        with self._lock:
            for place in self._where.told_by(process):
                self._where.unhear(process, place, self._clock() + grace)

    # --- Asking -----------------------------------------------------------------------------------------------------

    def flush(self, room_id: UUID) -> Change | None:
        """Return who has come and gone since the last call, if anybody; each change is returned to one caller only."""
        with self._lock:
            if room_id not in self._where.rooms:
                return None
            self._expire(room_id)
            room = self._where.rooms[room_id]
            if not room.is_stale:
                return None
            before = room.announce()
            if not room.announced:
                del self._where.rooms[room_id]
            return None if room.announced == before else Change.between(before, room.announced)

    def stale_rooms(self) -> list[UUID]:
        """Return the rooms that have something to announce; also forget what time has ended."""
        with self._lock:
            for room_id, room in self._where.rooms.items():
                if room.passing:
                    self._expire(room_id)
            self._tabs.forget()
            return [room_id for room_id, room in self._where.rooms.items() if room.is_stale]

    def holds(self, room_id: UUID, lease: str, user_id: UUID) -> bool:
        with self._lock:
            visitor = self._where.visitor((room_id, user_id))
            return visitor is not None and lease in visitor.leases

    def entered_at(self, room_id: UUID, user_id: UUID) -> float:
        """Return when the person entered in this process, by the clock on the wall; 0 where they did not."""
        with self._lock:
            visitor = self._where.visitor((room_id, user_id))
            return visitor.entered_at if visitor else 0.0

    def people(self, room_id: UUID) -> list[Json]:
        with self._lock:
            room = self._where.rooms.get(room_id)
            return [] if room is None else [visitor.shown() for visitor in room.visitors.values()]

    def count(self, room_id: UUID) -> int:
        with self._lock:
            room = self._where.rooms.get(room_id)
            return 0 if room is None else len(room.visitors)

    def counts(self, room_ids: Iterable[UUID]) -> dict[UUID, int]:
        with self._lock:
            there = [room_id for room_id in room_ids if room_id in self._where.rooms]
            for room_id in there:
                self._expire(room_id)
            return {room_id: len(self._where.rooms[room_id].visitors) for room_id in there}

    def version(self, room_id: UUID) -> int:
        with self._lock:
            room = self._where.rooms.get(room_id)
            return 0 if room is None else room.version

    def rooms(self) -> list[UUID]:
        with self._lock:
            return list(self._where.rooms)

    def clear(self) -> None:
        with self._lock:
            self._where.clear()
            self._tabs.clear()

    # --- Under the lock ---------------------------------------------------------------------------------------------

    def _enter(self, room_id: UUID, user: User, lease: str, seconds: float | None, *, away: bool) -> set[UUID]:
        at = time.time()
        self._hold(room_id, user, lease, seconds, away=away)
        self._where.enter_at((room_id, user.pk), at)
        return self._move(user.pk, room_id, at) if settings.ONE_ROOM_AT_A_TIME else set()

    def _hold(self, room_id: UUID, user: User, name: str, seconds: float | None, *, away: bool) -> None:
        lease = Lease(None if seconds is None else self._clock() + seconds, away)
        self._where.hold((room_id, user.pk), person_json(user), name, lease)

    def _remember(self, user_id: UUID, room_id: UUID, name: str, *, entered_at: float) -> None:
        """Note a page that polls; one that is forgotten for it holds no lease any more."""
        if forgotten := self._tabs.remember(user_id, room_id, name, entered_at=entered_at):
            self._where.end((forgotten[0], user_id), forgotten[1], self._clock() + GRACE)

    def _move(self, user_id: UUID, room_id: UUID, at: float) -> set[UUID]:
        others = [(other, user_id) for other in self._where.rooms_of(user_id) - {room_id}]
        left = [place for place in others if (there := self._where.visitor(place)) and there.last_entered <= at]
        for place in left:
            self._where.take_out(place)
        self._tabs.move(user_id, room_id, at)
        return {other for other, _user_id in left}

    def _hear(self, process: str, place: Place, stay: Stay | None) -> Move | None:
        room_id, user_id = place
        if stay is None:
            self._where.unhear(process, place, self._clock() + GRACE)
            return None
        for name in stay.tabs:
            self._remember(user_id, room_id, name, entered_at=stay.entered_at)
        if self._where.hear(process, place, stay) and settings.ONE_ROOM_AT_A_TIME:
            return Move(user_id, room_id, self._move(user_id, room_id, stay.entered_at))
        return None

    def _expire(self, room_id: UUID) -> None:
        now = self._clock()
        self._where.expire(room_id, now, now + GRACE)


presence = Presence()
