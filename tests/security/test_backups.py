"""Backups tell nobody the database's password, are known to be whole, and are missed when there is none."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from django.core.checks import ERROR, INFO, WARNING
from prometheus_client import generate_latest
from prometheus_client.registry import CollectorRegistry
from pytest_django import Settings

from chatsite.ops import backup_folder, metrics
from chatsite.ops.doctor import machine
from tests import servers
from tests.scripts import Script

pytestmark = pytest.mark.security

# Stands before the real one: notes what every user of the machine can read of it, and gives way.
WRAPPER = '#!/bin/sh\ntr "\\0" " " </proc/$$/cmdline >>{notes}\nexec {program} "$@"\n'
SAY_HELLO = """
from accounts.models import User
from rooms.actions.rooms import open_room
alice = User.objects.create_user("alice", "alice@example.org")
open_room(actor=alice, name="Lobby")
"""


@pytest.fixture
def postgres() -> Iterator[servers.Postgres]:
    with servers.postgres() as server:
        yield server


def environment(folder: Path, **settings: str) -> dict[str, str]:
    return servers.environment(folder, BACKUP_FOLDER=str(folder / "backups"), **settings)


def run(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=servers.PROJECT, env=env, capture_output=True, text=True, check=False)


def test_the_password_stands_on_no_command_line(postgres: servers.Postgres, tmp_path: Path) -> None:
    with psycopg.connect(postgres.url, autocommit=True) as asked:
        asked.execute("ALTER ROLE chatsite PASSWORD 'hunter2 ''\\'")
    rules = postgres.folder / "data" / "pg_hba.conf"
    rules.write_text("host all all 127.0.0.1/32 scram-sha-256\n")
    postgres.stop()
    # With the rules as they are now nobody is let in without.
    postgres.start()
    programs, notes = tmp_path / "bin", tmp_path / "notes"
    programs.mkdir()
    for name in ("pg_dump", "pg_restore"):
        (programs / name).write_text(WRAPPER.format(notes=notes, program=postgres.programs / name))
        (programs / name).chmod(0o755)
    url = postgres.url.replace("chatsite@", "chatsite:hunter2%20%27%5C@")
    env = servers.environment(tmp_path, DATABASE_URL=url)
    env["PATH"] = f"{programs}:{env['PATH']}"
    servers.manage("shell", "--no-imports", "-c", SAY_HELLO, env=env)
    servers.manage("backup", str(tmp_path / "copy"), env=env)
    servers.manage("restore", str(tmp_path / "copy"), "--yes", env=env)
    seen = notes.read_text()
    assert "pg_dump" in seen
    assert "pg_restore" in seen
    assert "hunter2" not in seen


def test_a_night_on_postgresql_takes_tries_and_rotates(postgres: servers.Postgres, tmp_path: Path) -> None:
    env = environment(tmp_path, DATABASE_URL=postgres.url)
    (tmp_path / "backups").mkdir()
    old = backup_folder.file_for(tmp_path / "backups", datetime.now(UTC) - timedelta(days=400))
    older = backup_folder.file_for(tmp_path / "backups", datetime.now(UTC) - timedelta(days=800))
    old.touch()
    older.touch()
    servers.manage("shell", "--no-imports", "-c", SAY_HELLO, env=env)
    said = servers.manage("backup", "--try", "--keep", "2", "0", "0", env=env)
    assert "All 1 transcripts verify." in said
    assert "Old backups removed: 1." in said
    new, kept = sorted((tmp_path / "backups").glob("*.backup"), reverse=True)
    assert kept == old
    assert new.with_name(f"{new.name}.tried").exists()
    with psycopg.connect(postgres.url) as asked:
        assert asked.execute("SELECT count(*) FROM pg_database WHERE datname LIKE '%trial%'").fetchone() == (0,)
    # And one that is no backup does not pass, nor leave anything behind.
    old.write_bytes(new.read_bytes()[:2_000])
    done = run("check_backup", str(old), "--no-files", env=env)
    assert (done.returncode, done.stderr.startswith("CommandError: pg_restore failed")) == (1, True)
    with psycopg.connect(postgres.url) as asked:
        assert asked.execute("SELECT count(*) FROM pg_database WHERE datname LIKE '%trial%'").fetchone() == (0,)


def test_who_may_make_no_database_is_told_how_and_nothing_is_removed(
    postgres: servers.Postgres, tmp_path: Path
) -> None:
    with psycopg.connect(postgres.url, autocommit=True) as asked:
        asked.execute("CREATE ROLE plain LOGIN")
        asked.execute("GRANT pg_read_all_data TO plain")
    env = environment(tmp_path, DATABASE_URL=postgres.url)
    servers.manage("shell", "--no-imports", "-c", SAY_HELLO, env=env)
    (tmp_path / "backups").mkdir()
    old = backup_folder.file_for(tmp_path / "backups", datetime.now(UTC) - timedelta(days=400))
    old.touch()
    env["DATABASE_URL"] = postgres.url.replace("chatsite@", "plain@")
    done = run("backup", "--try", "--keep", "1", "0", "0", env=env)
    assert done.returncode == 1
    assert "ALTER ROLE plain CREATEDB" in done.stderr
    # Neither was the new one taken for tried.
    assert len(list((tmp_path / "backups").glob("*.backup"))) == 2
    assert not list((tmp_path / "backups").glob("*.tried"))


def test_a_backup_that_was_changed_or_lacks_a_file_does_not_pass(site: servers.Site, tmp_path: Path) -> None:
    env = {**site.env, "BACKUP_FOLDER": str(tmp_path / "backups")}
    (tmp_path / "backups").mkdir()
    alice = Script(site.url, "alice")
    room = alice.call("POST", "/api/rooms", {"name": "Tea"})["id"]
    alice.call("POST", f"/api/rooms/{room}/messages", {"client_id": "1", "body": "Hello"})
    assert "All 1 transcripts verify." in servers.manage("backup", "--try", env=env)
    [backup] = (tmp_path / "backups").glob("*.backup")
    with closing(sqlite3.connect(backup)) as copy, copy:
        copy.execute("DROP TRIGGER rooms_message_no_update")
        copy.execute("UPDATE rooms_message SET body = 'Good-bye' WHERE body = 'Hello'")
    done = run("check_backup", str(backup), env=env)
    assert (done.returncode, "the words of row" in done.stderr) == (1, True)
    damaged = bytearray(backup.read_bytes())
    damaged[8_192:40_960] = b"x" * 32_768
    backup.write_bytes(damaged)
    done = run("check_backup", str(backup), env=env)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert not list((tmp_path / "backups").glob("trial-*"))


# --- Who looks after them --------------------------------------------------------------------------------------------


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.BACKUP_FOLDER = tmp_path
    return tmp_path


def taken(folder: Path, *, hours: float, tried: bool = True) -> None:
    backup = backup_folder.file_for(folder, datetime.now(UTC) - timedelta(hours=hours))
    backup.touch()
    if tried:
        backup_folder.beside(backup, "tried").touch()


@pytest.mark.parametrize(
    ("backups", "level", "words"),
    [
        ([], WARNING, "chatsite-backup.timer"),
        ([(3, True)], INFO, "3 h old"),
        ([(3, False)], WARNING, "--try"),
        ([(3, False), (24, True)], INFO, "tried, 24 h"),
        ([(3, False), (24 * 9, True)], WARNING, "--try"),
        ([(40, True)], ERROR, "40 h old"),
    ],
)
def test_the_doctor_misses_backups(folder: Path, backups: list[tuple[int, bool]], level: int, words: str) -> None:
    for hours, tried in backups:
        taken(folder, hours=hours, tried=tried)
    [message] = machine.backups_are_young()
    assert (message.level, words in message.msg) == (level, True)


def test_the_doctor_sees_a_folder_that_cannot_be_written(folder: Path, settings: Settings) -> None:
    settings.BACKUP_FOLDER = folder / "missing"
    [message] = machine.backups_are_young()
    assert (message.level, "cannot write" in message.msg) == (ERROR, True)


def test_prometheus_sees_their_age(folder: Path) -> None:
    registry = CollectorRegistry()
    registry.register(metrics.Site())
    assert "chatsite_backup_age_seconds +Inf" in generate_latest(registry).decode()
    taken(folder, hours=2, tried=False)
    taken(folder, hours=30)
    assert registry.get_sample_value("chatsite_backup_age_seconds") == pytest.approx(7_200, abs=60)
    assert registry.get_sample_value("chatsite_backup_tried_age_seconds") == pytest.approx(108_000, abs=60)
