"""One user in one room: the leases held in this process, and what each other process says of them."""

from dataclasses import dataclass, field
from uuid import UUID

from rooms.events import Json

# A user in a room: the room's id, the user's id.
PresenceKey = tuple[UUID, UUID]


@dataclass(slots=True)
class Lease:
    # Monotonic seconds; None while a socket holds the lease.
    expires: float | None
    away: bool


@dataclass(frozen=True, slots=True)
class PresenceRecord:
    """A user in a room as the process that holds their leases publishes it to the other processes."""

    person: Json
    # Wall-clock seconds: the processes compare where a user entered last.
    entered_at: float
    away: bool
    # Names of the user's polling tabs: the next poll may reach another process.
    tabs: tuple[str, ...] = ()


@dataclass(slots=True)
class Occupant:
    """A user who is in a room, or whose grace period there has not ended."""

    person: Json
    # When the user entered in this process, in wall-clock seconds; 0 if they entered in another one only.
    entered_at: float = 0.0
    leases: dict[str, Lease] = field(default_factory=dict)
    # The latest record of each other process that has the user in the room, by the process's name.
    remote: dict[str, PresenceRecord] = field(default_factory=dict)
    # When the grace period ends, in monotonic seconds; None while a lease or a remote record is left.
    leaves_at: float | None = None
    # True if every connection is away. During the grace period the last away state stays.
    away: bool = False

    @property
    def last_entered(self) -> float:
        """When the user entered last, in whatever process, in wall-clock seconds."""
        return max([self.entered_at, *(record.entered_at for record in self.remote.values())])

    def is_away_here(self) -> bool:
        return all(lease.away for lease in self.leases.values())

    def update_away(self) -> bool:
        """Compute ``away`` anew from all connections; return whether it changed."""
        before = self.away
        if self.leases or self.remote:
            self.away = self.is_away_here() and all(record.away for record in self.remote.values())
        return self.away != before

    def shown(self) -> Json:
        return {**self.person, "away": self.away}

    def record(self) -> PresenceRecord | None:
        """Return the record to publish; None if no lease is held in this process."""
        if not self.leases:
            return None
        tabs = tuple(name for name, lease in self.leases.items() if lease.expires is not None)
        return PresenceRecord(self.person, self.entered_at, self.is_away_here(), tabs)
