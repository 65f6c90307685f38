"""Who is in which room, by leases held here and by other processes' word, without locks, time-keeping or news."""

from collections.abc import Callable
from uuid import UUID

from rooms.events import Json
from rooms.realtime.presence.occupants import Lease, Place, RoomPresence, Stay, Visitor


class Whereabouts:
    """Not for several threads: presence holds its lock."""

    def __init__(self) -> None:
        self.rooms: dict[UUID, RoomPresence] = {}
        # The rooms in which somebody is a visitor.
        self._of: dict[UUID, set[UUID]] = {}
        # What each other process has told of and not taken back.
        self._told: dict[str, set[Place]] = {}
        # What the other processes are still to be told; None where there are none, or they cannot be told.
        self.untold: set[Place] | None = None
        self.on_untold: Callable[[], None] = lambda: None

    def visitor(self, place: Place) -> Visitor | None:
        room = self.rooms.get(place[0])
        return room.visitors.get(place[1]) if room else None

    def rooms_of(self, user_id: UUID) -> set[UUID]:
        return self._of.get(user_id, set())

    def told_by(self, process: str) -> set[Place]:
        return set(self._told.get(process, ()))

    def held_here(self) -> list[Place]:
        return [(room_id, user_id) for room_id, room in self.rooms.items()
                for user_id, visitor in room.visitors.items() if visitor.leases]  # fmt: skip

    # --- Leases held here -------------------------------------------------------------------------------------------

    def hold(self, place: Place, person: Json, name: str, lease: Lease) -> Visitor:
        visitor = self._let_in(place, person)
        room = self.rooms[place[0]]
        before = visitor.stay()
        visitor.leases[name] = lease
        visitor.leaves_at = None
        if lease.expires is not None:
            room.passing.add(place[1])
        room.is_stale |= visitor.judge_away()
        # Renewing a lease is no news: a page that polls does it each second.
        if visitor.stay() != before:
            self._tell(place)
        return visitor

    def enter_at(self, place: Place, at: float, *, anew: bool = True) -> None:
        """Note when somebody came in; not ``anew`` where that is known, and this page has but been asleep."""
        visitor = self.rooms[place[0]].visitors[place[1]]
        if anew or not visitor.entered_at:
            visitor.entered_at = at
            self._tell(place)

    def end(self, place: Place, name: str, leaves_at: float) -> None:
        """End a lease; who held no other stays until ``leaves_at``."""
        visitor = self.visitor(place)
        if visitor is not None and visitor.leases.pop(name, None) is not None:
            self._tell(place)
            self._held_by_fewer(place, visitor, leaves_at)

    def set_away(self, place: Place, name: str, *, away: bool) -> bool:
        """Return whether the person is seen differently now."""
        visitor = self.visitor(place)
        if visitor is None or name not in visitor.leases:
            return False
        visitor.leases[name].away = away
        self._tell(place)
        changed = visitor.judge_away()
        self.rooms[place[0]].is_stale |= changed
        return changed

    # --- By other processes' word -----------------------------------------------------------------------------------

    def hear(self, process: str, place: Place, stay: Stay) -> bool:
        """Note that somebody is in a room by another process's word; return whether they have just entered there."""
        visitor = self._let_in(place, stay.person)
        room = self.rooms[place[0]]
        before = visitor.elsewhere.get(process)
        visitor.elsewhere[process] = stay
        visitor.leaves_at = None
        self._told.setdefault(process, set()).add(place)
        if not visitor.leases and visitor.person != stay.person:
            visitor.person = stay.person
            room.is_stale = True
        room.is_stale |= visitor.judge_away()
        return before is None or before.entered_at < stay.entered_at

    def unhear(self, process: str, place: Place, leaves_at: float) -> None:
        visitor = self.visitor(place)
        self._forget_told(process, place)
        if visitor is not None and visitor.elsewhere.pop(process, None) is not None:
            self._held_by_fewer(place, visitor, leaves_at)

    # --- Both -------------------------------------------------------------------------------------------------------

    def rename(self, user_id: UUID, person: Json) -> None:
        for room_id in self.rooms_of(user_id):
            self.rooms[room_id].visitors[user_id].person = person
            self.rooms[room_id].is_stale = True
            self._tell((room_id, user_id))

    def take_out(self, place: Place) -> None:
        """End somebody's presence in a room at once, by whatever it was held."""
        room_id, user_id = place
        room = self.rooms.get(room_id)
        visitor = room.visitors.pop(user_id, None) if room else None
        if room is None or visitor is None:
            return
        room.is_stale = True
        room.passing.discard(user_id)
        if visitor.leases:
            self._tell(place)
        for process in visitor.elsewhere:
            self._forget_told(process, place)
        rooms = self._of[user_id]
        rooms.discard(room_id)
        if not rooms:
            del self._of[user_id]

    def expire(self, room_id: UUID, now: float, leaves_at: float) -> None:
        """End what time has ended."""
        room = self.rooms[room_id]
        for user_id in list(room.passing):
            visitor = room.visitors[user_id]
            for name, lease in list(visitor.leases.items()):
                if lease.expires is not None and lease.expires <= now:
                    self.end((room_id, user_id), name, leaves_at)
            if visitor.leaves_at is not None and now >= visitor.leaves_at:
                self.take_out((room_id, user_id))
            elif visitor.leaves_at is None and all(lease.expires is None for lease in visitor.leases.values()):
                room.passing.discard(user_id)

    def clear(self) -> None:
        self.rooms.clear()
        self._of.clear()
        self._told.clear()

    def _let_in(self, place: Place, person: Json) -> Visitor:
        room_id, user_id = place
        room = self.rooms.setdefault(room_id, RoomPresence())
        if user_id not in room.visitors:
            room.visitors[user_id] = Visitor(person)
            room.is_stale = True
            self._of.setdefault(user_id, set()).add(room_id)
        return room.visitors[user_id]

    def _held_by_fewer(self, place: Place, visitor: Visitor, leaves_at: float) -> None:
        room = self.rooms[place[0]]
        room.is_stale |= visitor.judge_away()
        if not visitor.leases and not visitor.elsewhere:
            visitor.leaves_at = leaves_at
            room.passing.add(place[1])

    def _forget_told(self, process: str, place: Place) -> None:
        if told := self._told.get(process):
            told.discard(place)
            if not told:
                del self._told[process]

    def _tell(self, place: Place) -> None:
        if self.untold is not None:
            if not self.untold:
                self.on_untold()
            self.untold.add(place)
