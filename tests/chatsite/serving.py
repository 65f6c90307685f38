"""A site that is served, and one that does not start."""

import contextlib
import json
import subprocess
import urllib.request
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests import servers

# Prints the id of a new room and the key of a session of its admin.
ROOM_WITH_ALICE = """
from django.test import Client
from accounts.models import User
from rooms.actions.rooms import open_room
alice = User.objects.create_user("alice", "alice@example.org")
client = Client()
client.force_login(alice)
print(open_room(actor=alice, name="Lobby").pk, client.cookies["sessionid"].value)
"""


def alice_connects(site: servers.Site) -> ClientConnection:
    room, session = site.manage("shell", "--no-imports", "-c", ROOM_WITH_ALICE).split()
    address = f"ws://{servers.HOST}:{site.port}/ws/?v=2&enter={room}&attend=1"
    return connect(address, origin=Origin(site.url), additional_headers={"Cookie": f"sessionid={session}"})


def events_until_the_close(socket: ClientConnection) -> list[Any]:
    events = []
    with contextlib.suppress(ConnectionClosed):
        while True:
            events += json.loads(socket.recv(timeout=10))
    return events


def answers(site: servers.Site) -> bool:
    with urllib.request.urlopen(f"{site.url}/accounts/login/") as response:
        return bool(response.status == 200)


def fails_to_start(command: list[str], env: dict[str, str]) -> str:
    """Return the one sentence that it fails with."""
    done = subprocess.run(
        command, cwd=servers.PROJECT, env=env, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 1
    [sentence] = done.stderr.splitlines()
    return sentence
