"""What was erased is nowhere any more: in no column of any table, and on SQLite in no byte of the database's files."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import delete_account, set_display_name
from accounts.models import User
from rooms import errors
from rooms.actions.messages import post_message
from rooms.actions.moderation import dismiss_report, redact_message, report_message
from rooms.actions.rooms import delete_room
from rooms.models import KEPT_DELETED, Message, Report, Room
from rooms.realtime import lifecycle
from tests.rooms.admin import do
from tests.rooms.files import posted_file

pytestmark = [pytest.mark.security, pytest.mark.django_db(transaction=True)]

WORDS = "Erase-me-4711"
ANOTHER_PROCESS = """
import pathlib, sys
words, database = sys.argv[1].encode(), pathlib.Path(sys.argv[2])
print(*(file.name for file in database.parent.glob(database.name + "*") if words in file.read_bytes()))
"""

on_sqlite = pytest.mark.skipif(not settings.SQLITE, reason="it reads SQLite's files")


def database() -> Path:
    return Path(connection.settings_dict["NAME"])


def files_with(words: str) -> set[str]:
    """The names of SQLite's files that hold these words. Read by another process: ours would lose its locks on them."""
    command = [sys.executable, "-c", ANOTHER_PROCESS, words, str(database())]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


def columns_with(words: str) -> set[str]:
    return {
        f"{model._meta.label}.{name}"
        for model in apps.get_models()
        for row in model._base_manager.values()
        for name, value in row.items()
        if words in str(bytes(value) if isinstance(value, memoryview) else value)
    }


@pytest.fixture
def rude(room: Room, alice: User, bob: User) -> Message:
    row = posted_file(room, bob, b"Hello", f"{WORDS}.txt", caption=f"What {WORDS} said, and more" * 300)
    report_message(room, actor=alice, seq=row.seq, reason=f"They said {WORDS}")
    return row


@pytest.fixture
def staff(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


@pytest.fixture
def reader(rude: Message) -> Iterator[sqlite3.Connection]:
    """Somebody who has begun to read the database as it is."""
    with closing(sqlite3.connect(database())) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM rooms_message").fetchone()
        yield reader


@pytest.mark.rules
def test_what_is_erased_at_the_desk_is_in_no_column_of_any_table(staff: Client, rude: Message) -> None:
    assert len(columns_with(WORDS)) == 3
    assert "Done for 1 row" in do(staff, "erase_messages", rude, confirmed="yes")
    assert columns_with(WORDS) == set()
    assert Report.objects.get().outcome == "redacted"


@on_sqlite
def test_nor_in_any_byte_of_the_database_s_files(staff: Client, rude: Message) -> None:
    assert files_with(WORDS)
    do(staff, "erase_messages", rude, confirmed="yes")
    assert files_with(WORDS) == set()


@on_sqlite
def test_many_that_are_erased_one_by_one_are_gone_too(room: Room, bob: User, dana: User) -> None:
    for number in range(60):
        post_message(room, actor=bob, client_id=str(number), body=f"{WORDS}-{number} " * (1 + number**2 % 400))
    for row in list(room.messages.filter(talk__isnull=False)):
        redact_message(room, actor=dana, seq=row.seq)
    assert files_with(WORDS) == set()


@on_sqlite
def test_a_reader_holds_no_erasure_up_and_keeps_the_words_no_longer_than_they_read(
    reader: sqlite3.Connection, room: Room, rude: Message, dana: User
) -> None:
    redact_message(room, actor=dana, seq=rude.seq)
    assert room.messages.get(seq=rude.seq).is_redacted
    assert files_with(WORDS)
    reader.rollback()

    async def a_process_that_serves() -> None:
        lifecycle.hub()
        while await sync_to_async(files_with)(WORDS):  # noqa: ASYNC110 (what it waits for is in files)
            await asyncio.sleep(0.05)
        await lifecycle.stop()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chatsite.ops.erasure.CUT_EVERY", 0.05)
        asyncio.run(asyncio.wait_for(a_process_that_serves(), 30))


@on_sqlite
def test_a_deleted_room_is_purged_from_the_files_too(
    room: Room, rude: Message, alice: User, capsys: pytest.CaptureFixture[str]
) -> None:
    delete_room(room, actor=alice)
    Room.objects.filter(pk=room.pk).update(deleted_at=timezone.now() - KEPT_DELETED - timedelta(hours=1))
    call_command("purge_deleted")
    assert files_with(WORDS) == set()
    assert capsys.readouterr().out.splitlines()[-1] == "Rooms removed: 1."


@on_sqlite
def test_a_purge_that_somebody_reads_through_says_so(
    reader: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("chatsite.ops.erasure.COMMAND_PATIENCE", 0.1)
    call_command("purge_deleted")
    assert "Somebody has been reading the database for long" in capsys.readouterr().out


@on_sqlite
def test_so_is_a_deleted_account(bob: User) -> None:
    set_display_name(bob, display_name=f"{WORDS} the third")
    User.objects.filter(pk=bob.pk).update(email=f"{WORDS}@example.org")
    delete_account(User.objects.get(pk=bob.pk))
    call_command("purge_deleted")
    assert files_with(WORDS) == set()


@on_sqlite
def test_written_anew_the_files_have_no_trace_of_what_an_older_version_left(
    room: Room, rude: Message, dana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete=OFF")
        redact_message(room, actor=dana, seq=rude.seq)
        cursor.execute("PRAGMA secure_delete=ON")
    call_command("purge_deleted")
    assert files_with(WORDS) == {database().name}
    call_command("purge_deleted", "--rewrite")
    assert files_with(WORDS) == set()


@pytest.mark.rules
@pytest.mark.parametrize("options", [(), ("--rewrite",)])
def test_the_tables_are_cleaned_with_the_purge(room: Room, options: tuple[str, ...]) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        call_command("purge_deleted", *options)
    said = [query["sql"] for query in asked if "VACUUM" in query["sql"]]
    assert len(said) > 20 if connection.vendor == "postgresql" else len(said) == len(options)
    assert all("FULL" in sql for sql in said) is bool(options) or settings.SQLITE


@pytest.mark.rules
def test_what_is_erased_cannot_be_reported_in_its_own_words(
    room: Room, rude: Message, alice: User, bob: User, dana: User
) -> None:
    dismissed = report_message(room, actor=bob, seq=rude.seq, reason=WORDS)
    dismiss_report(dismissed, actor=dana)
    redact_message(room, actor=dana, seq=rude.seq)
    with pytest.raises(errors.NoSuchMessage):
        report_message(room, actor=alice, seq=rude.seq, reason=WORDS)
    assert columns_with(WORDS) == set()
    assert set(Report.objects.values_list("outcome", flat=True)) == {"dismissed"}


@pytest.mark.rules
def test_a_reason_that_an_older_version_kept_goes_with_the_upgrade(rude: Message, alice: User, dana: User) -> None:
    room = Room.objects.get(pk=rude.room_id)
    report_message(room, actor=alice, seq=rude.seq, reason=WORDS)
    redact_message(room, actor=dana, seq=rude.seq)
    call_command("migrate", "rooms", "0011", verbosity=0)
    Report.objects.update(reason=WORDS)
    call_command("migrate", verbosity=0)
    assert [report.reason for report in Report.objects.all()] == [""]
