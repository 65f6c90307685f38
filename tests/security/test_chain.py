"""A log that was changed afterwards verifies neither in the database nor as an export, whatever was changed of it."""

import json
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given, settings, strategies as st

from accounts.models import User
from rooms import chain
from rooms.actions.messages import post_message
from rooms.actions.moderation import redact_message
from rooms.log import triggers
from rooms.log.transcripts import json_lines
from rooms.log.verify import faults_of
from rooms.models import Attachment, Message, Room
from tests.rooms.files import posted_file

pytestmark = [pytest.mark.security, pytest.mark.rules, pytest.mark.django_db]

WORDS = "I do not owe Bob"
Line = dict[str, Any]


# --- Two verifiers ---------------------------------------------------------------------------------------------------


def online(room: Room) -> list[str]:
    return list(faults_of(Room.objects.get(pk=room.pk)))


def offline(lines: list[Line]) -> list[str]:
    return chain.faults_of_export(json.dumps(line) for line in lines)


def exported(room: Room) -> list[Line]:
    """The room, and then its rows, each in the place of its seq."""
    return list(map(json.loads, json_lines(Room.objects.get(pk=room.pk))))


def both(room: Room) -> str:
    """What both say of a database that was changed, each by itself."""
    found = online(room), offline(exported(room))
    assert all(found), found
    return " ".join(found[0] + found[1]).lower()


def change(row: Message, **values: object) -> None:
    """By somebody who can write to the database, past the triggers."""
    with triggers.lifted():
        Message.objects.filter(pk=row.pk).update(**values)


def rewrite(room: Room, format_of: Callable[[int], int]) -> None:
    """Make all hashes anew, each in the format that ``format_of`` says for its seq."""
    previous = bytes(32)
    for row in room.messages.select_related("attachment").order_by("seq"):
        hash_format, file = format_of(row.seq), row.attachment
        salt, digests = bytes(row.salt), {"body_digest": bytes(row.body_digest)}
        if not row.is_redacted:
            digests["body_digest"] = chain.digest_body(salt, row.body, hash_format=hash_format)
            if file:
                file.digest = chain.digest_file(salt, bytes(file.sha256), file.name, hash_format=hash_format)
                file.save()
        previous = chain.link(
            previous,
            room_id=room.pk,
            seq=row.seq,
            kind=row.kind,
            author_id=row.author_id,
            subject_id=row.subject_id,
            created_at=row.created_at,
            body_digest=digests["body_digest"],
            file_digest=bytes(file.digest) if file else b"",
            hash_format=hash_format,
        )
        change(row, **digests, hash=previous, hash_format=hash_format)
    Room.objects.filter(pk=room.pk).update(head_hash=previous)


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


# --- Anything at all -------------------------------------------------------------------------------------------------

# What the hashes do not cover, as docs/protocol.md says; a file's other values follow from its bytes.
UNCOVERED = {"id", "client_id"}


@pytest.fixture
def everything(room: Room, alice: User, bob: User, dana: User) -> Room:
    """Rows of both formats: words, a file, and one of each that is erased."""
    posted_file(room, bob, caption="Look")
    for number, words in enumerate(["Hello", "Something rude", "مرحبا 👋"]):
        post_message(room, actor=bob, client_id=str(number), body=words)
    gone = posted_file(room, bob, b"never sent", "gone.txt")
    for seq in (5, gone.seq):
        redact_message(room, actor=dana, seq=seq)
    rewrite(room, lambda seq: 1 if seq <= 4 else 2)
    post_message(room, actor=alice, client_id="end", body="The end")
    room.refresh_from_db()
    return room


OTHER = {
    bool: st.booleans(),
    int: st.integers(-(2**40), 2**40),
    str: st.text(max_size=40),
    bytes: st.binary(max_size=40) | st.binary(min_size=16, max_size=16) | st.binary(min_size=32, max_size=32),
    datetime: st.integers(0, 2**31).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
}
GENERATED = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def other_than(value: Any, kind: type) -> st.SearchStrategy[Any]:
    return OTHER[kind].filter(lambda other: other != value)


