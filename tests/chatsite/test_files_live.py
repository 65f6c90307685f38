"""Files on a real server: what it holds in memory, what storage it may use, and what a killed process leaves."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatsite.server.http_backpressure import BODY_MAX_BYTES
from tests import servers
from tests.cluster import Nginx
from tests.storage import KEYS, MB, S3, Person, person


def resident(site: servers.Site) -> float:
    """Megabytes."""
    assert site.process
    status = Path(f"/proc/{site.process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def test_a_slow_reader_does_not_make_the_server_hold_the_file(site: servers.Site) -> None:
    alice = person(site)
    data = os.urandom(60 * MB)
    file = alice.send(data)
    before = resident(site)
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        line.connect((servers.HOST, site.port))
        head = f"GET {file['url']} HTTP/1.1\r\nHost: {servers.HOST}\r\nX-Session-Token: {alice.token}\r\n\r\n"
        line.sendall(head.encode())
        assert line.recv(1024).startswith(b"HTTP/1.1 200")
        # Others are answered meanwhile; by then the server would long have read all of it.
        for _ in range(20):
            assert alice.ask("GET", file["url"], Range="bytes=0-9")[2] == data[:10]
        assert resident(site) - before < 30
    assert alice.ask("GET", file["url"])[2] == data


@pytest.mark.parametrize("how", ["with a length", "without a length"])
def test_a_body_that_is_too_long_is_refused_before_it_is_here(site: servers.Site, how: str) -> None:
    before = resident(site)
    with socket.socket() as line:
        line.connect((servers.HOST, site.port))
        head = f"POST /api/rooms HTTP/1.1\r\nHost: {servers.HOST}\r\n".encode()
        try:
            if how == "with a length":
                line.sendall(head + b"Content-Length: 500000000\r\n\r\n")
            else:
                line.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n")
            for _ in range(200):
                line.sendall(b"100000\r\n" + bytes(MB) + b"\r\n")
        except OSError:
            # It does not listen to the rest.
            pass
        else:
            pytest.fail("It took 200 MB.")
    assert resident(site) - before < BODY_MAX_BYTES / MB + 20
    assert Person(site.url, "alice").call("GET", "/api/me")["username"] == "alice"


def test_a_body_that_says_that_it_is_too_long_is_told_so(site: servers.Site) -> None:
    with socket.create_connection((servers.HOST, site.port)) as line:
        line.sendall(b"POST /api/rooms HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 500000000\r\n\r\n")
        answer = line.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"too_large"' in answer


def test_a_client_that_sends_all_of_a_too_long_body_gets_its_answer(site: servers.Site) -> None:
    """A connection that is closed too soon is reset, and takes the answer with it."""
    for _ in range(5):
        with socket.create_connection((servers.HOST, site.port)) as line:
            line.sendall(b"POST /api/rooms HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 6000000\r\n\r\n")
            for _ in range(6):
                line.sendall(bytes(1_000_000))
            assert line.makefile("rb").read().startswith(b"HTTP/1.1 413 ")
    assert "Traceback" not in site.log()


def take_all(line: socket.socket) -> None:
    while line.recv(MB):
        pass


def test_a_file_that_ends_too_early_ends_the_connection(site: servers.Site) -> None:
    """Whoever reads it must not wait for the rest."""
    alice = person(site)
    file = alice.send(os.urandom(40 * MB))
    (stored,) = [path for path in (site.data / "files" / "files").rglob("*") if path.is_file()]
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        line.connect((servers.HOST, site.port))
        line.settimeout(30)
        head = f"GET {file['url']} HTTP/1.1\r\nHost: {servers.HOST}\r\nX-Session-Token: {alice.token}\r\n\r\n"
        line.sendall(head.encode())
        assert line.recv(1024).startswith(b"HTTP/1.1 200")
        os.truncate(stored, MB)
        with pytest.raises(ConnectionError):
            take_all(line)


@pytest.fixture
def s3(tmp_path: Path) -> Iterator[S3]:
    server = S3(tmp_path)
    server.start()
    yield server
    server.stop()


def test_files_may_lie_in_a_bucket(s3: S3) -> None:
    with servers.site(env={"FILES_STORAGE": s3.url, **KEYS}) as site:
        alice = person(site)
        data = os.urandom(20 * MB)
        file = alice.send(data)
        assert alice.ask("GET", file["url"])[2] == data
        status, headers, part = alice.ask("GET", file["url"], Range=f"bytes={MB}-{2 * MB - 1}")
        assert (status, part) == (206, data[MB : 2 * MB])
        assert headers["Content-Range"] == f"bytes {MB}-{2 * MB - 1}/{len(data)}"
        # What was put together has no parts any more, and nothing lies in the site's own folder.
        held = [path for path in (s3.folder / "buckets").rglob("*") if path.is_file()]
        assert [path.stat().st_size for path in held] == [len(data)]
        assert not (site.data / "files").exists()
        assert "transcripts verify." in site.manage("verify_transcripts", "--files")
        # While the bucket is away, one is told to try again.
        s3.stop()
        assert alice.status("POST", f"/api/rooms/{alice.room}/files", {"name": "b.txt", "size": 5}) == 200
        assert alice.ask("GET", file["url"])[0] == 503


def test_nginx_sends_the_files_itself(tmp_path: Path) -> None:
    program = servers.need("nginx")
    with servers.site(env={"FILES_ACCEL": "/protected/"}) as site:
        front = Nginx(program, tmp_path, [site.port], files=site.data / "files")
        # nginx's workers, which are nobody in particular, come into the folder as its group does on a server.
        site.data.chmod(0o755)
        front.start()
        try:
            look_through(site, front)
        finally:
            front.stop()


def look_through(site: servers.Site, front: Nginx) -> None:
    alice, data = person(site), os.urandom(3 * MB)
    file = alice.send(data)
    for path in (site.data / "files").rglob("*"):
        path.chmod(0o755)
    (site.data / "files").chmod(0o755)
    # By the site itself there is only where nginx finds it.
    assert alice.ask("GET", file["url"])[1]["X-Accel-Redirect"].startswith("/protected/files/")
    through = Person(front.url, "alice", alice.token)
    status, headers, content = through.ask("GET", file["url"])
    assert (status, content) == (200, data)
    assert headers["Content-Disposition"] == 'attachment; filename="a.bin"'
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("sandbox;")
    assert through.ask("GET", file["url"], Range="bytes=5-9")[2] == data[5:10]
    bob = Person(front.url, "bob")
    assert bob.ask("GET", file["url"])[0] == 404
    inside = alice.ask("GET", file["url"])[1]["X-Accel-Redirect"]
    assert bob.ask("GET", inside)[0] == 404
