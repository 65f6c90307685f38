"""Three processes behind nginx are restarted in turn while people talk, who notice a reconnect and nothing else."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import websockets

from tests.cluster import Cluster, cluster
from tests.scripts import PATIENCE, Script

pytestmark = pytest.mark.faults

PEOPLE = 12
# Seconds between two posts of one person.
PAUSE = 0.1


@pytest.fixture(scope="module")
def running() -> Iterator[Cluster]:
    with cluster(3) as running:
        yield running


class Talker:
    """Somebody whose page keeps an outbox and comes back by itself, as a browser's does."""

    def __init__(self, script: Script, room: str) -> None:
        self.script = script
        self.room = room
        self.url = f"{script.url.replace('http', 'ws', 1)}/ws/?v=2&enter={room}&attend=1"
        self.rows: list[dict[str, Any]] = []
        self.outbox: dict[str, str] = {}
        self.acknowledged: list[str] = []
        self.errors: list[object] = []
        self.byes: list[int] = []
        self.has_said_all = False

    async def talk(self) -> None:
        while True:
            last = self.rows[-1] if self.rows else {"seq": 0, "hash": ""}
            headers = {"X-Session-Token": self.script.token}
            url = f"{self.url}&after={last['seq']}" + (f"&hash={last['hash']}" if last["hash"] else "")
            try:
                async with websockets.connect(url, additional_headers=headers) as line:
                    posting = asyncio.create_task(self.post(line))
                    try:
                        await self.read(line)
                    finally:
                        posting.cancel()
            except (OSError, websockets.InvalidHandshake) as error:
                self.errors.append(error)
                await asyncio.sleep(0.2)

    async def post(self, line: websockets.ClientConnection) -> None:
        waiting = list(self.outbox)
        while True:
            for client_id in waiting:
                post = {"type": "post", "room": self.room, "client_id": client_id, "body": self.outbox[client_id]}
                await line.send(json.dumps(post))
            await asyncio.sleep(PAUSE)
            if self.has_said_all:
                return
            waiting = [uuid4().hex]
            self.outbox[waiting[0]] = f"{self.script.username} {len(self.acknowledged)}"

    async def read(self, line: websockets.ClientConnection) -> None:
        try:
            async for frame in line:
                for event in json.loads(frame):
                    self.take(event)
        except websockets.ConnectionClosed:
            pass
        bye = self.bye
        if line.close_code != 4412:
            self.errors.append(f"closed with {line.close_code}")
        else:
            await asyncio.sleep(bye["retry_ms"] / 1000)

    def take(self, event: dict[str, Any]) -> None:
        match event["type"]:
            case "message":
                self.rows.append(event)
            case "posted":
                self.acknowledged.append(event["client_id"])
                self.outbox.pop(event["client_id"], None)
            case "bye":
                self.bye = event
                self.byes.append(event["code"])
            case "error" | "reset":
                self.errors.append(event)


async def ask(script: Script, errors: list[object], room: str, enough: asyncio.Event) -> None:
    """Somebody who looks at pages and posts over HTTP meanwhile."""
    number = 0
    while not enough.is_set():
        number += 1
        body = {"client_id": uuid4().hex, "body": f"over HTTP {number}"}
        for method, path, what in (
            ("GET", "/api/me", None),
            ("POST", f"/api/rooms/{room}/messages", body),
        ):
            try:
                await asyncio.to_thread(script.call, method, path, what)
            except OSError as error:
                errors.append(f"{method} {path}: {error}")
        await asyncio.sleep(0.1)


async def test_a_rolling_restart_is_a_reconnect_and_nothing_else(running: Cluster) -> None:
    people = [Script(running.url, f"person{number}") for number in range(PEOPLE)]
    room = people[0].call("POST", "/api/rooms", {"name": "Tea"})["id"]
    for person in people[1:]:
        person.call("POST", f"/api/rooms/{room}/join", {})
    talkers = [Talker(person, room) for person in people]
    errors: list[object] = []
    tasks = [asyncio.create_task(talker.talk()) for talker in talkers]
    enough = asyncio.Event()
    asking = asyncio.create_task(ask(people[0], errors, room, enough))
    await asyncio.sleep(2)
    for site in running.sites:
        assert await asyncio.to_thread(site.stop) == 0
        await asyncio.to_thread(site.start)
        await asyncio.sleep(3)
    enough.set()
    await asking
    for talker in talkers:
        talker.has_said_all = True
    async with asyncio.timeout(PATIENCE):
        while any(talker.outbox for talker in talkers):  # noqa: ASYNC110 (of twelve people at once)
            await asyncio.sleep(0.1)
        head = people[0].call("GET", f"/api/rooms/{room}")["head"]
        while any(len(talker.rows) < head for talker in talkers):  # noqa: ASYNC110 (of twelve people at once)
            await asyncio.sleep(0.1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert [error for talker in talkers for error in talker.errors] + errors == []
    assert sum(len(talker.byes) for talker in talkers) >= PEOPLE
    rows = talkers[0].rows
    assert [row["seq"] for row in rows] == list(range(1, head + 1))
    for talker in talkers:
        assert [row["id"] for row in talker.rows] == [row["id"] for row in rows]
        stored = [row["client_id"] for row in rows if row["author"]["username"] == talker.script.username]
        assert len(set(stored)) == len(stored)
        assert set(talker.acknowledged) <= set(stored)
    assert "do not verify" not in running.sites[0].manage("verify_transcripts")
    assert not [site.log() for site in running.sites if "Traceback" in site.log()]
