"""A process that is told to stop: it says good-bye, finishes what it holds, and ends in ten seconds whatever hangs."""

import asyncio
import base64
import http.client
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests import servers
from tests.scripts import Script

pytestmark = pytest.mark.faults

# What `systemd` and people are promised.
EXIT_SECONDS = 10


@pytest.fixture
def shared_site() -> Iterator[tuple[servers.Site, servers.Postgres, servers.Redis]]:
    """One process of a site on PostgreSQL and Redis."""
    with servers.postgres() as postgres, servers.redis() as redis:
        env = {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url}
        with servers.site(env=env) as site:
            yield site, postgres, redis


async def stops_in_time(site: servers.Site) -> int:
    before = time.monotonic()
    code = await asyncio.to_thread(site.stop)
    assert time.monotonic() - before < EXIT_SECONDS
    return code


async def test_posts_that_it_has_are_stored_and_acknowledged_before_the_good_bye(site: servers.Site) -> None:
    alice = Script(site.url, "alice")
    room = alice.call("POST", "/api/rooms", {"name": "Tea"})["id"]
    async with alice.line(room, after=0) as line:
        await line.until(line.rows)
        await line.say(*(f"{number}" for number in range(90)))
        # The process has read some of them, perhaps all: those it acknowledges are there, and none beside.
        assert await stops_in_time(site) == 0
        assert await line.until_closed() == 4412
        posted = [event["seq"] for event in line.events if event["type"] == "posted"]
        assert line.events[-1]["type"] == "bye"
    site.start()
    kept = alice.call("GET", f"/api/rooms/{room}/messages?after=0")["messages"]
    assert [row["seq"] for row in kept if row["kind"] == "text"] == posted


async def test_a_client_that_takes_nothing_does_not_hold_it_up(site: servers.Site) -> None:
    alice = Script(site.url, "alice")
    room = alice.call("POST", "/api/rooms", {"name": "Tea"})["id"]
    async with alice.line(room, after=0) as line:
        with closing(connect_and_read_nothing(site, alice, room)):
            for number in range(100):
                await line.say(f"{number}: {'x' * 8_000}")
            await line.until_words(100)
            assert await stops_in_time(site) == 0
            assert await line.until_closed() == 4412


def connect_and_read_nothing(site: servers.Site, script: Script, room: str) -> socket.socket:
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    line.connect((servers.HOST, site.port))
    key = base64.b64encode(os.urandom(16)).decode()
    line.sendall(
        f"GET /ws/?v=2&enter={room}&after=0 HTTP/1.1\r\nHost: {servers.HOST}:{site.port}\r\n"
        f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        f"X-Session-Token: {script.token}\r\n\r\n".encode()
    )
    assert line.recv(12) == b"HTTP/1.1 101"
    return line


@pytest.mark.parametrize("hangs", ["postgres", "redis", "both"])
async def test_it_ends_while_what_it_needs_hangs(
    shared_site: tuple[servers.Site, servers.Postgres, servers.Redis], hangs: str
) -> None:
    site, postgres, redis = shared_site
    alice = Script(site.url, "alice")
    room = alice.call("POST", "/api/rooms", {"name": "Tea"})["id"]
    async with alice.line(room, after=0) as line:
        await line.until(line.rows)
        if hangs != "postgres":
            redis.pause()
        if hangs != "redis":
            hang(postgres, signal.SIGSTOP)
        try:
            await line.say("into the void")
            await asyncio.sleep(1)
            await stops_in_time(site)
            assert await line.until_closed() == 4412
        finally:
            hang(postgres, signal.SIGCONT)
            redis.resume()
    site.start()
    stored = [row for row in alice.call("GET", f"/api/rooms/{room}/messages")["messages"] if row["kind"] == "text"]
    # One that nobody acknowledged may have been stored or not; what only Redis kept from others is.
    assert len(stored) == 1 if hangs == "redis" else len(stored) <= 1


def hang(postgres: servers.Postgres, with_signal: int) -> None:
    """Stop or continue every process of a PostgreSQL: the one that listens serves nobody."""
    assert postgres.process
    pid = postgres.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for each in (pid, *map(int, children)):
        os.kill(each, with_signal)


def ask_whether_ready(connection: http.client.HTTPConnection, path: str = "/readyz") -> tuple[int, object]:
    connection.request("GET", path)
    response = connection.getresponse()
    return response.status, json.loads(response.read())


async def test_a_second_signal_ends_it_at_once(
    shared_site: tuple[servers.Site, servers.Postgres, servers.Redis],
) -> None:
    site, postgres, _redis = shared_site
    alice = Script(site.url, "alice")
    room = alice.call("POST", "/api/rooms", {"name": "Tea"})["id"]
    async with alice.line(room, after=0) as line:
        await line.until(line.rows)
        hang(postgres, signal.SIGSTOP)
        try:
            await line.say("into the void")
            await asyncio.sleep(0.5)
            asking = http.client.HTTPConnection(servers.HOST, site.port, timeout=5)
            assert ask_whether_ready(asking, "/healthz") == (200, {"status": "alive"})
            site.process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.5)
            problems = ["This process is about to stop."]
            assert ask_whether_ready(asking) == (503, {"status": "not ready", "problems": problems})
            asking.close()
            assert not site.has_ended()
            before = time.monotonic()
            assert await asyncio.to_thread(site.stop) == 1
            assert time.monotonic() - before < 2
        finally:
            hang(postgres, signal.SIGCONT)
