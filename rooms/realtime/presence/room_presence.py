"""The occupants of one room, and what the room has been told of them."""

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Self
from uuid import UUID

from rooms.events import Json
from rooms.realtime.presence.occupants import Occupant


@dataclass(slots=True)
class RoomPresence:
    occupants: dict[UUID, Occupant] = field(default_factory=dict)
    # Users whom the passing of time may remove: those with a polling tab, and those in their grace period.
    expiring: set[UUID] = field(default_factory=set)
    # The occupants as the room was told of them last.
    announced: dict[UUID, Json] = field(default_factory=dict)
    # Something has changed since the last announcement.
    is_stale: bool = False
    # Changes with each announcement, so that a page that polls is sent the list only when it changed.
    version: int = 0

    def announce(self) -> dict[UUID, Json]:
        """Note that the room is told of its occupants as they are now; return what it was told before."""
        before = self.announced
        self.announced = {user_id: occupant.shown() for user_id, occupant in self.occupants.items()}
        self.is_stale = False
        if self.announced != before:
            self.version = version_of(self.announced)
        return before


def version_of(people: dict[UUID, Json]) -> int:
    """Return a number for a list of people: the same in each process, and before and after a restart."""
    lines = sorted(repr(sorted(person.items())) for person in people.values())
    # 48 bits: JavaScript keeps 53.
    return int.from_bytes(blake2b("\n".join(lines).encode("utf-8", "surrogatepass"), digest_size=6).digest(), "big")


@dataclass(frozen=True, slots=True)
class Change:
    """What a room is told in one ``presence`` event. A change of names only has no part in it: all lists are empty."""

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
