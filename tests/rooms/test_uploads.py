"""Sending a file in parts: begun, gone on with, put together, cancelled, swept."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import override_settings
from django.utils import timezone

from accounts.actions import block_user
from accounts.models import User
from chatsite.files import object_store
from chatsite.models import Leftover
from rooms import errors
from rooms.actions import files
from rooms.actions.assembly import assemble
from rooms.actions.directs import open_direct
from rooms.actions.memberships import remove_member
from rooms.models import CHUNK_BYTES, CHUNK_LEAST_BYTES, READY_KEPT, Attachment, Chunk, Room
from tests.rooms.files import ARABIC, Sender, picture, posted_file, ready_file, refusal
from tests.rooms.storage import empty_storage, objects

__all__ = ["empty_storage"]
pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]

# A part that is none too small, and the length of a file of two.
PART = b"Hello, world. :)" * (CHUNK_LEAST_BYTES // 16)
TWO = 2 * len(PART)


def test_a_file_is_sent_in_parts_and_put_together(room: Room, bob: User) -> None:
    sender = Sender(bob, room)
    size, part = len(PART) + 5, len(PART)
    begun = sender.begin("notes.txt", size)
    assert begun.status_code == 201
    upload = begun.json()
    assert upload == {"id": upload["id"], "name": "notes.txt", "size": size, "offset": 0, "chunk": CHUNK_BYTES}
    first = sender.chunk(upload["id"], PART, 0)
    assert (first.status_code, first["Upload-Offset"]) == (204, str(part))
    looked = sender.ask("head", f"{sender.files}/{upload['id']}")
    told = (looked["Upload-Offset"], looked["Upload-Length"], looked["Tus-Resumable"])
    assert told == (str(part), str(size), "1.0.0")
    assert sender.ask("get", f"{sender.files}/{upload['id']}").json()["offset"] == part
    assert refusal(sender.finish(upload["id"])) == (409, "incomplete")
    sender.chunk(upload["id"], b"world", part)
    finished = sender.finish(upload["id"])
    assert finished.status_code == 200
    file = finished.json()
    assert (file["name"], file["size"], file["type"], file["kind"]) == ("notes.txt", size, "text/plain", "text")
    assert sender.finish(upload["id"]).json() == file
    # The parts are gone, and only the file is left.
    assert not Chunk.objects.exists()
    assert not Leftover.objects.exists()
    assert len(objects()) == 1


def test_a_part_that_does_not_follow_is_told_where_to_go_on(room: Room, bob: User) -> None:
    sender = Sender(bob, room)
    part = len(PART)
    file_id = sender.begin("notes.txt", part + 5).json()["id"]
    sender.chunk(file_id, PART, 0)
    for offset in (0, part - 1, part + 1, part + 5):
        answer = sender.chunk(file_id, b"world", offset)
        assert refusal(answer) == (409, "wrong_offset")
        assert answer.json()["offset"] == part
    assert refusal(sender.chunk(file_id, b"worlds", part)) == (413, "file_too_large")
    assert refusal(sender.chunk(file_id, bytes(CHUNK_BYTES + 1), part)) == (413, "chunk_too_large")
    assert sender.chunk(file_id, b"world", part).status_code == 204


def test_a_file_may_be_empty(room: Room, bob: User) -> None:
    sender = Sender(bob, room)
    file_id = sender.begin("nothing.txt", 0).json()["id"]
    file = sender.finish(file_id).json()
    assert (file["size"], file["kind"], file["preview_url"]) == (0, "other", None)
    assert sender.post(file_id).status_code == 201


def test_a_name_in_any_script_is_kept(room: Room, bob: User) -> None:
    file = Sender(bob, room).send(picture(), ARABIC).json()
    assert file["name"] == ARABIC
    assert (file["kind"], file["width"], file["height"]) == ("image", 300, 200)


@pytest.mark.parametrize("name", ["", "  ", "...", "\u202e", "../.."])
def test_a_file_needs_a_name(room: Room, bob: User, name: str) -> None:
    assert refusal(Sender(bob, room).begin(name, 1)) == (400, "empty_name")


@pytest.mark.parametrize("name", ["run.exe", "run.EXE", "run.exe. .", "photo\u202egpj.exe", "C:\\x\\run.scr", "a.ps1"])
def test_what_a_double_click_runs_is_refused_before_it_travels(room: Room, bob: User, name: str) -> None:
    assert refusal(Sender(bob, room).begin(name, 1)) == (415, "type_not_allowed")
    assert not Attachment.objects.exists()


@override_settings(FILES_MAX_SIZE=10)
def test_a_file_over_the_limit_is_refused_before_it_travels(room: Room, bob: User) -> None:
    sender = Sender(bob, room)
    answer = sender.begin("notes.txt", 11)
    assert refusal(answer) == (413, "file_too_large")
    assert answer.json()["limit"] == 10
    assert "10" in answer.json()["detail"]
    assert sender.begin("notes.txt", 10).status_code == 201


@override_settings(FILES_MAX_PER_PERSON=10)
def test_a_person_s_files_have_a_total(room: Room, alice: User, bob: User) -> None:
    ready_file(room, bob, b"seven b", "a.txt")
    answer = Sender(bob, room).begin("b.txt", 4)
    assert refusal(answer) == (413, "quota_exceeded")
    assert answer.json()["limit"] == 3
    assert Sender(alice, room).begin("b.txt", 4).status_code == 201


@override_settings(FILES_MAX_TOTAL=10)
def test_all_files_have_a_total(room: Room, alice: User, bob: User) -> None:
    ready_file(room, bob, b"seven b", "a.txt")
    assert refusal(Sender(alice, room).begin("b.txt", 4)) == (507, "site_full")
    assert Sender(alice, room).begin("b.txt", 3).status_code == 201


def test_only_members_send_files(den: Room, bob: User, charlie: User, alice: User) -> None:
    assert refusal(Sender(charlie, den).begin("a.txt", 1)) == (404, "no_such_room")
    sender = Sender(bob, den)
    file_id = sender.begin("a.txt", TWO).json()["id"]
    sender.chunk(file_id, PART, 0)
    remove_member(den, actor=alice, user=bob)
    for answer in (sender.begin("b.txt", 1), sender.chunk(file_id, PART, len(PART)), sender.finish(file_id)):
        assert refusal(answer) == (403, "removed")


def test_an_upload_is_its_owner_s_alone(room: Room, alice: User, bob: User) -> None:
    file_id = Sender(bob, room).begin("a.txt", 2).json()["id"]
    other = Sender(alice, room)
    address = f"{other.files}/{file_id}"
    answers: list[Any] = [
        other.chunk(file_id, b"a", 0),
        other.finish(file_id),
        other.ask("get", address),
        other.ask("delete", address),
    ]
    assert {refusal(answer) for answer in answers} == {(404, "no_such_file")}
    assert Attachment.objects.get().received == 0


def test_no_file_goes_to_who_has_blocked_the_sender(alice: User, bob: User) -> None:
    direct = open_direct(actor=bob, user=alice)
    block_user(bob, actor=alice)
    assert refusal(Sender(bob, direct).begin("a.txt", 1)) == (403, "blocked")


def test_a_cancelled_upload_leaves_nothing(room: Room, bob: User) -> None:
    sender = Sender(bob, room)
    file_id = sender.begin("a.txt", TWO).json()["id"]
    assert sender.chunk(file_id, PART, 0).status_code == 204
    assert sender.ask("delete", f"{sender.files}/{file_id}").status_code == 204
    assert refusal(sender.ask("get", f"{sender.files}/{file_id}")) == (404, "no_such_file")
    assert (objects(), Leftover.objects.count()) == (set(), 0)


def test_a_posted_file_is_not_cancelled(room: Room, bob: User) -> None:
    row = posted_file(room, bob)
    sender = Sender(bob, room)
    assert refusal(sender.ask("delete", f"{sender.files}/{row.attachment_id}")) == (409, "file_used")


def test_of_two_parts_at_once_one_is_kept(room: Room, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The slower one's bytes are put away after the quicker one's have been counted."""
    upload = files.start_upload(room, actor=bob, name="a.txt", size=4)
    write = object_store.write

    def slow(name: str, content: Any) -> None:
        write(name, content)
        monkeypatch.setattr("chatsite.files.object_store.write", write)
        files.take_chunk(room, actor=bob, file_id=upload.pk, offset=0, data=b"fast")

    monkeypatch.setattr("chatsite.files.object_store.write", slow)
    with pytest.raises(errors.WrongOffset) as refused:
        files.take_chunk(room, actor=bob, file_id=upload.pk, offset=0, data=b"slow")
    assert refused.value.offset == 4
    file = files.finish_upload(room, actor=bob, file_id=upload.pk)
    with default_storage.open(file.stored) as stored:
        assert stored.read() == b"fast"
    assert len(objects()) == 1


