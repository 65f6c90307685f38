"""The lists on both sides: one's rooms and private talks, and who is here."""

from collections.abc import Iterable

from chatsite_client import Person, Room, drawing, safe
from rich.style import Style
from rich.text import Text
from textual.widgets import OptionList
from textual.widgets.option_list import Option

# Cells of the list of rooms, as in screen.tcss, without its scrollbar.
WIDTH = 23
MOST_PEOPLE = 200


class RoomList(OptionList):
    """All rooms, those with private talks after the others; an option's id is the room's."""

    def __init__(self) -> None:
        super().__init__(id="rooms", markup=False)
        self._known_rooms: list[str] = []

    def show(self, rooms: Iterable[Room], here: str | None, present: set[str]) -> None:
        """``present`` are the ids of people who are in the room that is shown."""
        ordered = in_order(rooms)
        lines = [(room["id"], _room_line(room, is_here=room["id"] == here, present=present)) for room in ordered]
        known = [f"{room} {line.markup}" for room, line in lines]
        if known == self._known_rooms:
            return
        self._known_rooms = known
        highlighted = self.highlighted_option.id if self.has_focus and self.highlighted_option else here
        self.clear_options()
        self.add_options([Option(line, id=room) for room, line in lines])
        places = {room["id"]: place for place, room in enumerate(ordered)}
        self.highlighted = places.get(highlighted or "")


def in_order(rooms: Iterable[Room]) -> list[Room]:
    return sorted(rooms, key=lambda room: (room["kind"] == "direct", drawing.room_name(room).casefold()))


def _room_line(room: Room, *, is_here: bool, present: set[str]) -> Text:
    partner = room.get("partner")
    is_new = bool(room["unread"] and not room["muted"])
    sign = {"direct": " ", "private": "◇"}.get(room["kind"], "#")
    if partner and partner["id"] in present:
        sign = "●"
    count = f" {min(room['unread'], 999)}{'!' if room['mentions'] else ''} " if is_new else ""
    name = Text(safe.line(partner["username"] if partner else room["name"], 60))
    name.truncate(WIDTH - 4 - len(count), overflow="ellipsis", pad=True)
    name.stylize(Style(bold=is_here or is_new, dim=room["muted"]))
    return Text.assemble("▸" if is_here else " ", sign, " ", name, (count, "reverse bold"), no_wrap=True)


class PeopleList(OptionList, can_focus=False):
    """Who is here."""

    def __init__(self) -> None:
        super().__init__(id="people", markup=False)
        self._known_people: list[str] = []

    def show(self, people: Iterable[Person], away: set[str], count: int) -> None:
        lines = [Text(f"{count} here", Style(bold=True), no_wrap=True)]
        for person in sorted(people, key=lambda person: person["display_name"].casefold())[:MOST_PEOPLE]:
            is_away = person["id"] in away
            line = Text(f"{'○' if is_away else '●'} ", no_wrap=True, overflow="ellipsis")
            line.append(drawing.person(person), Style(dim=is_away))
            lines.append(line)
        if count > len(lines) - 1:
            lines.append(Text(f"  and {count - len(lines) + 1} more", Style(dim=True)))
        shown = [line.markup for line in lines]
        if shown != self._known_people:
            self._known_people = shown
            self.clear_options()
            self.add_options(lines)
