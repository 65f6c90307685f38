"""The occupants of one room, and what the room has been told of them."""

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple, Self
from uuid import UUID

from rooms.events import Json
from rooms.realtime.presence.occupants import Occupant

# Who is shown: each user as JSON, with their away state.
People = dict[UUID, Json]


class PresentList(NamedTuple):
    """Who is here, as the room was told last."""

    people: list[Json]
    # No other list has this version, in whatever process; the empty one has 0.
    version: int


@dataclass(slots=True)
class RoomPresence:
    occupants: dict[UUID, Occupant] = field(default_factory=dict)
    # Users whom the passing of time may remove: those with a polling tab, and those in their grace period.
    expiring: set[UUID] = field(default_factory=set)
    # The occupants as the room was told of them last. Everybody is shown this, and never the occupants themselves: a
    # change that is taken back before it is announced would stay in a list that was given away meanwhile.
    announced: People = field(default_factory=dict)
    # Users in their own welcome who are not announced yet. If they go before they are, that is announced.
    greeted: People = field(default_factory=dict)
    # Something has changed since the last announcement.
    is_stale: bool = False
    # Changes with each announcement, so that a page that polls is sent the list only when it changed.
    version: int = 0

    def announce(self) -> "Change":
        """Note that the room is told of its occupants as they are now; return what it has to be told."""
        # By name, so that a version stands for the same order and, of a large room, the same first people everywhere.
        by_name = sorted(self.occupants.items(), key=lambda item: (item[1].person["username"], item[0]))
        now = {user_id: occupant.shown() for user_id, occupant in by_name}
        change = Change.between(self.announced, now, greeted=self.greeted)
        if now != self.announced:
            self.announced, self.version = now, version_of(now)
        self.greeted, self.is_stale = {}, False
        return change

    def listed(self) -> PresentList:
        return PresentList(list(self.announced.values()), self.version)

    def greet(self, user_id: UUID) -> list[Json]:
        """Return the list as an occupant is welcomed with it: they are in it although they are announced later."""
        people = list(self.announced.values())
        if user_id in self.occupants and user_id not in self.announced:
            self.greeted[user_id] = self.occupants[user_id].shown()
            people.append(self.greeted[user_id])
        return people


def version_of(people: People) -> int:
    """Return a number for a list of people: the same in each process, and before and after a restart."""
    if not people:
        return 0
    lines = sorted(repr(sorted(person.items())) for person in people.values())
    # 48 bits: JavaScript keeps 53.
    return int.from_bytes(blake2b("\n".join(lines).encode("utf-8", "surrogatepass"), digest_size=6).digest(), "big")


@dataclass(frozen=True, slots=True)
class Change:
    """What a room is told in one ``presence`` event, and in a ``person`` event for each of ``renamed``."""

    entered: list[Json]
    exited: list[Json]
    away: list[str]
    back: list[str]
    # Without their away state, as every user is shown elsewhere.
    renamed: list[Json]
    count: int

    @classmethod
    def between(cls, before: People, now: People, *, greeted: People) -> Self:
        changed = [user_id for user_id in now if user_id in before and before[user_id] != now[user_id]]
        turned = [user_id for user_id in changed if before[user_id]["away"] != now[user_id]["away"]]
        return cls(
            entered=[person for user_id, person in now.items() if user_id not in before],
            exited=[person for user_id, person in {**greeted, **before}.items() if user_id not in now],
            away=[str(user_id) for user_id in turned if now[user_id]["away"]],
            back=[str(user_id) for user_id in turned if not now[user_id]["away"]],
            renamed=[_facts(now[user_id]) for user_id in changed if _facts(before[user_id]) != _facts(now[user_id])],
            count=len(now),
        )

    @property
    def is_of_people(self) -> bool:
        """Whether somebody came, went, or turned away or back."""
        return bool(self.entered or self.exited or self.away or self.back)

    def __bool__(self) -> bool:
        return self.is_of_people or bool(self.renamed)


def _facts(shown: Json) -> Json:
    return {name: value for name, value in shown.items() if name != "away"}
