"""daphne as we run it: how it refuses to start, and how it ends."""

import json
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from chatsite import serve
from tests import servers
from tests.chatsite.serving import alice_connects, answers, events_until_the_close, fails_to_start


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_quietly_within_ten_seconds(site: servers.Site, with_signal: int) -> None:
    # A connection that stays open, as browsers keep theirs, must not keep the server.
    with socket.create_connection((servers.HOST, site.port)):
        assert answers(site)
        before = time.monotonic()
        assert site.stop(with_signal) == 0
        assert time.monotonic() - before < 10
    assert site.log() == ""


def test_who_is_connected_is_told_when_to_come_back(site: servers.Site) -> None:
    with alice_connects(site) as socket:
        assert json.loads(socket.recv(timeout=10))[0]["type"] == "welcome"
        stopping = threading.Thread(target=site.stop)
        stopping.start()
        bye = events_until_the_close(socket)[-1]
        stopping.join()
    assert (bye["type"], bye["code"]) == ("bye", 4412)
    assert bye["retry_ms"] > 0
    assert socket.close_code == 4412


def test_a_frame_that_is_too_long_closes_its_socket_and_says_so(site: servers.Site) -> None:
    with alice_connects(site) as socket:
        socket.send("x" * (serve.FRAME_MAX_BYTES + 1))
        events_until_the_close(socket)
    assert socket.close_code == 1009
    assert answers(site)


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
