"""A log that was changed afterwards verifies neither in the database nor as an export, whatever was changed of it."""

import json
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction

from accounts.models import User
from rooms import chain
from rooms.actions.messages import post_message
from rooms.actions.moderation import redact_message
from rooms.models import Attachment, Message, Room
from tests.rooms.files import posted_file
from tests.security.tampering import both, change, exported, offline, online, rewrite

pytestmark = [pytest.mark.security, pytest.mark.rules, pytest.mark.django_db]

WORDS = "I do not owe Bob"


# --- The beginning of one part at the end of the part before ---------------------------------------------------------


@pytest.fixture
def promise(room: Room, alice: User) -> Message:
    row = post_message(room, actor=alice, client_id="1", body=WORDS).row
    post_message(room, actor=alice, client_id="2", body="And that is that")
    return row


def into_the_salt(promise: Message) -> None:
    change(promise, salt=bytes(promise.salt) + b"I do not ", body="owe Bob")


def test_the_beginning_of_a_message_does_not_move_into_its_salt(room: Room, promise: Message) -> None:
    into_the_salt(promise)
    assert "the salt of row 3 is not 16 bytes long" in both(room)


def test_nor_in_a_row_of_the_first_format(room: Room, promise: Message) -> None:
    rewrite(room, lambda seq: 1)
    assert online(room) == offline(exported(room)) == []
    into_the_salt(promise)
    assert "the salt of row 3 is not 16 bytes long" in both(room)


def test_nor_does_a_salt_move_into_the_message(room: Room, promise: Message) -> None:
    # Four bytes of a salt that happen to be letters.
    rewrite(room, lambda seq: 1)
    change(promise, salt=b"twelve bytesNot ")
    rewrite(room, lambda seq: 1)
    change(promise, salt=b"twelve bytes", body=f"Not {WORDS}")
    assert "the salt of row 3 is not 16 bytes long" in both(room)


@pytest.mark.parametrize("hash_format", [0, 1])
def test_the_beginning_of_a_file_s_name_does_not_move_into_its_digest(
    room: Room, alice: User, hash_format: int
) -> None:
    file = posted_file(room, alice, name="not my debts.txt").attachment
    assert file
    if hash_format:
        rewrite(room, lambda seq: hash_format)
    file.sha256, file.name = bytes(file.sha256) + b"not ", "my debts.txt"
    file.save()
    assert "the digest of the file of row 3 is not 32 bytes long" in both(room)


@pytest.mark.parametrize("hash_format", [0, 1])
def test_the_beginning_of_a_file_s_digest_does_not_move_into_the_salt(
    room: Room, alice: User, hash_format: int
) -> None:
    # The salt stands before the caption, too: both begin with the same letter.
    data = next(data for data in (b"%d" % number for number in count()) if sha256(data).digest()[:1] == b"n")
    row = posted_file(room, alice, data, caption="not this one")
    if hash_format:
        rewrite(room, lambda seq: hash_format)
    assert row.attachment
    Attachment.objects.filter(pk=row.attachment.pk).update(sha256=bytes(row.attachment.sha256)[1:])
    change(row, salt=bytes(row.salt) + b"n", body="ot this one")
    assert "the salt of row 3 is not 16 bytes long" in both(room)


# --- Formats ---------------------------------------------------------------------------------------------------------


def test_a_stranger_makes_the_same_hash_from_what_the_docs_say(room: Room, alice: User) -> None:
    file = posted_file(room, alice, b"Hello", "hello.txt", caption=WORDS)

    def h(*parts: bytes) -> bytes:
        return sha256(b"".join(struct.pack(">I", len(part)) + part for part in parts)).digest()

    *_, before, row = exported(room)
    salt, previous = bytes.fromhex(row["salt"]), bytes.fromhex(before["hash"])
    at = datetime.fromisoformat(row["at"])
    place = (
        previous,
        UUID(row["room"]).bytes,
        struct.pack(">q", row["seq"]),
        b"file",
        UUID(row["author"]["id"]).bytes,
        b"",
    )
    instant = struct.pack(">q", int(at.timestamp()) * 10**6 + at.microsecond)
    digests = h(salt, WORDS.encode()), h(salt, sha256(b"Hello").digest(), b"hello.txt")
    assert row["hash"] == h(struct.pack(">q", 2), *place, instant, *digests, b"").hex() == bytes(file.hash).hex()


def test_new_rows_follow_those_of_an_older_version(room: Room, promise: Message, alice: User) -> None:
    rewrite(room, lambda seq: 1)
    post_message(room, actor=alice, client_id="3", body="With a newer version")
    assert set(room.messages.values_list("hash_format", "seq")) == {(1, 1), (1, 2), (1, 3), (1, 4), (2, 5)}
    assert online(room) == offline(exported(room)) == []


