"""What the screen knows of rooms and people, from what the site tells; without a terminal."""

import time
from typing import Any

from chatsite_client import Person, Room, drawing

Json = dict[str, Any]
# Who types is forgotten after some seconds, or when their words come.
TYPING_SECONDS = 6.0


class Rooms:
    """One's own rooms, and what is unread in them."""

    def __init__(self) -> None:
        self.all: dict[str, Room] = {}
        self._read: dict[str, int] = {}

    def load(self, rooms: list[Room]) -> None:
        self.all = {room["id"]: room for room in rooms}
        # The list may be older than what was read here just now, or newer.
        self._read = {room["id"]: max(self._read.get(room["id"], 0), _read_in(room)) for room in rooms}
        for room in rooms:
            self._count(room)

    def put(self, room: Room) -> None:
        self.all[room["id"]] = room
        self._read[room["id"]] = _read_in(room)

    def drop(self, room: str) -> None:
        self.all.pop(room, None)

    def hear(self, event: Json) -> bool:
        """Take ``unread`` and ``read``. Whether there is more in a room than before."""
        room = self.all.get(event["room"])
        if room is None:
            return False
        before = room["unread"]
        if event["type"] == "unread":
            room["talk_count"] = max(room["talk_count"], event["talk_count"])
        else:
            self._read[room["id"]] = max(self._read.get(room["id"], 0), event["read_talk"])
        room["mentions"] = event["mentions"]
        self._count(room)
        return room["unread"] > before

    def _count(self, room: Room) -> None:
        room["unread"] = max(room["talk_count"] - self._read[room["id"]], 0)

    def read_all(self, room: str, talk_count: int) -> None:
        """One sees the room's end."""
        one = self.all.get(room)
        if one:
            one["talk_count"] = max(one["talk_count"], talk_count)
            self._read[room] = one["talk_count"]
            one["unread"] = one["mentions"] = 0


class People:
    """Who is in the room that is shown, and who types there."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.present: dict[str, Person] = {}
        self.away: set[str] = set()
        self.count = 0
        self._typing: dict[str, tuple[str, float]] = {}

    def hear(self, event: Json) -> None:
        """Take ``present`` of a welcome or a poll, ``presence`` and ``person``."""
        if "people" in event:
            self.present = {person["id"]: person for person in event["people"]}
            self.away = {person["id"] for person in event["people"] if person.get("away")}
            self.count = event["count"]
        elif event["type"] == "presence":
            for person in event["entered"]:
                self.present[person["id"]] = person
                (self.away.add if person.get("away") else self.away.discard)(person["id"])
            for one in event["exited"]:
                self.present.pop(one if isinstance(one, str) else one["id"], None)
            self.away |= set(event.get("away", []))
            self.away -= set(event.get("back", []))
            self.count = event["count"]
        elif event["type"] == "person" and event["id"] in self.present:
            self.present[event["id"]] = {**self.present[event["id"]], **_person(event)}  # type: ignore[typeddict-item]

    def types(self, person: Person) -> None:
        self._typing[person["id"]] = (drawing.person(person), time.monotonic() + TYPING_SECONDS)

    def has_said(self, user_id: str) -> None:
        self._typing.pop(user_id, None)

    @property
    def typing(self) -> list[str]:
        now = time.monotonic()
        self._typing = {one: pair for one, pair in self._typing.items() if pair[1] > now}
        return [name for name, _ in self._typing.values()]


def typing_line(names: list[str]) -> str:
    match names:
        case []:
            return ""
        case [one]:
            return f"{one} is typing…"
        case [one, two]:
            return f"{one} and {two} are typing…"
    return f"{names[0]} and {len(names) - 1} more are typing…"


def _read_in(room: Room) -> int:
    return room["talk_count"] - room["unread"]


def _person(event: Json) -> Json:
    return {name: value for name, value in event.items() if name in {"username", "display_name", "picture"}}
