"""A process that hangs is noticed: it no longer says that it lives, and nobody is sent to it for long."""

import contextlib
import os
import signal
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatsite.server import watchdog
from tests import servers
from tests.cluster import Nginx

pytestmark = pytest.mark.security

# Seconds after which this systemd takes a process for dead.
WATCHDOG = 3


class Systemd:
    """What a process sees of it: a socket to report to. As the real one it kills what stays silent."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.socket.settimeout(servers.START_SECONDS)
        self.env = {"NOTIFY_SOCKET": str(self.path), "WATCHDOG_USEC": str(WATCHDOG * 1_000_000)}

    def hear(self) -> str:
        return self.socket.recv(4_096).decode()

    def wait_for_silence(self) -> None:
        self.socket.settimeout(WATCHDOG)
        with contextlib.suppress(TimeoutError):
            while True:
                self.hear()
        self.socket.settimeout(servers.START_SECONDS)


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Systemd]:
    manager = Systemd(tmp_path)
    yield manager
    manager.socket.close()


def served(systemd: Systemd, data: Path, **env: str) -> servers.Site:
    site = servers.Site(data, {**systemd.env, **env})
    site.command = [part.replace("chatsite.asgi:", "tests.security.hanging:") for part in site.command]
    site.prepare()
    site.start()
    return site


def ask(url: str, seconds: float | None = None) -> int:
    with urllib.request.urlopen(url, timeout=seconds) as response:
        return int(response.status)


def hang(site: servers.Site) -> None:
    with socket.create_connection((servers.HOST, site.port)) as line:
        line.sendall(f"GET /hang HTTP/1.1\r\nHost: {servers.HOST}\r\n\r\n".encode())


def test_a_process_says_that_it_is_ready_lives_and_stops(systemd: Systemd, tmp_path: Path) -> None:
    site = served(systemd, tmp_path)
    try:
        assert systemd.hear() == "READY=1"
        assert ask(f"{site.url}/healthz") == 200
        assert [systemd.hear() for _ in range(3)] == ["WATCHDOG=1"] * 3
        assert site.stop() == 0
        systemd.socket.setblocking(False)
        said = ""
        with contextlib.suppress(BlockingIOError):
            while True:
                said = systemd.hear() if said != "STOPPING=1" else said + systemd.hear()
        assert said.removesuffix("WATCHDOG=1") == "STOPPING=1"
    finally:
        site.stop()


def test_one_whose_event_loop_hangs_falls_silent_is_killed_and_comes_back(systemd: Systemd, tmp_path: Path) -> None:
    site = served(systemd, tmp_path)
    try:
        assert systemd.hear() == "READY=1"
        hang(site)
        systemd.wait_for_silence()
        # Its port takes connections as if nothing were the matter.
        with socket.create_connection((servers.HOST, site.port)):
            pass
        assert site.stop(signal.SIGABRT) == -signal.SIGABRT
        # Where it hung is in the log.
        assert "in stop_the_loop" in site.log()
        site.start()
        assert systemd.hear() == "READY=1"
        assert ask(f"{site.url}/healthz") == 200
    finally:
        site.stop()


def test_nobody_is_kept_waiting_by_one_that_hangs(systemd: Systemd, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    hung = served(systemd, tmp_path / "data")
    with servers.site(tmp_path / "data") as other:
        front = Nginx(servers.need("nginx"), tmp_path, [hung.port, other.port])
        front.start()
        try:
            hang(hung)
            systemd.wait_for_silence()
            # Each of them would otherwise be given to either process.
            assert [ask(f"{front.url}/healthz", 30) for _ in range(20)] == [200] * 20
        finally:
            front.stop()
            hung.kill()


def test_who_is_not_watched_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[float] = []
    for env in ({}, {"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": str(os.getpid() + 1)}, {"WATCHDOG_USEC": "soon"}):
        for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"):
            monkeypatch.delenv(name, raising=False)
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        watchdog.feed_from(lambda seconds, _feed: calls.append(seconds))
    assert calls == []


def test_a_systemd_that_is_gone_stops_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "missing"))
    watchdog.notify("WATCHDOG=1")


def test_an_abstract_socket_is_told_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(f"\0chatsite-test-{os.getpid()}")
        monkeypatch.setenv("NOTIFY_SOCKET", f"@chatsite-test-{os.getpid()}")
        watchdog.notify("READY=1")
        assert heard.recv(100) == b"READY=1"
