"""``make run``: what it says when it cannot start, and that a second start is quick and quiet."""

import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.actions import come_in_as_guest
from accounts.models import User
from chatsite import embedded
from tests import servers

COMMAND = [sys.executable, "-m", "chatsite.embedded"]


def fails_to_start(data: Path, **env: str) -> str:
    """Return the one sentence that it fails with."""
    done = subprocess.run(
        COMMAND,
        cwd=servers.PROJECT,
        env=servers.environment(data, **env),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    [sentence] = done.stderr.splitlines()
    return sentence


@contextmanager
def embedded_site(data: Path) -> Iterator[servers.Server]:
    port = servers.free_port()
    server = servers.Server(COMMAND, port=port, folder=data, env=servers.environment(data, PORT=str(port)))
    try:
        server.start()
        yield server
    finally:
        server.stop()


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server((servers.HOST, servers.free_port())) as taken:
        port = taken.getsockname()[1]
        sentence = fails_to_start(tmp_path, PORT=str(port))
    assert str(port) in sentence
    assert "PORT=" in sentence


def test_a_data_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    # Root may write into any folder, but into a file nobody can put another.
    folder = tmp_path / "file"
    folder.touch()
    for key in ({}, {"SECRET_KEY": "given" * 10}):
        sentence = fails_to_start(folder, PORT=str(servers.free_port()), **key)
        assert str(folder) in sentence
        assert "CHATSITE_DATA" in sentence


@pytest.mark.parametrize("port", ["eighty", "99999"])
def test_a_port_that_is_none_is_one_sentence(tmp_path: Path, port: str) -> None:
    assert port in fails_to_start(tmp_path, PORT=port)


def test_it_makes_everything_from_nothing_and_the_second_start_finds_it(tmp_path: Path) -> None:
    with embedded_site(tmp_path) as first:
        address = f"http://{servers.HOST}:{first.port}"
        assert address in first.log()
        link = re.search(rf"{address}/setup/\S+", first.log())
        assert link, "A site without a site admin must offer the link that makes one."
        for page in (address, link[0]):
            with urllib.request.urlopen(page) as response:
                assert response.status == 200
        assert "Collecting" in first.log()
        collected = (tmp_path / "static" / "staticfiles.json").stat().st_mtime
        assert first.stop(signal.SIGINT) == 0
        assert "Traceback" not in first.log()
    with embedded_site(tmp_path) as second:
        with urllib.request.urlopen(f"http://{servers.HOST}:{second.port}/") as response:
            assert response.status == 200
        assert "Collecting" not in second.log()
        assert (tmp_path / "static" / "staticfiles.json").stat().st_mtime == collected


def test_a_start_removes_guests_who_never_came_back(guest_of_long_ago: User) -> None:
    embedded.sweep_guests()
    assert not User.objects.filter(pk=guest_of_long_ago.pk).exists()


@pytest.fixture
def guest_of_long_ago(db: None) -> User:
    guest = come_in_as_guest(display_name="Ada")
    long_ago = timezone.now() - timedelta(days=400)
    User.objects.filter(pk=guest.pk).update(seen_at=long_ago, date_joined=long_ago)
    return guest


def test_static_files_are_collected_again_only_when_a_source_changes(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "room.css").write_text("body {}")
    settings.DATA = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATICFILES_DIRS = [sources]
    calls: list[str] = []

    def collect(name: str, **options: object) -> None:
        calls.append(name)
        settings.STATIC_ROOT.mkdir(exist_ok=True)

    monkeypatch.setattr(embedded, "call_command", collect)

    embedded.collect_static_if_changed()
    embedded.collect_static_if_changed()
    assert calls == ["collectstatic"]

    (sources / "room.css").write_text("main {}")
    embedded.collect_static_if_changed()
    assert calls == ["collectstatic", "collectstatic"]


def test_static_files_are_collected_again_when_a_template_names_a_class_that_bootstrap_has(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.STATICFILES_DIRS = [tmp_path]
    (tmp_path / "vendor/bootstrap").mkdir(parents=True)
    (tmp_path / "vendor/bootstrap/bootstrap.min.css").write_text("/* */.card{}.carousel{}")

    def fingerprint_with(*words: str) -> str:
        monkeypatch.setattr(embedded, "our_words", lambda: set(words))
        return embedded.static_fingerprint()

    assert fingerprint_with("card") == fingerprint_with("card", "hello")
    assert fingerprint_with("card") != fingerprint_with("card", "carousel")


def test_a_site_with_an_admin_prints_no_link(dana: User, capsys: pytest.CaptureFixture[str]) -> None:
    embedded.announce()
    assert "/setup/" not in capsys.readouterr().out
