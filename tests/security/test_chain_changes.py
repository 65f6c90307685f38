"""Any change of any value in an export, or in the database, is found."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, assume, given, settings, strategies as st

from accounts.models import User
from rooms.actions.messages import post_message
from rooms.actions.moderation import redact_message
from rooms.models import Attachment, Message, Room
from tests.rooms.files import posted_file
from tests.security.tampering import Line, change, exported, offline, online, rewrite

pytestmark = [pytest.mark.security, pytest.mark.rules, pytest.mark.django_db]

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
    elif name in {"talk", "target_seq"}:
        row[name] = data.draw(other_than(value, int) if value is None else other_than(value, int) | st.none())
    else:
        row[name] = data.draw(other_than(value, type(value)))
    assert offline([*lines[:seq], row, *lines[seq + 1 :]])


FIELDS = {
    "seq": int,
    "kind": str,
    "target_seq": int,
    "is_drawn": bool,
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
            if name == "target_seq":
                # What the database takes: an earlier row, in the format that covers it.
                assume(row.seq > 2 and row.hash_format == 2)
            change(row, **{name: changed(data, getattr(row, name), FIELDS[name], name, row.seq)})
        assert online(everything), name
        transaction.set_rollback(True)


def changed(data: st.DataObject, value: Any, kind: type, name: str = "", seq: int = 0) -> Any:
    """Another value that the column takes."""
    if name == "redacted_at":
        return None if value else datetime.now(UTC)
    if name == "attachment_id":
        # Of two rows with one file, the database takes one.
        others: Any = st.just(
            Attachment.objects.create(room=Room.objects.get(), owner=User.objects.all()[0], size=0).pk
        )
    elif name == "target_seq":
        others = st.integers(1, seq - 1) | st.none()
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
