"""A command whose database is away, or is another one, ends with a sentence that has the cause."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests import servers

# What needs the database, and one that makes a file.
COMMANDS = (["migrate"], ["verify_transcripts"], ["backup", "a-copy"], ["first_admin_link"], ["purge_deleted"])


def fails(command: list[str], env: dict[str, str]) -> str:
    """Return the one sentence that it fails with."""
    done = subprocess.run(command, cwd=servers.PROJECT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    [sentence] = done.stderr.splitlines()
    return sentence


@pytest.mark.parametrize("command", [[sys.executable, "manage.py", *each] for each in COMMANDS])
def test_a_database_that_is_away_is_one_sentence_with_the_cause(command: list[str], tmp_path: Path) -> None:
    url = f"postgresql://chatsite:hunter2@{servers.HOST}:{servers.free_port()}/chatsite"
    sentence = fails(command, servers.environment(tmp_path, DATABASE_URL=url))
    assert "The database cannot be reached" in sentence
    assert "Connection refused" in sentence
    assert "hunter2" not in sentence


def test_a_site_does_not_start_without_its_database(tmp_path: Path) -> None:
    url = f"postgresql://chatsite@{servers.HOST}:{servers.free_port()}/chatsite"
    env = servers.environment(tmp_path, DATABASE_URL=url, PORT=str(servers.free_port()))
    assert "Connection refused" in fails([sys.executable, "-m", "chatsite.embedded"], env)


def test_a_server_that_says_nothing_is_not_waited_for(tmp_path: Path) -> None:
    # It takes the connection and never answers.
    with socket.create_server((servers.HOST, 0)) as mute:
        url = f"postgresql://chatsite@{servers.HOST}:{mute.getsockname()[1]}/chatsite"
        command = [sys.executable, "manage.py", "verify_transcripts"]
        assert "timeout" in fails(command, servers.environment(tmp_path, DATABASE_URL=url))


def test_a_database_without_tables_is_one_sentence(tmp_path: Path) -> None:
    sentence = fails([sys.executable, "manage.py", "verify_transcripts"], servers.environment(tmp_path))
    assert "run the command migrate" in sentence


def test_who_wants_the_traceback_is_given_it(tmp_path: Path) -> None:
    command = [sys.executable, "manage.py", "verify_transcripts", "--traceback"]
    done = subprocess.run(
        command, cwd=servers.PROJECT, env=servers.environment(tmp_path), capture_output=True, text=True, check=False
    )
    assert done.stderr.startswith("Traceback")
