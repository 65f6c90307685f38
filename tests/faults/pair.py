"""Two processes that share a room's presence."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from tests.cluster import Cluster
from tests.scripts import Line, Script

PATIENCE = 40.0


class Pair:
    """Alice on the first process and bob on the second, members of two rooms."""

    number = 0

    def __init__(self, running: Cluster) -> None:
        Pair.number += 1
        self.first, self.second = (site.url for site in running.sites)
        self.alice = Script(self.first, f"alice{Pair.number}")
        self.bob = Script(self.second, f"bob{Pair.number}")
        self.room, self.library = (self.open(f"{name} {Pair.number}") for name in ("Room", "Library"))

    def open(self, name: str) -> str:
        room: str = self.alice.call("POST", "/api/rooms", {"name": name})["id"]
        self.bob.call("POST", f"/api/rooms/{room}/join", {})
        return room

    @asynccontextmanager
    async def lines(self) -> AsyncIterator[tuple[Line, Line]]:
        async with self.alice.line(self.room, after=0) as hers, self.bob.line(self.room, after=0) as his:
            await until(lambda: here(hers) == here(his) == self.both)
            yield hers, his

    @property
    def both(self) -> list[str]:
        return [self.alice.username, self.bob.username]


class Page:
    """Somebody's page that polls for one room and attends it under a name of its own, by whatever process."""

    def __init__(self, room: str, name: str) -> None:
        self.room, self.name = room, name
        self.since: float | None = None

    def poll(self, person: Script, *, presence: int | None = None) -> Any:
        """Return the answer to a poll by the process of ``person``."""
        known = {"room": self.room, "after": 0, "presence": presence}
        asked = {"rooms": [known], "here": self.name, "attend": self.room, "since": self.since}
        answer = person.call("POST", "/api/v1/poll", asked)
        self.since = answer["since"] or self.since
        return answer

    def moved_to(self, person: Script) -> str | None:
        """Poll; return the room to which its person has moved, if they have."""
        room: str | None = self.poll(person)["moved"]
        return room


async def until(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 (several lines and processes)
            await asyncio.sleep(0.05)


def here(line: Line) -> list[str]:
    """Return who is in the room as a page shows it: the welcome, and what came after."""
    people: dict[str, str] = {}
    for event in line.events:
        if event["type"] == "welcome" and "room" in event:
            people = {person["id"]: person["username"] for person in event["present"]["people"]}
        elif event["type"] == "presence":
            people |= {person["id"]: person["username"] for person in event["entered"]}
            for person in event["exited"]:
                people.pop(person["id"], None)
    return sorted(people.values())
