"""One conversation, byte for byte: what our server writes to the transports is what plain ones send."""

import json
import re
import socket
from collections.abc import Callable
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from tests import servers
from tests.scripts import PATIENCE, Script

UPGRADE = (
    "GET /ws/?v=2&enter={room}&after=0&attend=1 HTTP/1.1\r\nHost: {host}\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nX-Session-Token: {token}\r\n\r\n"
)
# What differs from one site to the next, each as long as the other.
VOLATILE = re.compile(
    rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=\")[0-9a-f]{64}(?=\")|\d{4}-\d\d-\d\dT[\d:.]+Z|(?<=_ms\":)\d+"
)
# What comes when its time has come: a ping, and what a busy machine may bring in between.
PASSING = re.compile(rb"\x89|.{2,10}\[\{\"type\":\"(?:head|rooms|read|unread)\"", re.DOTALL)
Frames = list[bytes]


class Raw:
    """A line on which every byte is looked at."""

    def __init__(self, script: Script, room: str) -> None:
        address = urlsplit(script.url)
        self._socket = socket.create_connection((address.hostname or "", address.port or 0), timeout=PATIENCE)
        self._socket.sendall(UPGRADE.format(room=room, host=address.netloc, token=script.token).encode())
        self._data = b""
        while b"\r\n\r\n" not in self._data:
            self._read()
        self.answer, _, self._data = self._data.partition(b"\r\n\r\n")

    def send(self, event: object) -> None:
        payload = json.dumps(event).encode()
        length = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
        self._socket.sendall(b"\x81" + length + bytes(4) + payload)

    def until(self, is_there: Callable[[bytes], bool]) -> Frames:
        """Return whole frames as they came, until one of them is."""
        frames: Frames = []
        while not frames or not any(map(is_there, frames)):
            frames.append(self.frame())
        return frames

    def frame(self) -> bytes:
        while PASSING.match(frame := self._next()):
            pass
        return frame

    def _next(self) -> bytes:
        while len(self._data) < 2:
            self._read()
        more = {126: 2, 127: 8}.get(self._data[1], 0)
        while len(self._data) < 2 + more:
            self._read()
        length = int.from_bytes(self._data[2 : 2 + more], "big") if more else self._data[1]
        while len(self._data) < 2 + more + length:
            self._read()
        frame, self._data = self._data[: 2 + more + length], self._data[2 + more + length :]
        return frame

    def close(self) -> None:
        self._socket.close()

    def _read(self) -> None:
        data = self._socket.recv(65_536)
        assert data, "The line has ended."
        self._data += data


def converse(url: str) -> list[Frames]:
    alice, bob = Script(url, "alice"), Script(url, "bob")
    room = alice.call("POST", "/api/rooms", {"name": "Bytes"})["id"]
    me = bob.call("POST", f"/api/rooms/{room}/join") and bob.call("GET", "/api/me")["id"]
    with closing(Raw(bob, room)) as line:
        return spoken(
            line,
            room,
            remove=lambda: alice.call("DELETE", f"/api/rooms/{room}/members/{me}"),
            sign_out=lambda: bob.status("DELETE", "/_allauth/app/v1/auth/session"),
        )


def spoken(line: Raw, room: str, *, remove: Callable[[], object], sign_out: Callable[[], object]) -> list[Frames]:
    """Return the frames of each step, those of one that may come in any order sorted."""
    steps = [[line.answer.splitlines()[0]], line.until(lambda frame: b'"presence"' in frame)]
    for number, words in enumerate(["Hello", "é👋" * 60, "x" * 9_999]):
        line.send({"type": "post", "room": room, "client_id": str(number), "body": words})
        # The answer and the row come in frames of their own, either of them first.
        steps.append(sorted([line.frame(), line.frame()]))
    for mistake in ({"type": "sing"}, {"type": "post", "room": room, "client_id": "?", "body": "x"}, ["no object"]):
        line.send(mistake)
        steps.append(line.until(lambda frame: b'"error"' in frame))
    remove()
    steps.append(line.until(lambda frame: b'"ended"' in frame))
    sign_out()
    # A frame of close follows the good-bye: 0x88.
    steps.append(line.until(lambda frame: frame[0] == 0x88))
    return steps


@pytest.fixture(scope="module")
def conversations() -> dict[str, list[Frames]]:
    conversations = {}
    for program in servers.PROGRAMS:
        with servers.site(program=program) as site:
            conversations[program] = converse(site.url)
    return conversations


def test_all_ways_write_the_same_bytes_in_the_same_order(conversations: dict[str, list[Frames]]) -> None:
    ours, *others = (
        [[VOLATILE.sub(b"?", frame) for frame in step] for step in steps] for steps in conversations.values()
    )
    assert others == [ours] * len(others)


def test_all_ways_close_as_they_said(conversations: dict[str, list[Frames]]) -> None:
    for steps in conversations.values():
        *_, bye, close = steps[-1]
        assert b'"bye"' in bye
        assert close[2:4] == (4401).to_bytes(2, "big")
