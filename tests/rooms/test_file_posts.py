"""A file as a row of the log: posted once, chained, erased, listed."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage

from accounts.models import User
from rooms import chain, errors, usage
from rooms.actions.memberships import remove_member
from rooms.actions.messages import post_message, post_messages
from rooms.actions.moderation import redact_message
from rooms.actions.posts import Posted, clean_post
from rooms.log.transcripts import json_lines
from rooms.log.verify import faults_of
from rooms.models import CHUNK_LEAST_BYTES, Attachment, Message, Room
from tests.rooms.files import Sender, picture, posted_file, ready_file, refusal

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]


def test_a_file_is_posted_with_a_caption(room: Room, bob: User) -> None:
    sender = Sender(bob, room)
    file = sender.send(b"Hello", "hello.txt").json()
    answer = sender.post(file["id"], "Read this")
    assert answer.status_code == 201
    row = answer.json()
    assert (row["kind"], row["body"], row["attachment"]) == ("file", "Read this", file)
    assert row["talk"] == 1
    # The same again is the same row, and the list has it once.
    again = sender.post(file["id"], "Read this")
    assert (again.status_code, again.json()) == (200, row)
    assert sender.ask("get", sender.files).json() == {"files": [row], "more": False, "next": None}


def test_a_file_needs_no_words_and_words_need_no_file(room: Room, bob: User) -> None:
    sender = Sender(bob, room)
    for client_id, body in (("1", ""), ("2", None)):
        file = sender.send(b"Hello").json()
        assert sender.post(file["id"], body, client_id).json()["body"] == ""
    without = sender.ask("post", sender.messages, {"client_id": "3", "body": "  "})
    assert refusal(without) == (422, "empty")


def test_a_file_is_posted_once(room: Room, bob: User) -> None:
    sender = Sender(bob, room)
    file_id = sender.send(b"Hello").json()["id"]
    sender.post(file_id, "", "1")
    assert refusal(sender.post(file_id, "", "2")) == (409, "file_used")
    assert refusal(sender.post(file_id, "other words", "1")) == (409, "client_id_reused")
    assert Message.objects.filter(kind="file").count() == 1


def test_a_file_that_is_not_here_or_not_one_s_own_is_not_posted(room: Room, den: Room, alice: User, bob: User) -> None:
    sender = Sender(bob, room)
    part = sender.begin("a.txt", CHUNK_LEAST_BYTES + 1).json()["id"]
    sender.chunk(part, bytes(CHUNK_LEAST_BYTES), 0)
    half = sender.post(part)
    assert refusal(half) == (409, "incomplete")
    assert half.json()["offset"] == CHUNK_LEAST_BYTES
    for file_id in (ready_file(room, alice).pk, ready_file(den, bob).pk, uuid4()):
        assert refusal(sender.post(str(file_id))) == (404, "no_such_file")
    assert not Message.objects.filter(kind="file").exists()


def test_a_removed_user_cannot_post_a_finished_file(room: Room, alice: User, bob: User) -> None:
    file = ready_file(room, bob)
    remove_member(room, actor=alice, user=bob)
    with pytest.raises(errors.Removed):
        post_message(room, actor=bob, client_id="1", body="", attachment=file.pk)


@pytest.mark.parametrize("value", ["x", 5, True, [], "urn:uuid:1"])
def test_a_malformed_id_names_no_file(room: Room, bob: User, value: object) -> None:
    with pytest.raises(errors.NoSuchFile):
        clean_post(room_id=room.pk, author=bob, client_id="1", body="", attachment=value)


def test_of_one_file_in_two_posts_of_one_batch_one_is_stored(room: Room, bob: User) -> None:
    file = ready_file(room, bob)
    posts = [
        clean_post(room_id=room.pk, author=bob, client_id=client_id, body="", attachment=str(file.pk))
        for client_id in ("1", "2", "1")
    ]
    first, second, third = post_messages(posts)
    assert isinstance(first, Posted)
    assert first.created
    assert isinstance(second, errors.FileUsed)
    assert isinstance(third, Posted)
    assert (third.row, third.created) == (first.row, False)


def test_words_and_files_keep_their_order_in_one_batch(room: Room, bob: User) -> None:
    file = ready_file(room, bob)
    bodies: list[tuple[str, Any]] = [("before", None), ("the file", str(file.pk)), ("after", None)]
    posts = [
        clean_post(room_id=room.pk, author=bob, client_id=body[:3], body=body, attachment=attachment)
        for body, attachment in bodies
    ]
    rows = [answer.row for answer in post_messages(posts)]
    assert [row.body for row in rows] == ["before", "the file", "after"]
    assert [row.seq for row in rows] == list(range(rows[0].seq, rows[0].seq + 3))


def test_a_file_is_in_the_chain(room: Room, bob: User) -> None:
    file = posted_file(room, bob).attachment
    post_message(room, actor=bob, client_id="after", body="After")
    room.refresh_from_db()
    assert list(faults_of(room)) == []
    lines = list(json_lines(room))
    assert chain.faults_of_export(lines) == []
    for change in ({"name": "other.txt"}, {"sha256": bytes(32)}):
        kept = {name: getattr(file, name) for name in change}
        Attachment.objects.filter(pk=file.pk).update(**change)
        assert "the file of row 3 is not the one that was sent" in list(faults_of(room))
        Attachment.objects.filter(pk=file.pk).update(**kept)
    forged = [line.replace("hello.txt", "other.txt") for line in lines]
    assert chain.faults_of_export(forged) == ["Row 3 is not the one that was written."]


def test_who_changes_both_the_file_and_its_digest_breaks_the_chain(room: Room, bob: User) -> None:
    row = posted_file(room, bob)
    digest = chain.digest_file(bytes(row.salt), bytes(32), "hello.txt")
    Attachment.objects.update(sha256=bytes(32), digest=digest)
    room.refresh_from_db()
    assert "row 3 is not the one that was written" in list(faults_of(room))


def test_an_erased_file_is_gone_and_the_chain_holds(room: Room, bob: User, dana: User) -> None:
    row = posted_file(room, bob, picture(), "secret.png", "Look")
    file = row.attachment
    redact_message(room, actor=dana, seq=row.seq)
    room.refresh_from_db()
    assert list(faults_of(room)) == []
    lines = list(json_lines(room))
    assert chain.faults_of_export(lines) == []
    shown = json.loads(lines[row.seq])
    assert (shown["kind"], shown["body"], shown["attachment"], shown["redacted"]) == ("file", "", None, True)
    assert "secret.png" not in "".join(lines)
    assert not any(default_storage.exists(name) for name in file.objects_stored)
    assert refusal(Sender(bob, room).ask("get", f"/api/files/{file.pk}")) == (404, "no_such_file")
    assert Sender(bob, room).ask("get", Sender(bob, room).files).json()["files"] == []
    # Nor does it count any more.
    assert usage.received(bob.pk) == (0, 0)


def test_the_room_s_files_are_listed_newest_first(room: Room, alice: User, bob: User) -> None:
    for number in range(5):
        posted_file(room, bob, name=f"{number}.txt")
        post_message(room, actor=alice, client_id=str(number), body="words")
    sender = Sender(alice, room)
    newest = sender.ask("get", f"{sender.files}?limit=2").json()
    assert [row["attachment"]["name"] for row in newest["files"]] == ["4.txt", "3.txt"]
    assert newest["more"]
    older = sender.ask("get", f"{sender.files}?limit=10&before={newest['files'][-1]['seq']}").json()
    assert [row["attachment"]["name"] for row in older["files"]] == ["2.txt", "1.txt", "0.txt"]
    assert not older["more"]
