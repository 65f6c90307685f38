"""The doctor: each thing that can be wrong gets a sentence that says what to do, and the exit code tells scripts."""

import re
import resource
import shutil
import smtplib
import subprocess
import sys
import time
from collections import namedtuple
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import ERROR, INFO, WARNING, CheckMessage, Info
from django.db import OperationalError, connection
from django.utils import timezone
from django.utils.datastructures import OrderedSet
from pytest_django import Settings

from accounts.models import User
from chatsite.models import OutgoingMail
from chatsite.ops import doctor
from chatsite.ops.doctor import configuration, database, machine, services
from chatsite.ops.doctor.registry import registry
from rooms.actions.messages import post_message
from rooms.actions.pins import pin_message
from rooms.actions.rooms import open_room
from rooms.log import triggers
from rooms.models import Pin
from tests import servers
from tests.cluster import cluster

pytestmark = pytest.mark.django_db


def found(check: Callable[[], Iterable[CheckMessage]], level: int) -> list[str]:
    return [message.msg for message in check() if message.level == level]


def consult(env: dict[str, str]) -> tuple[int, str]:
    command = [sys.executable, "manage.py", "doctor", "--no-color"]
    done = subprocess.run(command, cwd=servers.PROJECT, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_site_that_is_well_is_told_so(site: servers.Site) -> None:
    code, said = consult(site.env)
    assert (code, "Nothing is broken." in said, "BROKEN" in said) == (0, True, False)
    assert "SQLite 3." in said


def test_a_whole_cluster_is_well_too_and_without_redis_it_is_not() -> None:
    with cluster(1, nginx=False) as running:
        [site], redis = running.sites, running.redis
        code, said = consult(site.env)
        assert (code, "passes news on in" in said) == (0, True)
        assert "ok  PostgreSQL" in said
        redis.kill()
        code, said = consult(site.env)
        assert code == 1
        assert f"BROKEN  Redis at {servers.HOST}:{redis.port} does not work" in said
        running.postgres.stop()
        code, said = consult(site.env)
        assert "BROKEN  The database cannot be reached" in said
        assert "2 things are broken." in said
        assert "Traceback" not in said


def test_a_folder_without_a_site_is_told_all_that_is_to_be_done(tmp_path: Path) -> None:
    code, said = consult(
        servers.environment(tmp_path, SITE_URL="https://chat.example.org", ALLOWED_HOSTS="other.example")
    )
    assert code == 1
    for sentence in (
        "run manage.py migrate",
        "run manage.py collectstatic",
        "does not name chat.example.org",
        "EMAIL_URL",
    ):
        assert sentence in said
    assert "Traceback" not in said


@pytest.mark.rules
def test_missing_triggers_are_named() -> None:
    assert found(database.database_is_in_order, ERROR) == []
    with connection.cursor() as cursor:
        on = " ON rooms_message" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER rooms_message_no_update{on}")
    try:
        [sentence] = found(database.database_is_in_order, ERROR)
    finally:
        triggers.put_on()
    assert "rooms_message_no_update" in sentence
    assert "manage.py migrate" in sentence


def test_pins_that_are_not_what_the_log_says_are_found(alice: User) -> None:
    room = open_room(actor=alice, name="Tea")
    pin_message(room, actor=alice, seq=post_message(room, actor=alice, client_id="1", body="Rules").row.seq)
    assert found(database.database_is_in_order, ERROR) == []
    Pin.objects.all().delete()
    assert found(database.database_is_in_order, ERROR) == [
        "Of 1 rooms something else is kept beside the log than it says: run manage.py rebuild_state."
    ]


def test_a_check_that_raises_is_a_finding_and_the_others_still_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def static_is_read(**kwargs: Any) -> list[CheckMessage]:
        raise PermissionError(13, "Permission denied")

    def the_rest(**kwargs: Any) -> list[CheckMessage]:
        return [Info("The rest.")]

    monkeypatch.setattr(registry, "registered_checks", OrderedSet([static_is_read, the_rest]))
    first, second = doctor.examine()
    assert (first.level, second.level) == (ERROR, INFO)
    assert "Permission denied" in first.msg


def test_no_two_messages_have_one_id_and_all_are_the_sites_own() -> None:
    folder = Path(doctor.__file__).parent
    names = [name for file in folder.glob("*.py") for name in re.findall(r'id="([^"]*)"', file.read_text())]
    assert len(names) == len(set(names)) > 30
    # Those of chatsite/checks.py are below a hundred.
    assert all(re.fullmatch(r"chatsite\.[IWE][1-4]\d\d", name) for name in names)


def test_a_database_that_is_away_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "ensure_connection", away)
    [sentence] = found(database.database_is_in_order, ERROR)
    assert "connection refused" in sentence
    assert "DATABASE_URL" in sentence


def test_a_key_that_others_can_read_is_found(settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path
    key = tmp_path / "secret_key"
    key.write_text("secret")
    key.chmod(0o640)
    assert "chmod 600" in found(configuration.secrets_are_kept, ERROR)[0]
    key.chmod(0o600)
    assert not [sentence for sentence in found(configuration.secrets_are_kept, ERROR) if "secret_key" in sentence]


@pytest.mark.parametrize(("free", "level"), [(10**8, ERROR), (10**9, WARNING), (10**11, INFO)])
def test_a_disk_that_fills_up_is_seen(monkeypatch: pytest.MonkeyPatch, free: int, level: int) -> None:
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(free))
    assert [message.level for message in machine.there_is_room()] == [level]


def test_a_mail_server_is_tried(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.HAS_MAIL_SERVER = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = servers.HOST, servers.free_port()
    [sentence] = found(services.mail_can_be_sent, ERROR)
    assert "EMAIL_URL" in sentence
    monkeypatch.setattr(
        smtplib.SMTP, "connect", lambda *_: (_ for _ in ()).throw(smtplib.SMTPAuthenticationError(535, b"no"))
    )
    assert "535" in found(services.mail_can_be_sent, ERROR)[0]


def test_a_redis_that_is_a_stranger_is_named_without_its_password(settings: Settings) -> None:
    settings.REDIS_URL = [f"redis://:secret@{servers.HOST}:{servers.free_port()}/0"]
    [sentence] = found(services.redis_passes_news_on, ERROR)
    assert servers.HOST in sentence
    assert "secret" not in sentence


def test_few_files_and_an_old_clock_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (1_024, 4_096))
    assert "LimitNOFILE" in found(machine.files_can_be_opened, WARNING)[0]
    monkeypatch.setattr(time, "time", lambda: Path(machine.__file__).stat().st_mtime - 86_400)
    assert "NTP" in found(machine.clock_is_set, ERROR)[0]


def test_mail_that_waits_for_long_is_seen(settings: Settings) -> None:
    settings.HAS_MAIL_SERVER = True
    assert not list(services.mail_does_not_wait())
    row = OutgoingMail.objects.create(content=b"", error="421 busy", queued_at=timezone.now() - timedelta(hours=3))
    [sentence] = found(services.mail_does_not_wait, ERROR)
    assert "1 mails wait, one for 3 h (421 busy)" in sentence
    row.state = row.State.GIVEN_UP
    row.save()
    assert "mail list" in found(services.mail_does_not_wait, WARNING)[0]