def test_an_export_of_an_older_version_verifies(room: Room, promise: Message) -> None:
    rewrite(room, lambda seq: 1)
    lines = exported(room)
    for line in lines[1:]:
        del line["hash_format"]
    assert offline(lines) == []


@pytest.mark.parametrize(("written", "label"), [(1, 2), (2, 1), (2, 3)])
def test_a_row_does_not_pass_for_one_of_another_format(room: Room, promise: Message, written: int, label: int) -> None:
    rewrite(room, lambda seq: written)
    change(promise, hash_format=label)
    assert f"row 3 has a hash of format {label}" in both(room) or "row 3 is not the one that was written" in both(room)
    lines = exported(room)
    del lines[3]["hash_format"]
    assert offline(lines) or written == 1


def test_a_room_whose_format_falls_is_refused(room: Room, promise: Message) -> None:
    rewrite(room, lambda seq: 1 if seq == 4 else 2)
    assert both(room) == (
        "row 4 has a hash of format 1, and the row before it one of format 2"
        " row 4 has a hash of format 1, and the row before it one of format 2."
    )


def test_the_database_takes_no_row_of_an_older_version_after_one_of_a_newer(
    room: Room, promise: Message, alice: User
) -> None:
    def add_row(seq: int) -> None:
        with transaction.atomic():
            old = Message(room=room, seq=seq, author=alice, kind="left", created_at=datetime.now(UTC))
            old.salt, old.body_digest, old.hash = bytes(16), bytes(32), bytes(32)
            # Without hash_format: as a process of before it would insert it, in the middle of a rolling restart.
            old.save()

    with pytest.raises(DatabaseError, match="newer format"):
        add_row(5)
    rewrite(room, lambda seq: 1)
    add_row(5)


# --- Lengths, and what is empty --------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["salt", "body_digest", "hash"])
@pytest.mark.parametrize("cut", [lambda value: value[:-1], lambda value: value + b"\0", lambda value: b""])
def test_what_is_longer_or_shorter_is_found(
    room: Room, promise: Message, field: str, cut: Callable[[bytes], bytes]
) -> None:
    change(promise, **{field: cut(bytes(getattr(promise, field)))})
    assert online(room)
    # Of what is there, an export does not tell the digest.
    assert offline(exported(room)) or field == "body_digest"


@pytest.mark.parametrize("field", ["sha256", "digest"])
def test_so_it_is_of_a_file(room: Room, alice: User, field: str) -> None:
    file = posted_file(room, alice).attachment
    assert file
    setattr(file, field, getattr(file, field)[:-1])
    file.save()
    assert online(room)
    assert offline(exported(room)) or field == "digest"


@pytest.mark.parametrize(
    "left", [{"body": WORDS}, {"salt": "00" * 16}, {"attachment": {"sha256": "00" * 32, "name": "debts.txt"}}]
)
def test_an_erased_row_has_nothing_left_to_be_believed(
    room: Room, promise: Message, dana: User, left: dict[str, object]
) -> None:
    redact_message(room, actor=dana, seq=promise.seq)
    lines = exported(room)
    assert offline(lines) == []
    lines[promise.seq] |= left
    assert offline(lines) == ["Row 3 is said to be erased, and not all of it is."]


def test_a_row_that_is_only_said_to_be_erased_is_found(room: Room, promise: Message) -> None:
    change(promise, redacted_at=datetime.now(UTC))
    assert "row 3 is said to be erased, and not all of it is" in online(room)


@pytest.mark.parametrize("digest", ["body_digest", "file_digest"])
def test_the_digests_of_an_erased_row_have_their_length(room: Room, alice: User, dana: User, digest: str) -> None:
    row = posted_file(room, alice, caption=WORDS)
    redact_message(room, actor=dana, seq=row.seq)
    lines = exported(room)
    lines[row.seq][digest] = lines[row.seq][digest][:-2]
    assert "A digest of row 3 is not 32 bytes long." in offline(lines)


@pytest.mark.parametrize(
    "line",
    ["", "[]", "7", '{"seq": 3}', "[" * 100_000, '{"room": "\\ud800"}'],
)
def test_a_line_that_is_none_is_one_sentence(room: Room, promise: Message, line: str) -> None:
    lines = [json.dumps(line) for line in exported(room)]
    assert chain.faults_of_export([*lines[:3], line, *lines[4:]]) == ["Row 3 cannot be read."]
    assert chain.faults_of_export([line, *lines[1:]]) == ["The first line does not name the room."]
