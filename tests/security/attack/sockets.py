"""Sockets of one person: many, and ones that do not listen."""

import json
import socket
import time
from contextlib import ExitStack, suppress
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect

from tests.security.attack.attack import Seen, attack, open_if
from tests.security.attack.client import code_of
from tests.security.attack.scene import NotTriedError, Person, Scene, new_name

MANY = 60
# More than this are not let in by any number of processes that a site of one machine has.
FEW = 40
ENTRIES = 400
# Seconds in which somebody who takes nothing should be given up.
GIVEN_UP = 90
# The longest message, in the characters that take the most bytes.
LONG = "\U0001f600" * 10_000
# Fewer than may be posted at once, and more than the machine itself keeps for a reader that does not read.
LONG_MESSAGES = 145


def open_socket(scene: Scene, person: Person, room: str = "", **how: Any) -> ClientConnection:
    """Return a socket that enters a room, if one is named, and attends it."""
    url = f"ws{scene.url.removeprefix('http')}/ws/?v=2{f'&enter={room}&attend=1' if room else ''}"
    return connect(
        url, additional_headers={"X-Session-Token": person.client.token}, proxy=None, max_size=None, close_timeout=2,
        ping_interval=None, **how,
    )  # fmt: skip


def is_let_in(line: ClientConnection, *, into_a_room: bool = False) -> bool:
    with suppress(ConnectionClosed, TimeoutError):
        while True:
            for event in json.loads(line.recv(timeout=20)):
                if event["type"] in ("ended", "error", "bye"):
                    return False
                if event["type"] == "welcome" and ("room" in event or not into_a_room):
                    return True
    return False


@attack("sockets")
def many_sockets(scene: Scene) -> Seen:
    """60 sockets of one person at once."""
    let_in = 0
    with ExitStack() as stack:
        for _ in range(MANY):
            with suppress(InvalidHandshake):
                let_in += is_let_in(stack.enter_context(open_socket(scene, scene.member)))
    return open_if(let_in > FEW, f"{let_in} of {MANY} were let in")


@attack("sockets")
def entering_without_end(scene: Scene) -> Seen:
    """One person coming into a room and going again, as often as it takes."""
    room = scene.new_room(scene.member)
    for number in range(ENTRIES):
        try:
            with open_socket(scene, scene.member, room) as line:
                if not is_let_in(line, into_a_room=True):
                    return open_if(False, f"turned away after {number}")
        except InvalidHandshake as error:
            return open_if(False, f"turned away after {number}: {error}")
    return open_if(True, f"let in {ENTRIES} times")


@attack("sockets")
def deaf_socket(scene: Scene) -> Seen:
    """A socket that takes nothing of what the others say and only ever says that it is typing."""
    speaker, listener = scene.members(2)
    room = scene.new_room(speaker)
    listener.client.post(f"/api/rooms/{room}/join")
    parts = urlsplit(scene.url)
    own = socket.socket()
    # As little as possible waits on this side.
    own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    own.connect((parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)))
    with open_socket(scene, listener, room, max_queue=1, sock=own) as line:
        if not is_let_in(line, into_a_room=True):
            raise NotTriedError("it was not let in")
        for number in range(LONG_MESSAGES):
            answer = speaker.client.post(
                f"/api/rooms/{room}/messages", json={"client_id": f"{new_name()}-{number}", "body": LONG}
            )
            if answer.status_code != 201:
                raise NotTriedError(f"the room could not be filled ({number}: {code_of(answer)})")
        begun = time.monotonic()
        with suppress(ConnectionClosed):
            while time.monotonic() - begun < GIVEN_UP:
                line.send(json.dumps({"type": "typing", "room": room}))
                time.sleep(2)
        # What waits for it is taken now: does it end there, or with what is said after that?
        speaker.client.post(f"/api/rooms/{room}/messages", json={"client_id": new_name(), "body": "The end"})
        is_alive = False
        with suppress(ConnectionClosed, TimeoutError):
            while not is_alive:
                is_alive = "The end" in str(line.recv(timeout=20))
    speaker.client.delete(f"/api/rooms/{room}")
    return open_if(is_alive, f"after {GIVEN_UP} s it was {'still held' if is_alive else 'given up'}")
