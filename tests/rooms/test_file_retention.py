"""Files go with what they belong to: verified, taken along, backed up, purged, and gone with an account's uploads."""

import subprocess
import sys
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts import export
from accounts.actions import delete_account, set_picture
from accounts.models import User
from chatsite.models import Leftover
from rooms import backup_files
from rooms.actions.moderation import redact_message
from rooms.actions.rooms import delete_room, purge_room
from rooms.models import KEPT_DELETED, Attachment, Room
from tests import servers
from tests.rooms.files import ARABIC, content_of, picture, posted_file, ready_file

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]


def replace(name: str, data: bytes) -> None:
    default_storage.delete(name)
    default_storage.save(name, ContentFile(data))


def test_a_file_that_was_changed_in_storage_is_found(room: Room, bob: User, capsys: pytest.CaptureFixture[str]) -> None:
    file = posted_file(room, bob).attachment
    call_command("verify_transcripts", "--files")
    replace(file.stored, b"Jello")
    call_command("verify_transcripts")
    with pytest.raises(CommandError):
        call_command("verify_transcripts", "--files")
    assert "the file of row 3 is not the one that was sent" in capsys.readouterr().out
    default_storage.delete(file.stored)
    with pytest.raises(CommandError):
        call_command("verify_transcripts", "--files")
    assert "the file of row 3 cannot be read" in capsys.readouterr().out


def test_the_admins_take_the_files_along_and_verify_them_offline(
    client: Client, room: Room, alice: User, bob: User, dana: User, tmp_path: Path
) -> None:
    gone = posted_file(room, bob, b"never sent", "gone.txt")
    posted_file(room, bob, picture(), ARABIC, "Us")
    redact_message(room, actor=dana, seq=gone.seq)
    client.force_login(alice)
    archive = ZipFile(BytesIO(content_of(client.get(f"/api/rooms/{room.pk}/export", {"form": "zip"}))))
    assert set(archive.namelist()) == {"transcript.jsonl", "transcript.html", f"files/4-{ARABIC}"}
    archive.extractall(tmp_path)
    command = [sys.executable, "-I", servers.PROJECT / "rooms" / "chain.py", tmp_path / "transcript.jsonl"]
    command += [tmp_path / "files"]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    (tmp_path / "files" / f"4-{ARABIC}").write_bytes(b"other")
    assert b"row 4 is not the one" in subprocess.run(command, check=False, capture_output=True).stdout


def test_an_operator_takes_them_along_too(room: Room, bob: User, tmp_path: Path) -> None:
    posted_file(room, bob, b"Hello", "hello.txt")
    call_command("export_room", str(room.pk), "--files", "--output", str(tmp_path / "room.zip"))
    assert ZipFile(tmp_path / "room.zip").read("files/3-hello.txt") == b"Hello"


def test_one_s_data_holds_the_files_that_one_sent(room: Room, alice: User, bob: User) -> None:
    mine, theirs = posted_file(room, bob, b"mine"), posted_file(room, alice, b"theirs")
    set_picture(bob, file=BytesIO(picture()))
    archive = ZipFile(BytesIO(b"".join(export.archive(bob))))
    assert archive.read(f"files/{mine.attachment_id}/hello.txt") == b"mine"
    assert not any(str(theirs.attachment_id) in name for name in archive.namelist())
    assert "picture.webp" in archive.namelist()


def test_a_purged_room_s_files_are_gone(room: Room, alice: User, bob: User) -> None:
    posted, ready = posted_file(room, bob, picture(), "a.png").attachment, ready_file(room, bob)
    room = delete_room(room, actor=alice)
    Room.objects.update(deleted_at=timezone.now() - KEPT_DELETED - timedelta(days=1))
    purge_room(room)
    assert not Attachment.objects.exists()
    assert not any(default_storage.exists(name) for name in (*posted.objects_stored, ready.stored))
    assert not Leftover.objects.exists()


def test_of_a_deleted_account_what_was_sent_stays_and_what_was_not_goes(room: Room, bob: User) -> None:
    posted, ready = posted_file(room, bob).attachment, ready_file(room, bob)
    set_picture(bob, file=BytesIO(picture()))
    delete_account(bob)
    assert [file.pk for file in Attachment.objects.all()] == [posted.pk]
    assert not default_storage.exists(ready.stored)
    bob.refresh_from_db()
    assert bob.picture == ""


def test_a_backup_holds_the_files_and_gives_them_back(room: Room, bob: User, tmp_path: Path) -> None:
    file = posted_file(room, bob, picture(), "a.png").attachment
    assert backup_files.copy_files(tmp_path) == (3, [])
    # A second time, only what is new.
    posted_file(room, bob)
    assert backup_files.copy_files(tmp_path) == (1, [])
    for name in file.objects_stored:
        default_storage.delete(name)
    assert backup_files.put_back_files(tmp_path) == 3
    call_command("verify_transcripts", "--files")
