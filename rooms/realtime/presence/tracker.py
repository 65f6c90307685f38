"""Who is here: the leases of this process's sockets and polling tabs, merged with other processes' records.

A user is in a room while one lease of theirs lives, in whatever process. Rooms are told in batches: an exit is
announced only after a grace period, so a reload is not announced at all. With ONE_ROOM_AT_A_TIME, entering a room ends
the user's presence in the others at once. All of it is in memory, so nobody who asks waits for Redis.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from django.conf import settings

from accounts.models import User
from rooms.events import Json, person_json
from rooms.realtime import protocol
from rooms.realtime.presence.occupants import Lease, PresenceKey, PresenceRecord
from rooms.realtime.presence.polling_tabs import PollingTabs
from rooms.realtime.presence.room_presence import Change, PresentList
from rooms.realtime.presence.state import PresenceState

# Seconds from the end of a user's last lease until the room is told: a reload takes less.
GRACE = 4.0
# Seconds that a tab's lease lasts after its last poll.
POLL_LEASE = 10.0


class Polled(NamedTuple):
    """What came of a poll: the tab holds a lease, or its user has moved on."""

    # When the tab entered, in wall-clock seconds.
    since: float
    # The room that the user has entered since; the tab holds no lease.
    moved_to: UUID | None = None
    # By an entry: the rooms that the user left. None: the tab was here before.
    left: set[UUID] | None = None


class Move(NamedTuple):
    """A user has entered ``room_id`` in another process and so left the rooms ``left``."""

    user_id: UUID
    room_id: UUID
    left: set[UUID]


class Presence:
    """Thread-safe, and never waits for anything but its own lock, which is held for microseconds.

    ``clock`` is monotonic and times the leases; ``wall_clock`` is compared between processes.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, wall_clock: Callable[[], float] = time.time
    ) -> None:
        self._clock = clock
        self._wall_clock = wall_clock
        self._lock = threading.Lock()
        self._state = PresenceState()
        self._tabs = PollingTabs(clock)

    # --- Enter and exit ---------------------------------------------------------------------------------------------

    def enter(
        self, room_id: UUID, user: User, lease: str, *, seconds: float | None = None, away: bool = False
    ) -> set[UUID]:
        """Hold a lease, for ``seconds`` or until ``exit``; return the rooms that the user left by entering."""
        with self._lock:
            return self._enter(room_id, user, lease, self._lease(seconds, away=away), self._wall_clock())

    def poll(self, room_id: UUID, user: User, name: str, *, since: float | None = None, away: bool = False) -> Polled:
        """Hold or renew the lease of a polling tab, unless its user has entered another room since it did.

        The tab's first poll enters. ``since`` is what its last one returned: it may have been another process's, of
        which this one has not heard.
        """
        with self._lock:
            is_news = self._is_news(user.pk, room_id, name, since)
            if is_news and since is not None:
                # No later than now, whatever another machine's clock, or the client, says.
                self._hear_of_tab(user.pk, room_id, name, min(since, self._wall_clock()))
            tab, lease = self._tabs.touch(user.pk, room_id, name), self._lease(POLL_LEASE, away=away)
            if tab is None:
                at = self._wall_clock()
                self._remember(user.pk, room_id, name, entered_at=at)
                return Polled(at, left=self._enter(room_id, user, name, lease, at))
            if tab.moved_to is not None:
                return Polled(tab.entered_at, moved_to=tab.moved_to)
            if is_news:
                left = self._enter(room_id, user, name, lease, tab.entered_at)
                return Polled(tab.entered_at, left=left)
            self._hold(room_id, user, name, lease)
            self._state.set_entered((room_id, user.pk), tab.entered_at, anew=False)
            return Polled(tab.entered_at)

    def knows_tab(self, room_id: UUID, user_id: UUID, name: str, since: float | None = None) -> bool:
        """Return whether a polling tab has entered already, by a poll that returned ``since``, if one did."""
        with self._lock:
            return not self._is_news(user_id, room_id, name, since)

    def exit(self, room_id: UUID, lease: str, user_id: UUID) -> None:
        """End a lease; the user's grace period begins if it was their last."""
        with self._lock:
            self._state.release((room_id, user_id), lease, self._clock() + GRACE)

    def expel(self, room_id: UUID, user_id: UUID, *, before: float | None = None) -> None:
        """Remove a user whose membership has ended, whatever leases they hold.

        Whoever has entered anew since ``before`` (wall-clock seconds) is a member again and stays. All who learn of an
        ended membership call this: on commit, from the room's log, from another process, or by a poll that is refused.
        """
        with self._lock:
            occupant = self._state.occupant((room_id, user_id))
            if occupant is not None and (before is None or occupant.last_entered <= before):
                self._state.remove((room_id, user_id))

    def move(self, user_id: UUID, room_id: UUID, at: float, *, tab: str | None = None) -> set[UUID]:
        """End the user's presence in all rooms but this one, which they entered at ``at``; return those rooms.

        If a user enters two rooms in two processes, the later entry wins in both. ``tab`` is the name of the polling
        tab by which they entered, if any: its next poll may come here, and is no entry.
        """
        with self._lock:
            if tab is not None:
                self._hear_of_tab(user_id, room_id, tab, at)
            return self._move(user_id, room_id, at)

    def set_away(self, room_id: UUID, lease: str, user_id: UUID, *, away: bool) -> bool:
        """Set one connection away or back; return whether the user is shown differently now."""
        with self._lock:
            return self._state.set_away((room_id, user_id), lease, away=away)

    def rename(self, user_id: UUID, person: Json) -> None:
        with self._lock:
            self._state.rename(user_id, person)

    # --- Between processes ------------------------------------------------------------------------------------------

    def publish_changes(self, on_change: Callable[[], None]) -> None:
        """Collect from now on what changes, for other processes; ``on_change`` may be called from any thread."""
        with self._lock:
            self._state.unpublished = set()
            self._state.on_unpublished = on_change

    def take_unpublished(self) -> set[PresenceKey]:
        """Return what has changed since the last call; each change is returned once."""
        with self._lock:
            unpublished, self._state.unpublished = self._state.unpublished or set(), set()
            return unpublished

    def local_keys(self) -> list[PresenceKey]:
        """Return the keys for which this process holds a lease."""
        with self._lock:
            return self._state.local_keys()

    def records(self, keys: Iterable[PresenceKey]) -> dict[PresenceKey, PresenceRecord | None]:
        """Return what to publish of these keys; None for a user without a lease in this process."""
        with self._lock:
            occupants = {key: self._state.occupant(key) for key in keys}
            return {key: occupant.record() if occupant else None for key, occupant in occupants.items()}

    def merge(self, process: str, records: Mapping[PresenceKey, PresenceRecord | None]) -> list[Move]:
        """Merge another process's records (None: taken back); return the moves that they brought."""
        with self._lock:
            moves = [self._merge(process, key, record) for key, record in records.items()]
            return [move for move in moves if move and move.left]

    def keys_from(self, process: str) -> set[PresenceKey]:
        """Return the keys of the records that are merged of a process."""
        with self._lock:
            return self._state.keys_from(process)

    def lose_process(self, process: str, *, grace: float) -> None:
        """Another process has ended: give its users ``grace`` seconds to come back."""
        with self._lock:
            for key in self._state.keys_from(process):
                self._state.retract(process, key, self._clock() + grace)

    # --- Queries ----------------------------------------------------------------------------------------------------

    def flush(self, room_id: UUID) -> Change | None:
        """Return what has changed since the last call, if anything, and is announced from now on.

        Each change is returned to one caller only, who tells the room's sockets before anybody is welcomed.
        """
        with self._lock:
            if room_id not in self._state.rooms:
                return None
            self._expire(room_id)
            room = self._state.rooms[room_id]
            if not room.is_stale:
                return None
            change = room.announce()
            if not room.announced:
                del self._state.rooms[room_id]
            return change or None

    def stale_rooms(self) -> list[UUID]:
        """Return the rooms that have something to announce. Called once a second, it also expires leases and tabs."""
        with self._lock:
            for room_id, room in self._state.rooms.items():
                if room.expiring:
                    self._expire(room_id)
            self._tabs.forget()
            return [room_id for room_id, room in self._state.rooms.items() if room.is_stale]

    def holds(self, room_id: UUID, lease: str, user_id: UUID) -> bool:
        """Return whether the user's lease lives."""
        with self._lock:
            occupant = self._state.occupant((room_id, user_id))
            return occupant is not None and lease in occupant.leases

    def entered_at(self, room_id: UUID, user_id: UUID) -> float:
        """Return when the user entered in this process, in wall-clock seconds; 0 if they did not."""
        with self._lock:
            occupant = self._state.occupant((room_id, user_id))
            return occupant.entered_at if occupant else 0.0

    def snapshot(self, room_id: UUID) -> Json:
        """Return who is here as the room was told last: ``MAX_PRESENT`` people at most, the count, and the version."""
        with self._lock:
            room = self._state.rooms.get(room_id)
            people, version = room.listed() if room else PresentList([], 0)
        return {"version": version, **_shown(people)}

    def greeting(self, room_id: UUID, user_id: UUID) -> Json:
        """Return the same without the version for a user who has just entered, and whom the list names already."""
        with self._lock:
            room = self._state.rooms.get(room_id)
            return _shown(room.greet(user_id) if room else [])

    def people(self, room_id: UUID) -> list[Json]:
        """Return who is in the room at this moment, announced or not, as JSON, away state included."""
        with self._lock:
            room = self._state.rooms.get(room_id)
            return [] if room is None else [occupant.shown() for occupant in room.occupants.values()]

    def count(self, room_id: UUID) -> int:
        with self._lock:
            room = self._state.rooms.get(room_id)
            return 0 if room is None else len(room.occupants)

    def counts(self, room_ids: Iterable[UUID]) -> dict[UUID, int]:
        """Return how many users are in each of these rooms; a room where nobody was lately is left out."""
        with self._lock:
            there = [room_id for room_id in room_ids if room_id in self._state.rooms]
            for room_id in there:
                self._expire(room_id)
            return {room_id: len(self._state.rooms[room_id].occupants) for room_id in there}

    def version(self, room_id: UUID) -> int:
        """Return the number of the list that was announced last; 0 for an empty one."""
        with self._lock:
            room = self._state.rooms.get(room_id)
            return 0 if room is None else room.version

    def rooms(self) -> list[UUID]:
        with self._lock:
            return list(self._state.rooms)

    def clear(self) -> None:
        with self._lock:
            self._state.clear()
            self._tabs.clear()

    # --- Under the lock ---------------------------------------------------------------------------------------------

    def _enter(self, room_id: UUID, user: User, name: str, lease: Lease, at: float) -> set[UUID]:
        self._hold(room_id, user, name, lease)
        self._state.set_entered((room_id, user.pk), at)
        return self._move(user.pk, room_id, at) if settings.ONE_ROOM_AT_A_TIME else set()

    def _hold(self, room_id: UUID, user: User, name: str, lease: Lease) -> None:
        self._state.hold((room_id, user.pk), person_json(user), name, lease)

    def _lease(self, seconds: float | None, *, away: bool) -> Lease:
        return Lease(None if seconds is None else self._clock() + seconds, away)

    def _remember(self, user_id: UUID, room_id: UUID, name: str, *, entered_at: float) -> None:
        """Remember a polling tab; a tab that is forgotten for it holds no lease any more."""
        if forgotten := self._tabs.remember(user_id, room_id, name, entered_at=entered_at):
            self._state.release((forgotten[0], user_id), forgotten[1], self._clock() + GRACE)

    def _is_news(self, user_id: UUID, room_id: UUID, name: str, since: float | None) -> bool:
        """Return whether a tab is not known, or has entered anew since it was heard of."""
        tab = self._tabs.get(user_id, room_id, name)
        return tab is None or (since is not None and since > tab.entered_at)

    def _hear_of_tab(self, user_id: UUID, room_id: UUID, name: str, at: float) -> None:
        """Remember a tab that has entered in another process, and where its user has gone since, as far as is known."""
        self._remember(user_id, room_id, name, entered_at=at)
        if settings.ONE_ROOM_AT_A_TIME:
            for other in self._state.rooms_of(user_id) - {room_id}:
                there = self._state.occupant((other, user_id))
                if there is not None and there.last_entered > at:
                    self._tabs.move(user_id, other, there.last_entered)

    def _move(self, user_id: UUID, room_id: UUID, at: float) -> set[UUID]:
        others = [(other, user_id) for other in self._state.rooms_of(user_id) - {room_id}]
        left = [key for key in others if (there := self._state.occupant(key)) and there.last_entered <= at]
        for key in left:
            self._state.remove(key)
        self._tabs.move(user_id, room_id, at)
        return {other for other, _user_id in left}

    def _merge(self, process: str, key: PresenceKey, record: PresenceRecord | None) -> Move | None:
        room_id, user_id = key
        if record is None:
            self._state.retract(process, key, self._clock() + GRACE)
            return None
        for name in record.tabs:
            self._hear_of_tab(user_id, room_id, name, record.entered_at)
        if self._state.merge(process, key, record) and settings.ONE_ROOM_AT_A_TIME:
            return Move(user_id, room_id, self._move(user_id, room_id, record.entered_at))
        return None

    def _expire(self, room_id: UUID) -> None:
        now = self._clock()
        self._state.expire(room_id, now, now + GRACE)


def _shown(people: list[Json]) -> Json:
    return {"people": people[: protocol.MAX_PRESENT], "count": len(people)}


presence = Presence()
