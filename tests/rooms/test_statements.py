"""The statements that are composed once say what the ORM would say."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from chatsite import statements
from rooms.actions.messages import post_message, post_messages
from rooms.actions.posts import clean_post
from rooms.models import Membership, Message, Room
from tests.conftest import new_user

pytestmark = [pytest.mark.django_db, pytest.mark.rules]


def test_rows_come_as_the_orm_reads_them(room: Room, den: Room, alice: User) -> None:
    names = ("room_id", "user_id", "role", "read_talk", "joined_at", "is_muted", "hidden_talk", "room__head_hash")
    query = statements.Prepared(
        lambda rooms, people: (
            Membership.objects.filter(room__in=rooms, user__in=people, state="active")
            .order_by("pk")
            .values_list(*names)
        )
    )
    for more in range(6):
        rooms = [room.pk, den.pk, *[uuid4() for _ in range(more % 3)]]
        people = list(User.objects.values_list("pk", flat=True))
        expected = Membership.objects.filter(room__in=rooms, user__in=people).order_by("pk").values_list(*names)
        assert list(map(tuple, query.rows(rooms, people))) == list(expected)
        new_user(f"newcomer{more}")
    assert len(query.rows([room.pk], people)) == 2
    assert query.rows([uuid4()], people) == []


def test_a_query_is_composed_once_for_lists_of_about_a_length(room: Room) -> None:
    composed = []

    def compose(ids: list[UUID]) -> Any:
        composed.append(len(ids))
        return Room.objects.filter(pk__in=ids).values_list("name")

    query = statements.Prepared(compose)
    for count in (1, 2, 3, 4, 3, 1, 4, 5):
        assert query.rows([room.pk, *[uuid4() for _ in range(count - 1)]]) == [["Lobby"]]
    assert composed == [1, 2, 4, 8]


def test_texts_are_ids_too(room: Room, den: Room) -> None:
    query = statements.Prepared(lambda names: Room.objects.filter(name__in=names, kind="private").values_list("pk"))
    assert query.rows(["Lobby", "Den", "Kitchen"]) == [[den.pk]]
    assert query.rows(["Lobby"]) == []


def test_a_row_is_inserted_and_updated_as_the_orm_would(room: Room, alice: User) -> None:
    now = timezone.now()
    rooms = [
        Room(name=f"Room {number}", name_folded=f"room {number}", created_by=alice, created_at=now, topic="%s 'x' ü")
        for number in range(statements.INSERT_ROWS * 2 + 1)
    ]
    statements.insert(rooms)
    names = [field.attname for field in Room._meta.concrete_fields]
    for made in rooms:
        stored = Room.objects.get(pk=made.pk)
        assert [getattr(stored, name) for name in names] == [getattr(made, name) for name in names]

    made.topic, made.deleted_at, made.head_hash, made.name = "Another", now, b"\x00%s\xff", "Not saved"
    statements.update(made, "topic", "deleted_at", "head_hash")
    stored = Room.objects.get(pk=made.pk)
    assert (stored.topic, stored.deleted_at, bytes(stored.head_hash)) == ("Another", now, b"\x00%s\xff")
    assert stored.name == rooms[-1].name_folded.capitalize()
    assert Room.objects.filter(topic="Another").count() == 1


def test_a_post_takes_five_statements_and_many_take_no_more_of_their_room(room: Room, alice: User, bob: User) -> None:
    def statements_of(count: int) -> list[str]:
        posts = [
            clean_post(room_id=room.pk, author=(alice, bob)[number % 2], client_id=uuid4().hex, body="Hello")
            for number in range(count)
        ]
        with CaptureQueriesContext(connection) as asked:
            post_messages(posts)
        return [query["sql"] for query in asked if "SAVEPOINT" not in query["sql"]]

    post_message(room, actor=alice, client_id="first", body="Hello")
    # Lock the room, read who speaks, insert, move the head; and what the author said themselves they have read.
    assert len(statements_of(1)) == 5
    assert len(statements_of(16)) <= 6
    assert len(statements_of(statements.INSERT_ROWS + 1)) <= 7


def test_the_room_is_locked_until_the_transaction_ends(room: Room, alice: User) -> None:
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        post_message(room, actor=alice, client_id="one", body="Hello")
    locks = [query["sql"] for query in asked if "FOR UPDATE" in query["sql"]]
    assert len(locks) == (connection.vendor == "postgresql")
    assert Message.objects.filter(room=room, client_id="one").exists()
