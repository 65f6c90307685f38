"""The socket by RFC 6455, byte for byte, on a real server: openings that are refused, and how sockets are closed."""

import os
import socket
import struct
from collections.abc import Iterator

import pytest

from tests import servers
from tests.scripts import Script

OPENING = {
    "Host": "{host}",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


@pytest.fixture(scope="module")
def site() -> Iterator[servers.Site]:
    with servers.site() as running:
        yield running


class Line:
    """A connection on which bytes are sent as they are."""

    def __init__(self, site: servers.Site) -> None:
        self.host = f"{servers.HOST}:{site.port}"
        self.socket = socket.create_connection((servers.HOST, site.port), timeout=20)
        self.file = self.socket.makefile("rb")

    def ask(self, path: str, *, version: str = "HTTP/1.1", **changes: str | None) -> tuple[int, dict[str, str]]:
        """Send an opening handshake; return status and headers. A change of None leaves that header out."""
        headers = {**OPENING, **{name.replace("_", "-"): value for name, value in changes.items()}}
        lines = [f"{name}: {value.format(host=self.host)}" for name, value in headers.items() if value is not None]
        self.socket.sendall("\r\n".join([f"GET {path} {version}", *lines, "", ""]).encode())
        status = int(self.file.readline().split()[1])
        answer = {}
        while line := self.file.readline().strip():
            name, _, value = line.decode().partition(": ")
            answer[name.lower()] = value
        return status, answer

    def send(self, opcode: int, payload: bytes) -> None:
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[n % 4] for n, byte in enumerate(payload))
        self.socket.sendall(bytes([0x80 | opcode, 0x80 | len(payload)]) + mask + masked)

    def receive(self) -> tuple[int, bytes]:
        first, length = self.file.read(2)
        if length == 126:
            (length,) = struct.unpack("!H", self.file.read(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self.file.read(8))
        return first & 0x0F, self.file.read(length)

    def closed_by(self, payload: bytes) -> int | None:
        """Send a close frame; return the code that the server closes with, after which it ends the connection."""
        self.send(8, payload)
        opcode, answer = self.receive()
        while opcode != 8:
            opcode, answer = self.receive()
        assert self.file.read() == b""
        return struct.unpack("!H", answer[:2])[0] if answer else None


@pytest.fixture
def line(site: servers.Site) -> Iterator[Line]:
    line = Line(site)
    yield line
    line.socket.close()


@pytest.fixture(scope="module")
def token(site: servers.Site) -> str:
    return Script(site.url, "ann").token


@pytest.fixture
def opened(token: str, line: Line) -> Line:
    """A socket of somebody who is signed in."""
    status, _ = line.ask("/ws/?v=2", X_Session_Token=token)
    assert status == 101
    return line


@pytest.mark.parametrize("code", [1000, 1001, 1011, 1012, 1014, 3000, 3999, 4000, 4999])
def test_a_close_is_answered_with_its_own_code(opened: Line, code: int) -> None:
    assert opened.closed_by(struct.pack("!H", code) + "später".encode()) == code


def test_a_close_without_a_code_is_answered_without_one(opened: Line) -> None:
    assert opened.closed_by(b"") is None


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535])
def test_a_code_that_nobody_may_send_is_a_protocol_error(opened: Line, code: int) -> None:
    assert opened.closed_by(struct.pack("!H", code)) == 1002


def test_half_a_close_code_is_a_protocol_error(opened: Line) -> None:
    assert opened.closed_by(b"\x03") == 1002


@pytest.mark.parametrize("reason", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"fine \xf4\x90\x80\x80"])
def test_a_reason_that_is_no_text_is_an_invalid_payload(opened: Line, reason: bytes) -> None:
    assert opened.closed_by(struct.pack("!H", 1000) + reason) == 1007


@pytest.mark.parametrize("version", ["8", "7", "0", "14", "255", "thirteen", "", None])
def test_another_version_of_the_protocol_is_told_which_one_there_is(line: Line, version: str | None) -> None:
    status, headers = line.ask("/ws/?v=2", Sec_WebSocket_Version=version)
    assert (status, headers["sec-websocket-version"]) == (426, "13")
    assert headers["connection"] == "Upgrade, close"
    assert headers["upgrade"] == "websocket"
    assert len(line.file.read()) == int(headers["content-length"])


def test_an_opening_that_lacks_something_is_a_bad_request(line: Line) -> None:
    status, headers = line.ask("/ws/?v=2", Sec_WebSocket_Key="too short")
    assert status == 400
    assert len(line.file.read()) == int(headers["content-length"])


def test_http_1_0_opens_no_socket(line: Line) -> None:
    # RFC 9110 §7.8: a server must ignore an Upgrade header of HTTP/1.0.
    assert line.ask("/ws/?v=2", version="HTTP/1.0")[0] == 404


@pytest.mark.parametrize("path", ["/ws/nothing/", "/", "/ws/rooms/42/", "/ws"])
def test_a_socket_at_an_unknown_address_is_answered_with_404(line: Line, path: str) -> None:
    assert line.ask(path)[0] == 404