def test_of_two_ends_at_once_one_counts(room: Room, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = files.start_upload(room, actor=bob, name="a.txt", size=4)
    files.take_chunk(room, actor=bob, file_id=upload.pk, offset=0, data=b"once")

    def slow(upload: Attachment) -> Any:
        made = assemble(upload)
        monkeypatch.setattr("rooms.actions.files.assemble", assemble)
        files.finish_upload(room, actor=bob, file_id=upload.pk)
        return made

    monkeypatch.setattr("rooms.actions.files.assemble", slow)
    file = files.finish_upload(room, actor=bob, file_id=upload.pk)
    assert objects() == {file.stored}
    assert not Leftover.objects.exists()


def test_what_nobody_goes_on_with_is_swept(room: Room, bob: User) -> None:
    sender = Sender(bob, room)
    begun = sender.begin("a.txt", TWO).json()["id"]
    assert sender.chunk(begun, PART, 0).status_code == 204
    ready, posted = ready_file(room, bob), posted_file(room, bob)
    assert files.sweep_files() == (0, 0)
    Attachment.objects.update(touched_at=timezone.now() - READY_KEPT - timedelta(minutes=1))
    assert files.sweep_files() == (2, 0)
    assert objects() == {posted.attachment.stored}
    assert not Attachment.objects.filter(pk__in=[begun, ready.pk]).exists()


def test_what_was_left_behind_by_a_killed_process_is_swept(room: Room, bob: User) -> None:
    """It had written an object, and did not come to say so."""
    name = object_store.new_name("uploads")
    object_store.write(name, ContentFile(b"half"))
    assert files.sweep_files() == (0, 0)
    Leftover.objects.update(since=timezone.now() - object_store.WRITTEN_WITHIN - timedelta(minutes=1))
    assert files.sweep_files() == (0, 1)
    assert (objects(), Leftover.objects.count()) == (set(), 0)


def test_a_full_disk_is_told(room: Room, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    sender = Sender(bob, room)
    file_id = sender.begin("a.txt", 5).json()["id"]

    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(object_store.Folder, "_save", full)
        assert refusal(sender.chunk(file_id, b"Hello", 0)) == (507, "site_full")
    assert sender.chunk(file_id, b"Hello", 0).status_code == 204
