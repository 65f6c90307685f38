"""A site of before rows had targets: its rows and its exports verify as they did, and what they say is still read."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import User
from rooms.actions.messages import post_message
from rooms.actions.pins import pin_message
from rooms.events import message_json
from rooms.log import triggers
from rooms.log.append import Draft, chain_up, store
from rooms.models import Message, Room
from rooms.queries import message_rows
from tests.rooms.facts import is_whole
from tests.security.tampering import change, exported, offline

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def before(room: Room, alice: User, dana: User) -> Room:
    """A room in which a message was erased as it was done then: the row that says so has its seq as its body."""
    message = post_message(room, actor=alice, client_id="1", body="Long ago").row
    post_message(room, actor=alice, client_id="2", body="And this stands")
    room = Room.objects.get(pk=room.pk)
    store([room], chain_up(room, [Draft(Message.Kind.REDACTED, dana, subject=alice, body=str(message.seq))]))
    change(message, body="", salt=b"", redacted_at=timezone.now())
    return room


@pytest.fixture
def migrated(before: Room) -> Room:
    """The same, after it has been in a database that knows no targets."""
    call_command("migrate", "rooms", "0012", verbosity=0)
    try:
        with connection.cursor() as cursor:
            columns = connection.introspection.get_table_description(cursor, "rooms_message")
        assert "target_seq" not in {column.name for column in columns}
        assert triggers.missing() == set()
    finally:
        call_command("migrate", verbosity=0)
    return Room.objects.get(pk=before.pk)


def test_its_rows_verify_and_go_on(migrated: Room, alice: User) -> None:
    assert is_whole(migrated)
    assert triggers.missing() == set()
    pin_message(migrated, actor=alice, seq=4)
    assert is_whole(migrated)
    assert [row.target for row in migrated.messages.order_by("seq")] == [None, None, None, None, 3, 4]


def test_all_of_them_are_drawn(migrated: Room) -> None:
    assert [row.seq for row in message_rows.before(migrated.pk, 100, 100)] == [5, 4, 3, 2, 1]


def test_what_was_erased_is_told_as_before(migrated: Room) -> None:
    row = message_json(migrated.messages.newest(1)[0])
    assert (row["kind"], row["body"], row["target_seq"]) == ("redacted", "3", None)


def test_an_export_of_before_verifies(before: Room) -> None:
    lines = exported(before)
    for line in lines[1:]:
        del line["target_seq"]
    assert offline(lines) == []
    assert lines[5]["body"] == "3"


def test_a_row_that_says_of_another_message_that_it_was_erased_is_found(before: Room) -> None:
    lines = exported(before)
    lines[5]["target_seq"] = 3
    assert offline(lines) == ["Row 5 is not the one that was written."]
