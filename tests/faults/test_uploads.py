"""A process that is killed with kill -9 in the middle of an upload: what it acknowledged is there, and it goes on."""

import json
import os
import socket
from collections.abc import Callable
from uuid import uuid4

import pytest

from tests import servers
from tests.storage import MB, Person, person

pytestmark = pytest.mark.faults

DATA = os.urandom(6 * MB)


def cut(site: servers.Site, sender: Person, method: str, path: str, body: bytes, sent: int, headers: str = "") -> None:
    """Begin a request, and kill the process when so many bytes of its body are on their way."""
    with socket.create_connection((servers.HOST, site.port)) as line:
        head = f"{method} {path} HTTP/1.1\r\nHost: {servers.HOST}\r\nX-Session-Token: {sender.token}\r\n{headers}"
        line.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:sent])
        site.kill()
    site.start()


def cut_a_part(site: servers.Site, sender: Person, upload: str) -> None:
    cut(site, sender, "PATCH", upload, DATA[2 * MB : 4 * MB], MB, f"Upload-Offset: {2 * MB}\r\n")


def cut_after_a_part(site: servers.Site, sender: Person, upload: str) -> None:
    """All of it has gone out; nobody knows how far it has come."""
    cut(site, sender, "PATCH", upload, DATA[2 * MB : 4 * MB], 2 * MB, f"Upload-Offset: {2 * MB}\r\n")


def cut_the_finish(site: servers.Site, sender: Person, upload: str) -> None:
    go_on(sender, upload)
    cut(site, sender, "POST", f"{upload}/finish", b"", 0)


def cut_the_post(site: servers.Site, sender: Person, upload: str) -> None:
    go_on(sender, upload)
    file = sender.call("POST", f"{upload}/finish")["id"]
    words = json.dumps({"client_id": "1", "body": "", "attachment": file}).encode()
    cut(
        site,
        sender,
        "POST",
        f"/api/rooms/{sender.room}/messages",
        words,
        len(words),
        "Content-Type: application/json\r\n",
    )


def go_on(sender: Person, upload: str) -> None:
    offset = sender.call("GET", upload)["offset"]
    while offset < len(DATA):
        part = DATA[offset : offset + 2 * MB]
        assert sender.chunk(upload, offset, part) == 204
        offset += len(part)


@pytest.mark.parametrize(
    "kill", [cut_a_part, cut_after_a_part, cut_the_finish, cut_the_post], ids=lambda kill: kill.__name__
)
def test_an_upload_goes_on_after_the_server_was_killed(
    site: servers.Site, kill: Callable[[servers.Site, Person, str], None]
) -> None:
    alice = person(site)
    upload = alice.begin(f"{uuid4()}.bin", len(DATA))
    assert alice.chunk(upload, 0, DATA[: 2 * MB]) == 204
    kill(site, alice, upload)
    assert alice.call("GET", upload)["offset"] >= 2 * MB
    go_on(alice, upload)
    file = alice.post(upload)
    assert alice.ask("GET", file["url"])[2] == DATA
    messages = alice.call("GET", f"/api/rooms/{alice.room}/messages")["messages"]
    assert [row["attachment"]["sha256"] for row in messages if row["kind"] == "file"] == [file["sha256"]]
    assert "transcripts verify." in site.manage("verify_transcripts", "--files")
