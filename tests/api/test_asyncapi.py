"""The document of the sockets, held against what a real site sends over them, and takes."""

import asyncio
import json
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client

from api import asyncapi
from api.frames import FROM_CLIENTS, FROM_SITES, type_of
from tests import servers
from tests.scripts import Line, Script

DOCUMENT = json.loads(asyncapi.body())
# Those that take longer than a test should, or a person who does something else at the same time.
SELDOM = {"head"}
ROOM = "00000000-0000-4000-8000-000000000000"


def faults_of(event: dict[str, Any], shapes: Any) -> list[str]:
    """Return in what an event is not as the document has it; a field that it does not name is a fault, too."""
    names = [shape.__name__ for shape in shapes if type_of(shape) == event["type"]]
    # There are two kinds of `welcome`.
    name = names[-1] if "room" in event else names[0]
    shape = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    unknown = set(event) - set(DOCUMENT["components"]["schemas"][name]["properties"])
    validator = jsonschema_rs.Draft202012Validator(shape, validate_formats=True)
    return [f"{name}: {fault.message}" for fault in validator.iter_errors(event)] + [
        f"{name}: {key}" for key in unknown
    ]


def test_anybody_may_read_it(client: Client) -> None:
    answer = client.get("/api/v1/asyncapi.json")
    assert (answer.status_code, answer.json()) == (200, DOCUMENT)


async def scene(site: servers.Site) -> tuple[list[Line], Line]:
    alice, bob = [await asyncio.to_thread(Script, site.url, name) for name in ("alice", "bob")]
    room, other = (alice.call("POST", "/api/v1/rooms", {"name": name})["id"] for name in ("Lobby", "Den"))
    for place in (room, other):
        bob.call("POST", f"/api/v1/rooms/{place}/join")
    alice.call("POST", f"/api/v1/rooms/{room}/messages", {"client_id": "0", "body": "Before"})
    lines: list[Line] = []
    async with alice.line(room) as hers, bob.line(room) as his, Script(site.url, "bob", bob.token).line("") as lobby:
        lines += [hers, his]
        await hers.until(lambda: any(event["type"] == "presence" for event in hers.events))
        for frame in (
            {"type": "typing", "room": room},
            {"type": "away", "away": True},
            {"type": "ack", "room": room, "seq": 1},
            {"type": "no"},
        ):
            await his._socket.send(json.dumps(frame))
        await his.say("Hello", " ")
        await his._socket.send(json.dumps({"type": "read", "room": room, "seq": 3}))
        await asyncio.to_thread(bob.call, "PATCH", "/api/v1/me", {"display_name": "Bobby"})
        there = f"/api/v1/rooms/{other}"
        row = await asyncio.to_thread(alice.call, "POST", f"{there}/messages", {"client_id": "1", "body": "Over here"})
        person = bob.call("GET", "/api/v1/me")["id"]
        await asyncio.to_thread(bob.call, "PUT", f"/api/v1/blocks/{alice.call('GET', '/api/v1/me')['id']}")
        await asyncio.to_thread(alice.call, "PATCH", f"/api/v1/rooms/{room}", {"name": "Hall"})
        heard = {"welcome", "reset", "message", "posted", "error", "presence", "typing", "person", "unread", "rooms"}
        await hers.until(lambda: heard - {"posted", "error", "unread"} <= {event["type"] for event in hers.events})
        await his.until(lambda: {"posted", "error", "unread"} <= {event["type"] for event in his.events})
        await lobby.until(lambda: {"unread", "blocks", "rooms"} <= {event["type"] for event in lobby.events})
        await asyncio.to_thread(bob.call, "POST", f"{there}/read", {"seq": row["seq"]})
        await lobby.until(lambda: "read" in {event["type"] for event in lobby.events})
        for switch in ("on", "off"):
            await asyncio.to_thread(site.manage, "readonly", switch)
            await hers.until(lambda: {"type": "read_only", "on": switch == "on"} in hers.events)  # noqa: B023
        async with bob.line(other) as elsewhere:
            await his.until(lambda: "moved" in {event["type"] for event in his.events})
            await asyncio.to_thread(alice.call, "DELETE", f"/api/v1/rooms/{room}/members/{person}")
            await his.until(lambda: "ended" in {event["type"] for event in his.events})
            await asyncio.to_thread(bob.status, "DELETE", "/_allauth/app/v1/auth/session")
            await elsewhere.until_closed()
        lines.append(elsewhere)
    return lines, lobby


async def test_what_a_site_sends_is_what_the_document_says(site: servers.Site) -> None:
    lines, lobby = await scene(site)
    heard = [event for line in lines for event in line.events]
    heard += lobby.events
    assert [fault for event in heard for fault in faults_of(event, FROM_SITES)] == []
    every = {type_of(shape) for shape in FROM_SITES} - SELDOM
    assert {event["type"] for event in heard} - SELDOM == every


def test_what_clients_send_is_what_the_document_says() -> None:
    good: list[dict[str, Any]] = [
        {"type": "enter", "room": ROOM},
        {"type": "enter", "room": ROOM, "after": 3, "hash": "00"},
        {"type": "leave", "room": ROOM},
        {"type": "attend", "room": ROOM},
        {"type": "attend", "room": None},
        {"type": "post", "room": ROOM, "client_id": "1", "body": "Hello"},
        {"type": "ack", "room": ROOM, "seq": 3},
        {"type": "read", "room": ROOM, "seq": 3},
        {"type": "typing", "room": ROOM},
        {"type": "away", "away": True},
    ]
    assert [fault for event in good for fault in faults_of(event, FROM_CLIENTS)] == []
    assert {event["type"] for event in good} == {type_of(shape) for shape in FROM_CLIENTS}
    for event in (
        {"type": "ack", "room": ROOM, "seq": -1},
        {"type": "ack", "seq": 3},
        {"type": "post", "room": ROOM, "client_id": "no spaces"},
        {"type": "away", "away": 1},
    ):
        assert faults_of(event, FROM_CLIENTS) != []


@pytest.mark.parametrize("header", ["Authorization", "X-Session-Token"])
async def test_a_socket_takes_the_token_in_either_header(site: servers.Site, header: str) -> None:
    alice = await asyncio.to_thread(Script, site.url, "alice")
    line = alice.line("")
    line._headers = {header: f"Bearer {alice.token}" if header == "Authorization" else alice.token}
    async with line:
        await line.until(lambda: line.events)
        assert line.events[0]["you"]["username"] == "alice"
