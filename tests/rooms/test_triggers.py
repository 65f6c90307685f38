"""Written once: the database refuses to change or delete a log row, and the chain shows it where something did."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from rooms.actions.messages import post_message
from rooms.log import triggers
from rooms.log.verify import faults_of, miscount_of
from rooms.models import Message, Room

pytestmark = [pytest.mark.rules, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def talk(room: Room, alice: User) -> None:
    for number in range(5):
        post_message(room, actor=alice, client_id=str(number), body=f"Message {number}")
    room.refresh_from_db()


def by_plain_sql(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rooms_message SET body = 'I never said that' WHERE seq = 3",
        "UPDATE rooms_message SET author_id = NULL",
        "DELETE FROM rooms_message WHERE seq = 7",
        "DELETE FROM rooms_message",
    ],
)
def test_plain_sql_cannot_change_or_delete_a_row(statement: str, room: Room) -> None:
    with pytest.raises(DatabaseError, match="written once"):
        by_plain_sql(statement)
    assert not list(faults_of(room))


def test_replacing_or_truncating_is_refused_too(room: Room) -> None:
    if connection.vendor == "postgresql":
        # Foreign keys of this transaction's own rows are still to be checked, and would refuse a TRUNCATE first.
        connection.check_constraints()
        # Reports name messages: alone the table cannot be emptied anyhow.
        statement = "TRUNCATE rooms_message CASCADE"
    else:
        columns = ", ".join(str(field.column) for field in Message._meta.local_fields)
        statement = f"INSERT OR REPLACE INTO rooms_message ({columns}) SELECT {columns} FROM rooms_message"
    with pytest.raises(DatabaseError, match="written once"):
        by_plain_sql(statement)


def test_the_triggers_are_there_after_each_migrate() -> None:
    assert triggers.missing() == set()
    by_plain_sql(
        "DROP TRIGGER rooms_message_no_update" + (" ON rooms_message" if connection.vendor == "postgresql" else "")
    )
    assert triggers.missing() == {"rooms_message_no_update"}
    triggers.put_on()
    assert triggers.missing() == set()


def test_lifting_holds_for_one_block_only(room: Room) -> None:
    with triggers.lifted():
        Message.objects.filter(seq=3).update(body="By court order")
    with pytest.raises(DatabaseError, match="written once"):
        by_plain_sql("UPDATE rooms_message SET body = '' WHERE seq = 3")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"body": "Other words"}, "the words of row 4"),
        ({"kind": "file"}, "row 4 is not the one"),
        ({"talk": 9}, "row 4 says that it is talk 9"),
        ({"hash": bytes(32)}, "row 4 is not the one"),
    ],
)
def test_a_changed_row_is_found(room: Room, change: dict[str, object], fault: str) -> None:
    with triggers.lifted():
        Message.objects.filter(room=room, seq=4).update(**change)
    assert fault in "; ".join(faults_of(room))


def test_a_missing_row_and_a_cut_off_end_are_found(room: Room) -> None:
    with triggers.lifted():
        Message.objects.filter(room=room, seq=room.last_seq).delete()
    assert "the head says 7 rows" in "; ".join(faults_of(room))
    with triggers.lifted():
        Message.objects.filter(room=room, seq=3).delete()
    assert "row 3 is missing" in "; ".join(faults_of(room))


def test_a_row_by_another_author_is_found(room: Room, bob: User) -> None:
    with triggers.lifted():
        Message.objects.filter(room=room, seq=5).update(author=bob)
    assert "row 5 is not the one" in "; ".join(faults_of(room))


def test_a_wrong_count_of_members_is_found(room: Room) -> None:
    Room.objects.filter(pk=room.pk).update(member_count=5)
    assert miscount_of(room) == "the room counts 5 members, and has 2"


def test_the_command_says_that_all_is_well_or_what_is_not(room: Room) -> None:
    out = StringIO()
    call_command("verify_transcripts", stdout=out)
    assert "All 1 transcripts verify." in out.getvalue()
    with triggers.lifted():
        Message.objects.filter(room=room, seq=4).update(body="Other words")
    with pytest.raises(CommandError, match="1 of 1 transcripts do not verify"):
        call_command("verify_transcripts", str(room.pk), stdout=out)
    assert "Lobby" in out.getvalue()


def test_the_command_names_a_room_that_is_not_there() -> None:
    with pytest.raises(CommandError, match="There is no room"):
        call_command("verify_transcripts", "00000000-0000-0000-0000-000000000000")
