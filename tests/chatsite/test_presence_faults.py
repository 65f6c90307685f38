"""Who is cut off without a good-bye is soon gone from the room, as the other people there see it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from chatsite import serve
from rooms.realtime.hub import UPKEEP_EVERY
from rooms.realtime.presence import announcer
from rooms.realtime.presence.tracker import GRACE
from tests import servers

# Prints the id of a new room and the keys of sessions of two members.
ROOM_WITH_TWO = """
from django.test import Client
from accounts.models import User
from rooms.actions.memberships import join_room
from rooms.actions.rooms import open_room
alice, bob = [User.objects.create_user(name, f"{name}@example.org") for name in ("alice", "bob")]
room = open_room(actor=alice, name="Lobby")
join_room(room, actor=bob)
print(room.pk)
for user in (alice, bob):
    client = Client()
    client.force_login(user)
    print(client.cookies["sessionid"].value)
"""
# A client that does nothing but hold a socket.
CLIENT = """
import sys
from websockets.sync.client import connect
address, origin, cookie = sys.argv[1:]
with connect(address, origin=origin, additional_headers={"Cookie": cookie}) as socket:
    print("connected", flush=True)
    for frame in socket:
        pass
"""
PING = ["--ping-interval", "3", "--ping-timeout", "2"]


def test_the_defaults_leave_nobody_in_a_room_for_longer_than_30_seconds() -> None:
    # Both are noticed up to a second late.
    cut_off = serve.PING_INTERVAL + 2 + serve.PING_TIMEOUT
    assert cut_off + GRACE + UPKEEP_EVERY + announcer.PRESENCE_BATCH_MAX < 30
    assert serve.PING_TIMEOUT < serve.PING_INTERVAL
    parsed = serve.CommandLine().parser.parse_args(["chatsite.asgi:application"])
    assert (parsed.ping_interval, parsed.ping_timeout) == (serve.PING_INTERVAL, serve.PING_TIMEOUT)


@pytest.mark.faults
@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "asleep"])
def test_a_user_who_is_cut_off_is_soon_gone(site: servers.Site, fault: signal.Signals) -> None:
    site.stop()
    site.command += PING
    site.start()
    room, alice, bob = site.manage("shell", "--no-imports", "-c", ROOM_WITH_TWO).split()
    address = f"ws://{servers.HOST}:{site.port}/ws/?v=2&enter={room}&attend=1"
    with (
        connect(
            address, origin=Origin(site.url), additional_headers={"Cookie": f"sessionid={alice}"}, ping_interval=None
        ) as socket,
        client(address, site.url, f"sessionid={bob}") as process,
    ):
        assert wait_for(socket, "entered", "bob", seconds=10)
        os.kill(process.pid, fault)
        assert wait_for(socket, "exited", "bob", seconds=3 + 2 + 2 + GRACE + UPKEEP_EVERY + 4)


@contextmanager
def client(address: str, origin: str, cookie: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", CLIENT, address, origin, cookie]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        assert process.stdout.readline() == "connected\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(socket: ClientConnection, list_name: str, username: str, *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        try:
            events = json.loads(socket.recv(timeout=left))
        except TimeoutError:
            return False
        for event in events:
            if event["type"] == "presence" and username in [person["username"] for person in event[list_name]]:
                return True
    return False
