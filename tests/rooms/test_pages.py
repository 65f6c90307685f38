"""What the API reads of a log without models is what the models would show."""

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from rooms.actions.memberships import add_member, grant_admin
from rooms.actions.messages import post_message
from rooms.actions.moderation import redact_message
from rooms.events import message_json
from rooms.models import Message, Room
from rooms.queries import message_rows
from tests.rooms.files import posted_file

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rules]


def test_rows_read_without_models_show_the_same(room: Room, alice: User, bob: User, charlie: User, dana: User) -> None:
    User.objects.filter(pk=bob.pk).update(display_name="Bob the member", picture="abc")
    add_member(room, actor=alice, user=charlie)
    grant_admin(room, actor=alice, user=bob)
    post_message(room, actor=bob, client_id="1", body="Hello")
    erased = post_message(room, actor=bob, client_id="2", body="Too much").row
    redact_message(room, actor=dana, seq=erased.seq)
    posted_file(room, alice)
    User.objects.filter(pk=charlie.pk).update(deleted_at=timezone.now())
    by_model = [message_json(row) for row in Message.objects.filter(room=room.pk).with_people().after(0)]
    assert [message_json(row) for row in message_rows.after(room.pk, 0, 100)] == by_model
    assert [message_json(row) for row in message_rows.after(room.pk, 2, 3)] == by_model[2:5]
    assert [message_json(row) for row in message_rows.before(room.pk, 5, 3)] == by_model[1:4][::-1]
    assert message_rows.after(room.pk, len(by_model), 100) == message_rows.before(room.pk, 1, 100) == []
    assert [row["attachment"] is not None for row in by_model].count(True) == 1
    assert {row["kind"] for row in by_model} >= {"text", "file", "added", "admin_granted", "redacted"}


def test_files_cost_one_query_more_however_many(
    room: Room, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def queries_of_a_page(expected: int) -> None:
        with django_assert_num_queries(expected):
            message_rows.after(room.pk, 0, 100)

    # The rows, and who stands in them.
    queries_of_a_page(2)
    for _ in range(3):
        posted_file(room, alice)
    queries_of_a_page(3)
