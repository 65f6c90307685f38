"""What presence knows of a person in a room, and what the room is told of it."""

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Self
from uuid import UUID

from rooms.events import Json

# A person in a room: the room's id, the person's.
Place = tuple[UUID, UUID]


@dataclass(slots=True)
class Lease:
    # By the monotonic clock; None while a socket holds it.
    expires: float | None
    away: bool


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody's presence in a room as the process where they are tells it to the others."""

    person: Json
    # By the clock on the wall: processes compare who came last.
    entered_at: float
    away: bool
    # Names of their pages that poll: the next question may reach another process.
    tabs: tuple[str, ...] = ()


@dataclass(slots=True)
class Visitor:
    """Somebody who is in a room, or was until a moment ago: by leases held here, or by other processes' word."""

    person: Json
    # Here, by the clock on the wall; 0 where they never did.
    entered_at: float = 0.0
    leases: dict[str, Lease] = field(default_factory=dict)
    # What other processes tell, by their names.
    elsewhere: dict[str, Stay] = field(default_factory=dict)
    # When to stop waiting for them to come back; None while they are here.
    leaves_at: float | None = None
    # They are at work nowhere. Who is just gone stays what they were.
    away: bool = False

    @property
    def last_entered(self) -> float:
        return max([self.entered_at, *(stay.entered_at for stay in self.elsewhere.values())])

    def is_away_here(self) -> bool:
        return all(lease.away for lease in self.leases.values())

    def judge_away(self) -> bool:
        """Return whether coming back, or going away, has changed how this person is shown."""
        before = self.away
        if self.leases or self.elsewhere:
            self.away = self.is_away_here() and all(stay.away for stay in self.elsewhere.values())
        return self.away != before

    def shown(self) -> Json:
        return {**self.person, "away": self.away}

    def stay(self) -> Stay | None:
        """Return what other processes are to know; None where no lease is held here."""
        if not self.leases:
            return None
        tabs = tuple(name for name, lease in self.leases.items() if lease.expires is not None)
        return Stay(self.person, self.entered_at, self.is_away_here(), tabs)


@dataclass(slots=True)
class RoomPresence:
    visitors: dict[UUID, Visitor] = field(default_factory=dict)
    # Whom time may take out, or a lease of theirs: who polls, and who is just gone.
    passing: set[UUID] = field(default_factory=set)
    # Whom the room has been told of, and as what.
    announced: dict[UUID, Json] = field(default_factory=dict)
    # Something has changed since.
    is_stale: bool = False
    # Of the latest announcement, so that a page which polls is sent the list only when it changed.
    version: int = 0

    def announce(self) -> dict[UUID, Json]:
        """Note that the room is told of its visitors as they are; return whom it had been told of before."""
        before = self.announced
        self.announced = {user_id: visitor.shown() for user_id, visitor in self.visitors.items()}
        self.is_stale = False
        if self.announced != before:
            self.version = version_of(self.announced)
        return before


def version_of(people: dict[UUID, Json]) -> int:
    """Return a number for a list of people: the same in each process, and before and after a restart."""
    lines = sorted(repr(sorted(person.items())) for person in people.values())
    # No more bits than JavaScript keeps.
    return int.from_bytes(blake2b("\n".join(lines).encode("utf-8", "surrogatepass"), digest_size=6).digest(), "big")


@dataclass(frozen=True, slots=True)
class Change:
    """What the people in a room are told at once; all empty where only a page that polls has to ask anew."""

    entered: list[Json]
    exited: list[Json]
    away: list[str]
    back: list[str]
    count: int

    @classmethod
    def between(cls, before: dict[UUID, Json], now: dict[UUID, Json]) -> Self:
        turned = [user_id for user_id, person in now.items() if user_id in before and _turned(before[user_id], person)]
        return cls(
            entered=[person for user_id, person in now.items() if user_id not in before],
            exited=[person for user_id, person in before.items() if user_id not in now],
            away=[str(user_id) for user_id in turned if now[user_id]["away"]],
            back=[str(user_id) for user_id in turned if not now[user_id]["away"]],
            count=len(now),
        )

    def __bool__(self) -> bool:
        return bool(self.entered or self.exited or self.away or self.back)


def _turned(before: Json, now: Json) -> bool:
    return bool(before["away"] != now["away"])
