"""The session of docs/protocol.md, played on a real site."""

import asyncio
import json
import re
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from tests import servers
from tests.scripts import Line, Script

SESSION = re.compile(r"```session\n(.*?)```", re.DOTALL)
STEP = re.compile(r"(\w+) ([<>]) (\{.*\})")


def steps(rooms: dict[str, str]) -> list[tuple[str, str, dict[str, Any]]]:
    found = SESSION.search((Path(servers.PROJECT) / "docs" / "protocol.md").read_text())
    assert found
    words = found[1]
    for name, room_id in rooms.items():
        words = words.replace(f'"{name.upper()}"', f'"{room_id}"')
    return [(name, way, json.loads(text)) for name, way, text in STEP.findall(words)]


def shows(event: Any, told: Any) -> bool:
    """Return whether the event has all that the document tells of it."""
    if isinstance(told, dict):
        return isinstance(event, dict) and all(key in event and shows(event[key], told[key]) for key in told)
    if isinstance(told, list):
        return len(event) == len(told) and all(map(shows, event, told))
    return bool(event == told)


async def hear(line: Line, told: dict[str, Any], heard: set[int]) -> None:
    """Wait for an event that nothing told of has been found to be."""

    def found() -> int | None:
        matches = (n for n, event in enumerate(line.events) if n not in heard and shows(event, told))
        return next(matches, None)

    try:
        await line.until(lambda: found() is not None)
    except TimeoutError:
        rest = [event for n, event in enumerate(line.events) if n not in heard]
        raise AssertionError(f"{told} was not heard, but {rest}") from None
    number = found()
    assert number is not None
    heard.add(number)


async def test_the_session_of_the_document_is_what_a_site_says(site: servers.Site) -> None:
    people = {name: await asyncio.to_thread(Script, site.url, name) for name in ("ann", "ben")}
    rooms = {}
    for name in ("Lobby", "Den"):
        rooms[name] = people["ann"].call("POST", "/api/v1/rooms", {"name": name})["id"]
        people["ben"].call("POST", f"/api/v1/rooms/{rooms[name]}/join")
    told = steps(rooms)
    assert {way for _name, way, _event in told} == {"<", ">"}
    async with AsyncExitStack() as stack:
        lines = {name: await stack.enter_async_context(person.line("")) for name, person in people.items()}
        heard: dict[str, set[int]] = {name: set() for name in people}
        for name, way, event in told:
            if way == ">":
                await lines[name].send(event["type"], **{key: value for key, value in event.items() if key != "type"})
            else:
                await hear(lines[name], event, heard[name])
