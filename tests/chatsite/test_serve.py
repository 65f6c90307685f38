"""daphne as we run it: how it refuses to start, and how it ends."""

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests import servers


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_quietly_within_ten_seconds(site: servers.Site, with_signal: int) -> None:
    # A connection that stays open, as browsers keep theirs, must not keep the server.
    with socket.create_connection((servers.HOST, site.port)):
        assert answers(site)
        before = time.monotonic()
        assert site.stop(with_signal) == 0
        assert time.monotonic() - before < 10
    assert site.log() == ""


def test_it_comes_back_on_the_same_port_with_the_same_data(site: servers.Site) -> None:
    key = (site.data / "secret_key").read_text()
    site.kill()
    site.start()
    assert answers(site)
    assert (site.data / "secret_key").read_text() == key


def test_a_taken_port_is_one_sentence(site: servers.Site) -> None:
    second = subprocess.run(site.command, cwd=servers.PROJECT, env=site.env, capture_output=True, text=True, timeout=30)
    assert second.returncode == 1
    [sentence] = second.stderr.splitlines()
    assert f"{servers.HOST}:{site.port}" in sentence
    assert "choose another port" in sentence


def test_an_unsafe_set_up_does_not_start(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "chatsite.serve", "-p", str(servers.free_port()), "chatsite.asgi:application"],
        cwd=servers.PROJECT, env=servers.environment(tmp_path, ALLOWED_HOSTS="*"), capture_output=True, text=True,
        timeout=30,
    )  # fmt: skip
    assert done.returncode == 1
    [sentence] = done.stderr.splitlines()
    assert "ALLOWED_HOSTS" in sentence


def answers(site: servers.Site) -> bool:
    with urllib.request.urlopen(f"{site.url}/accounts/login/") as response:
        return bool(response.status == 200)
