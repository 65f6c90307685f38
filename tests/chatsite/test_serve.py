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
    sentence = fails_to_start(site.command, site.env)
    assert f"{servers.HOST}:{site.port}" in sentence
    assert "choose another port" in sentence


def test_an_unsafe_set_up_does_not_start(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "chatsite.serve", "-p", str(servers.free_port()), "chatsite.asgi:application"]
    sentence = fails_to_start(command, servers.environment(tmp_path, ALLOWED_HOSTS="*"))
    assert "ALLOWED_HOSTS" in sentence


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
