"""A site of before hashes had formats: its rows stay as they are, and are said to be of the first."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from rooms.actions.messages import post_message
from rooms.log import triggers
from rooms.log.verify import faults_of
from rooms.models import Room
from tests.security.tampering import rewrite

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def before(room: Room, alice: User) -> Iterator[Room]:
    """A room whose rows were written before, in a database that knows no formats."""
    post_message(room, actor=alice, client_id="1", body="Long ago")
    rewrite(room, lambda seq: 1)
    call_command("migrate", "rooms", "0008", verbosity=0)
    yield room
    call_command("migrate", verbosity=0)


def columns() -> set[str]:
    with connection.cursor() as cursor:
        return {column.name for column in connection.introspection.get_table_description(cursor, "rooms_message")}


def test_its_log_is_protected_as_it_was(before: Room) -> None:
    assert "hash_format" not in columns()
    assert triggers.missing() == {triggers.FORMAT_TRIGGER}


def test_migrated_it_verifies_and_goes_on_in_the_second_format(before: Room, alice: User) -> None:
    call_command("migrate", verbosity=0)
    assert triggers.missing() == set()
    post_message(before, actor=alice, client_id="2", body="Today")
    assert [*before.messages.order_by("seq").values_list("hash_format", flat=True)] == [1, 1, 1, 2]
    before.refresh_from_db()
    assert list(faults_of(before)) == []
