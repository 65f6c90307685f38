"""Who is here: leases held by sockets and by pages that poll, in this process's memory.

A person is here while one lease of theirs lives. A room is told of comings and goings in batches: who goes is announced
only after a few seconds, so a reload is not announced at all.
"""

import itertools
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from accounts.models import User
from rooms.events import Json, person_json

# Seconds after the last lease ended until the room is told: a reload takes less.
GRACE = 4.0
# Seconds that a page which polls stays here after its last poll.
POLL_LEASE = 10.0


@dataclass(slots=True)
class Lease:
    user_id: UUID
    # By the monotonic clock; None while a socket holds it.
    expires: float | None


@dataclass(slots=True)
class RoomPresence:
    leases: dict[str, Lease] = field(default_factory=dict)
    # Who holds a lease, or held one until a moment ago.
    people: dict[UUID, Json] = field(default_factory=dict)
    # When the last lease of somebody who is still announced ended.
    gone_since: dict[UUID, float] = field(default_factory=dict)
    # Whom the room has been told of.
    announced: dict[UUID, Json] = field(default_factory=dict)
    # Of the latest announcement, so that a page which polls is sent the list only when it changed.
    version: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """What the people in a room are told at once."""

    entered: list[Json]
    exited: list[Json]
    count: int


class Presence:
    """Who is in which room. May be called from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._rooms: dict[UUID, RoomPresence] = {}
        # From the clock, so that a page does not take a list of before a restart for today's.
        self._versions = itertools.count(time.time_ns() // 1_000_000)

    def enter(self, room_id: UUID, user: User, lease: str, *, seconds: float | None = None) -> None:
        """Hold or renew a lease: until ``exit``, or for so many seconds."""
        with self._lock:
            room = self._rooms.setdefault(room_id, RoomPresence())
            room.leases[lease] = Lease(user.pk, None if seconds is None else self._clock() + seconds)
            room.people[user.pk] = person_json(user)
            room.gone_since.pop(user.pk, None)

    def exit(self, room_id: UUID, lease: str) -> None:
        with self._lock:
            if room := self._rooms.get(room_id):
                self._end(room, lease)

    def expel(self, room_id: UUID, user_id: UUID) -> None:
        """Take somebody out at once, whatever leases they hold."""
        with self._lock:
            if room := self._rooms.get(room_id):
                for lease in [key for key, held in room.leases.items() if held.user_id == user_id]:
                    self._end(room, lease)
                if user_id in room.gone_since:
                    room.gone_since[user_id] = self._clock() - GRACE

    def flush(self, room_id: UUID) -> Change | None:
        """Return who has come and gone since the last call, if anybody; each change is returned to one caller only."""
        with self._lock:
            room = self._rooms.get(room_id)
            if room is None:
                return None
            self._expire(room)
            here = dict(room.people)
            entered = [person for user_id, person in here.items() if user_id not in room.announced]
            exited = [person for user_id, person in room.announced.items() if user_id not in here]
            room.announced = here
            if not here and not room.leases:
                del self._rooms[room_id]
            if not entered and not exited:
                return None
            room.version = next(self._versions)
            return Change(entered, exited, len(here))

    def people(self, room_id: UUID) -> list[Json]:
        with self._lock:
            room = self._rooms.get(room_id)
            return [] if room is None else list(room.people.values())

    def counts(self, room_ids: Iterable[UUID]) -> dict[UUID, int]:
        with self._lock:
            rooms = {room_id: self._rooms[room_id] for room_id in room_ids if room_id in self._rooms}
            for room in rooms.values():
                self._expire(room)
            return {room_id: len(room.people) for room_id, room in rooms.items()}

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

    def _end(self, room: RoomPresence, lease: str) -> None:
        held = room.leases.pop(lease, None)
        if held and all(other.user_id != held.user_id for other in room.leases.values()):
            room.gone_since[held.user_id] = self._clock()

    def _expire(self, room: RoomPresence) -> None:
        now = self._clock()
        for key in [key for key, held in room.leases.items() if held.expires is not None and held.expires <= now]:
            self._end(room, key)
        for user_id in [user_id for user_id, since in room.gone_since.items() if now - since >= GRACE]:
            del room.gone_since[user_id]
            del room.people[user_id]


presence = Presence()
