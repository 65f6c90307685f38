"""Who is in which room: a pure state of local leases and of other processes' records.

It knows no lock, clock or network. Times are handed in; ``tracker.py`` holds the lock. A user is in a room while one
lease or one record is left. Each process owns its records: ``merge`` replaces what it said before and ``retract`` takes
it back, so the same record twice changes nothing, and the order of different processes' records does not matter.
"""

from collections.abc import Callable
from uuid import UUID

from rooms.events import Json
from rooms.realtime.presence.occupants import Lease, Occupant, PresenceKey, PresenceRecord
from rooms.realtime.presence.room_presence import RoomPresence


class PresenceState:
    """Not thread-safe: the tracker holds the lock."""

    def __init__(self) -> None:
        self.rooms: dict[UUID, RoomPresence] = {}
        # The rooms that each user is in.
        self._rooms_of: dict[UUID, set[UUID]] = {}
        # The keys of the records that each other process has published and not taken back.
        self._keys_from: dict[str, set[PresenceKey]] = {}
        # Keys that have changed here and are not published yet; None if there is nobody to publish to.
        self.unpublished: set[PresenceKey] | None = None
        # Called when the first key comes into ``unpublished``.
        self.on_unpublished: Callable[[], None] = lambda: None

    def occupant(self, key: PresenceKey) -> Occupant | None:
        room = self.rooms.get(key[0])
        return room.occupants.get(key[1]) if room else None

    def rooms_of(self, user_id: UUID) -> set[UUID]:
        return self._rooms_of.get(user_id, set())

    def keys_from(self, process: str) -> set[PresenceKey]:
        return set(self._keys_from.get(process, ()))

    def local_keys(self) -> list[PresenceKey]:
        return [(room_id, user_id) for room_id, room in self.rooms.items()
                for user_id, occupant in room.occupants.items() if occupant.leases]  # fmt: skip

    # --- Leases of this process -------------------------------------------------------------------------------------

    def hold(self, key: PresenceKey, person: Json, name: str, lease: Lease) -> None:
        """Hold or renew the lease ``name`` of a user as the database has them now."""
        occupant = self._occupant_at(key, person)
        room = self.rooms[key[0]]
        before = occupant.record()
        occupant.leases[name] = lease
        if occupant.person != person:
            occupant.person = person
            room.is_stale = True
        occupant.leaves_at = None
        if lease.expires is not None:
            room.expiring.add(key[1])
        room.is_stale |= occupant.update_away()
        # A page that polls renews its lease each second, which changes nothing for the other processes.
        if occupant.record() != before:
            self._mark_unpublished(key)

    def set_entered(self, key: PresenceKey, at: float, *, anew: bool = True) -> None:
        """Note when the user entered. With ``anew`` false an earlier time is kept: the tab has only been asleep.

        A later time is kept in any case: of a tab that entered earlier, in another process, one may hear after it.
        """
        occupant = self.rooms[key[0]].occupants[key[1]]
        if not occupant.entered_at or (anew and at > occupant.entered_at):
            occupant.entered_at = at
            self._mark_unpublished(key)

    def release(self, key: PresenceKey, name: str, leaves_at: float) -> None:
        """End a lease. If it was the user's last, they stay until ``leaves_at``, in monotonic seconds."""
        occupant = self.occupant(key)
        if occupant is not None and occupant.leases.pop(name, None) is not None:
            self._mark_unpublished(key)
            self._start_grace(key, occupant, leaves_at)

    def set_away(self, key: PresenceKey, name: str, *, away: bool) -> bool:
        """Set one lease away or back; return whether the user is shown differently now."""
        occupant = self.occupant(key)
        if occupant is None or name not in occupant.leases:
            return False
        occupant.leases[name].away = away
        self._mark_unpublished(key)
        changed = occupant.update_away()
        self.rooms[key[0]].is_stale |= changed
        return changed

    # --- Records of other processes ---------------------------------------------------------------------------------

    def merge(self, process: str, key: PresenceKey, record: PresenceRecord) -> bool:
        """Replace what ``process`` said of this key; return whether the user has entered the room there since."""
        occupant = self._occupant_at(key, record.person)
        room = self.rooms[key[0]]
        before = occupant.remote.get(process)
        occupant.remote[process] = record
        occupant.leaves_at = None
        self._keys_from.setdefault(process, set()).add(key)
        if not occupant.leases and occupant.person != record.person:
            occupant.person = record.person
            room.is_stale = True
        room.is_stale |= occupant.update_away()
        return before is None or before.entered_at < record.entered_at

    def retract(self, process: str, key: PresenceKey, leaves_at: float) -> None:
        """Take back a process's record. If nothing else holds the user, they stay until ``leaves_at``."""
        occupant = self.occupant(key)
        self._forget_key(process, key)
        if occupant is not None and occupant.remote.pop(process, None) is not None:
            self._start_grace(key, occupant, leaves_at)

    # --- Both -------------------------------------------------------------------------------------------------------

    def rename(self, user_id: UUID, person: Json) -> None:
        """Show a user by another name or picture in all rooms where they are."""
        for room_id in self.rooms_of(user_id):
            occupant = self.rooms[room_id].occupants[user_id]
            if occupant.person != person:
                occupant.person = person
                self.rooms[room_id].is_stale = True
                self._mark_unpublished((room_id, user_id))

    def remove(self, key: PresenceKey) -> None:
        """End the user's presence in the room at once, whatever leases and records hold it."""
        room_id, user_id = key
        room = self.rooms.get(room_id)
        occupant = room.occupants.pop(user_id, None) if room else None
        if room is None or occupant is None:
            return
        room.is_stale = True
        room.expiring.discard(user_id)
        if occupant.leases:
            self._mark_unpublished(key)
        for process in occupant.remote:
            self._forget_key(process, key)
        rooms = self._rooms_of[user_id]
        rooms.discard(room_id)
        if not rooms:
            del self._rooms_of[user_id]

    def expire(self, room_id: UUID, now: float, leaves_at: float) -> None:
        """End the leases and grace periods that are over at ``now``; those that begin last until ``leaves_at``."""
        room = self.rooms[room_id]
        for user_id in list(room.expiring):
            occupant = room.occupants[user_id]
            for name, lease in list(occupant.leases.items()):
                if lease.expires is not None and lease.expires <= now:
                    self.release((room_id, user_id), name, leaves_at)
            if occupant.leaves_at is not None and now >= occupant.leaves_at:
                self.remove((room_id, user_id))
            elif occupant.leaves_at is None and all(lease.expires is None for lease in occupant.leases.values()):
                room.expiring.discard(user_id)

    def clear(self) -> None:
        self.rooms.clear()
        self._rooms_of.clear()
        self._keys_from.clear()

    def _occupant_at(self, key: PresenceKey, person: Json) -> Occupant:
        room_id, user_id = key
        room = self.rooms.setdefault(room_id, RoomPresence())
        if user_id not in room.occupants:
            room.occupants[user_id] = Occupant(person)
            room.is_stale = True
            self._rooms_of.setdefault(user_id, set()).add(room_id)
        return room.occupants[user_id]

    def _start_grace(self, key: PresenceKey, occupant: Occupant, leaves_at: float) -> None:
        room = self.rooms[key[0]]
        room.is_stale |= occupant.update_away()
        if not occupant.leases and not occupant.remote:
            occupant.leaves_at = leaves_at
            room.expiring.add(key[1])

    def _forget_key(self, process: str, key: PresenceKey) -> None:
        if keys := self._keys_from.get(process):
            keys.discard(key)
            if not keys:
                del self._keys_from[process]

    def _mark_unpublished(self, key: PresenceKey) -> None:
        if self.unpublished is not None:
            if not self.unpublished:
                self.on_unpublished()
            self.unpublished.add(key)
