"""What presence knows of a person in a room, and what the room is told of it."""

from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from rooms.events import Json


@dataclass(slots=True)
class Lease:
    # By the monotonic clock; None while a socket holds it.
    expires: float | None
    away: bool


@dataclass(slots=True)
class Visitor:
    """Somebody who holds a lease in a room, or held one until a moment ago."""

    person: Json
    # By the clock on the wall: processes compare who came last.
    entered_at: float
    leases: dict[str, Lease] = field(default_factory=dict)
    # When the last lease ended.
    gone_since: float | None = None
    # No lease of theirs is at work. Who is just gone stays what they were.
    away: bool = False

    def judge_away(self) -> bool:
        """Return whether coming back, or going away, has changed how this person is shown."""
        before = self.away
        if self.leases:
            self.away = all(lease.away for lease in self.leases.values())
        return self.away != before

    def shown(self) -> Json:
        return {**self.person, "away": self.away}


@dataclass(slots=True)
class Tab:
    """A page that polls, from its first poll on."""

    # By the clock on the wall.
    entered_at: float
    seen: float
    moved_to: UUID | None = None


@dataclass(slots=True)
class RoomPresence:
    visitors: dict[UUID, Visitor] = field(default_factory=dict)
    # Whom the room has been told of, and as what.
    announced: dict[UUID, Json] = field(default_factory=dict)
    # Something has changed since.
    is_stale: bool = False
    # Of the latest announcement, so that a page which polls is sent the list only when it changed.
    version: int = 0


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