@pytest.fixture
def lines(everything: Room) -> list[Line]:
    lines = exported(everything)
    assert offline(lines) == []
    return lines


@GENERATED
@given(data=st.data())
def test_any_change_of_any_value_in_an_export_is_found(lines: list[Line], data: st.DataObject) -> None:
    seq = data.draw(st.integers(1, len(lines) - 1))
    row = json.loads(json.dumps(lines[seq]))
    name = data.draw(st.sampled_from(sorted(set(row) - UNCOVERED)))
    value = row[name]
    if name in {"author", "subject"}:
        row[name] = {"id": str(uuid4())} if value is None or data.draw(st.booleans()) else None
    elif name == "attachment":
        if value is None:
            row[name] = {"sha256": "00" * 32, "name": "debts.txt"}
        else:
            part = data.draw(st.sampled_from(["sha256", "name"]))
            other = bytes.fromhex(value[part]) if part == "sha256" else value[part]
            other = data.draw(other_than(other, type(other)))
            value[part] = other if isinstance(other, str) else other.hex()
    elif name == "at":
        # Whichever way it is written, it is the instant that counts.
        row[name] = data.draw(other_than(datetime.fromisoformat(value), datetime)).isoformat()
    elif name in {"salt", "hash", "body_digest", "file_digest"}:
        row[name] = data.draw(other_than(bytes.fromhex(value), bytes)).hex()
    elif name == "room":
        row[name] = str(uuid4())
    elif name == "talk":
        row[name] = data.draw(other_than(value, int) if value is None else other_than(value, int) | st.none())
    else:
        row[name] = data.draw(other_than(value, type(value)))
    assert offline([*lines[:seq], row, *lines[seq + 1 :]])


FIELDS = {
    "seq": int,
    "kind": str,
    "talk": int,
    "body": str,
    "author_id": UUID,
    "subject_id": UUID,
    "created_at": datetime,
    "salt": bytes,
    "body_digest": bytes,
    "hash": bytes,
    "hash_format": int,
    "attachment_id": UUID,
    "redacted_at": datetime,
}
OF_A_FILE = {"name": str, "sha256": bytes, "digest": bytes}


def test_no_column_is_forgotten() -> None:
    assert {field.attname for field in Message._meta.concrete_fields} == {*FIELDS, "room_id", *UNCOVERED}


@GENERATED
@given(data=st.data())
def test_any_change_of_any_value_in_the_database_is_found(everything: Room, data: st.DataObject) -> None:
    with transaction.atomic():
        rows = list(everything.messages.select_related("attachment").order_by("seq"))
        row = data.draw(st.sampled_from(rows))
        if row.attachment and data.draw(st.booleans()):
            name = data.draw(st.sampled_from(sorted(OF_A_FILE)))
            other = changed(data, getattr(row.attachment, name), OF_A_FILE[name])
            Attachment.objects.filter(pk=row.attachment.pk).update(**{name: other})
        else:
            name = data.draw(st.sampled_from(sorted(FIELDS)))
            change(row, **{name: changed(data, getattr(row, name), FIELDS[name], name)})
        assert online(everything), name
        transaction.set_rollback(True)


def changed(data: st.DataObject, value: Any, kind: type, name: str = "") -> Any:
    """Another value that the column takes."""
    if name == "redacted_at":
        return None if value else datetime.now(UTC)
    if name == "attachment_id":
        # Of two rows with one file, the database takes one.
        others: Any = st.just(
            Attachment.objects.create(room=Room.objects.get(), owner=User.objects.all()[0], size=0).pk
        )
    elif kind is UUID:
        others = st.sampled_from([*User.objects.values_list("pk", flat=True), None])
    elif kind is str:
        others = st.text(st.characters(exclude_characters="\0"), max_size=16)
    elif kind is int:
        others = st.integers({"hash_format": 1, "talk": 0, "seq": 50}[name], 30_000)
    else:
        others = OTHER[kind]
    other = data.draw(others.filter(lambda other: other != (bytes(value) if kind is bytes else value)))
    return data.draw(st.sampled_from([other, None])) if name == "attachment_id" and value else other
