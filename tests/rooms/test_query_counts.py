"""What the hot paths ask of the database: as many queries whatever the counts, and each by an index."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import SiteSettings, User
from rooms.actions.memberships import join_room, mark_read
from rooms.actions.messages import post_messages
from rooms.actions.posts import clean_post
from rooms.actions.rooms import open_room
from rooms.log import mentions
from rooms.models import Membership, Room
from rooms.queries.mentions import mentions_of
from rooms.realtime.fanout import head_queries, log_reader
from rooms.realtime.reconcile import session_queries
from rooms.realtime.unread import unread_queries
from rooms.room_lists import own_rooms
from tests.rooms.conftest import session_of
from tests.rooms.sql import plan_of, statements

# Session, person, room, membership, the visit, the transcript, the person's rooms, whom they have blocked.
PAGE_QUERIES = 8


@pytest.fixture(autouse=True)
def with_settings_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The site's settings are read again every few seconds: one query more, on a slow machine, at any place."""
    monkeypatch.setattr(SiteSettings, "COPY_AGE", 3_600)


def say(room: Room, people: list[User], count: int) -> None:
    post_messages(
        [
            clean_post(room_id=room.pk, author=people[n % len(people)], client_id=f"{n}", body=f"Message {n}")
            for n in range(count)
        ]
    )


def grow(room: Room, alice: User, bob: User) -> None:
    """Let there be many members, rooms of bob's and messages."""
    names = [f"person{n}" for n in range(120)]
    crowd = User.objects.bulk_create(
        User(username=name, username_folded=name, email=f"{name}@example.org") for name in names
    )
    Membership.objects.bulk_create(Membership(room=room, user=user) for user in crowd)
    for n in range(60):
        join_room(open_room(actor=alice, name=f"Room {n}"), actor=bob)
    say(room, [alice, bob, *crowd], 150)


def queries_of(act: Callable[[], object]) -> int:
    act()  # Once before: the first one notes that the session is in use.
    with statements() as found:
        act()
    return sum(sql.startswith(("SELECT", "UPDATE", "INSERT", "DELETE")) for sql, _ in found)


def open_page(client: Client, room: Room) -> None:
    response = client.get(f"/rooms/{room.pk}/")
    assert response.status_code == 200


@pytest.mark.rules
def test_the_room_page_asks_as_much_however_many_members_rooms_and_messages(
    client: Client, room: Room, alice: User, bob: User
) -> None:
    client.force_login(bob)
    say(room, [alice, bob], 3)
    before = queries_of(lambda: open_page(client, room))
    grow(room, alice, bob)
    mark_read(room, actor=bob, seq=1_000)
    after = queries_of(lambda: open_page(client, room))
    assert before == after
    assert after <= PAGE_QUERIES
    data = client.get(f"/rooms/{room.pk}/").context["page_data"]
    assert (len(data["messages"]), len(data["rooms"])) == (100, 50)


@pytest.mark.rules
def test_the_room_page_asks_twice_more_where_it_opens_elsewhere(
    client: Client, room: Room, alice: User, bob: User
) -> None:
    client.force_login(bob)
    grow(room, alice, bob)
    # Where the unread begins; the rows on both sides instead of the newest.
    assert queries_of(lambda: open_page(client, room)) == PAGE_QUERIES + 2
    assert client.get(f"/rooms/{room.pk}/").context["page_data"]["window"]["more_after"]
    assert queries_of(lambda: client.get(f"/rooms/{room.pk}/at/60/")) == PAGE_QUERIES + 1


@pytest.mark.rules
@pytest.mark.parametrize("query", ["", "?before=60", "?after=20", "?around=60"])
def test_the_transcript_asks_as_much_however_long_it_is(room: Room, alice: User, bob: User, query: str) -> None:
    client = Client(headers={"X-Session-Token": session_of(bob)})

    def read() -> None:
        assert json.loads(client.get(f"/api/rooms/{room.pk}/messages{query}").content)["messages"] is not None

    say(room, [alice, bob], 2)
    before = queries_of(read)
    grow(room, alice, bob)
    assert queries_of(read) == before


def poll_of(rooms: list[Room], after: int) -> dict[str, object]:
    asked = [{"room": str(room.pk), "after": after} for room in rooms]
    return {"rooms": asked, "here": "tab", "attend": str(rooms[0].pk)}


# The session, who asks, and all rooms at once.
POLL_QUERIES = 3


@pytest.mark.rules
@pytest.mark.parametrize("count", [1, 5])
def test_a_poll_asks_once_for_all_rooms_and_twice_more_for_each_that_has_rows(
    room: Room, alice: User, bob: User, count: int
) -> None:
    rooms = [room, *(join_room(open_room(actor=alice, name=f"Other {n}"), actor=bob).room for n in range(count - 1))]
    client = Client(headers={"X-Session-Token": session_of(bob)})

    def poll(after: int) -> list[Any]:
        answer = client.post("/api/v1/poll", poll_of(rooms, after), content_type="application/json")
        assert answer.status_code == 200
        return [news["messages"] for news in answer.json()["rooms"] if news["messages"]]

    for each in rooms:
        say(each, [alice, bob], 2)
    assert queries_of(lambda: poll(4)) == POLL_QUERIES
    # The rows, and the people in them.
    assert queries_of(lambda: poll(2)) == POLL_QUERIES + 2 * count
    assert [len(messages) for messages in poll(2)] == [2] * count
    # However many members and rows there are; behind a whole page of one room, another one is read, and no third.
    grow(room, alice, bob)
    assert queries_of(lambda: poll(3)) == POLL_QUERIES + 2 * min(count, 2)


def read_where_called(room: Room, user: User, client: Client) -> None:
    for row in room.messages.exclude(author=user).order_by("-seq")[:2]:
        mentions.call(row, [user.pk])
    mark_read(room, actor=user, seq=150)


# --- By an index -----------------------------------------------------------------------------------------------------

HOT: dict[str, Callable[[Room, User, Client], object]] = {
    "the room's page": lambda room, user, client: client.get(f"/rooms/{room.pk}/"),
    "the newest page": lambda room, user, client: client.get(f"/api/rooms/{room.pk}/messages"),
    "the page at a message": lambda room, user, client: client.get(f"/rooms/{room.pk}/at/60/"),
    "the page on a day": lambda room, user, client: client.get(f"/rooms/{room.pk}/at/2026-11-20/"),
    "a window": lambda room, user, client: client.get(f"/api/rooms/{room.pk}/messages?around=60"),
    "a day": lambda room, user, client: client.get(f"/api/rooms/{room.pk}/messages?at=2026-11-20"),
    "an older page": lambda room, user, client: client.get(f"/api/rooms/{room.pk}/messages?before=60"),
    "reading on": lambda room, user, client: client.get(f"/api/rooms/{room.pk}/messages?after=60"),
    "a poll": lambda room, user, client: client.post(
        "/api/v1/poll", poll_of([room], 60), content_type="application/json"
    ),
    "coming in": lambda room, user, client: log_reader.read_entry(room.pk, user, None, None),
    "coming back": lambda room, user, client: log_reader.read_entry(room.pk, user, 100, None),
    "catching up": lambda room, user, client: log_reader.rows_after(room.pk, 100),
    "one's rooms": lambda room, user, client: own_rooms(user),
    "posting": lambda room, user, client: say(room, [user], 2),
    "what one has read": lambda room, user, client: mark_read(room, actor=user, seq=150),
    "how far rooms are": lambda room, user, client: head_queries.changed({room.pk: None}),
    "who is signed out": lambda room, user, client: session_queries.ended(
        json.dumps({"key": session_queries.fingerprint_of(user)})
    ),
    "where there was talk": lambda room, user, client: unread_queries.talked_lately(),
    "whose rooms": lambda room, user, client: unread_queries.rooms_of([user.pk]),
    "what is counted": lambda room, user, client: unread_queries.counters_of([(room.pk, user.pk)]),
    "where one is called": lambda room, user, client: mentions_of([user.pk]),
    "what calls one and one has read": read_where_called,
}


# A table of one row may be read whole.
ONE_ROW = "accounts_sitesettings"
# What SQLite calls SCAN and is none of a table: what the statement itself brings.
NO_TABLES = ("CONSTANT ROW", "VALUES", "VIRTUAL TABLE")


def reads_a_whole_table(step: str) -> bool:
    if ONE_ROW in step:
        return False
    if settings.SQLITE:
        return step.startswith("SCAN") and all(word not in step for word in NO_TABLES)
    return "Seq Scan" in step


@pytest.mark.rules
@pytest.mark.parametrize("name", HOT)
def test_no_hot_path_reads_a_whole_table(room: Room, alice: User, bob: User, name: str) -> None:
    grow(room, alice, bob)
    client = Client(headers={"X-Session-Token": session_of(bob)})
    client.force_login(bob)
    with statements() as found:
        HOT[name](room, bob, client)
    asked = [(sql, params) for sql, params in found if sql.lstrip().startswith(("SELECT", "UPDATE"))]
    assert asked
    for sql, params in asked:
        plan = plan_of(sql, params)
        assert not any(map(reads_a_whole_table, plan)), (sql, plan)


@pytest.mark.rules
def test_a_query_without_an_index_would_be_noticed(room: Room) -> None:
    with statements() as found:
        assert not list(room.messages.model.objects.filter(body="nobody said this"))
    assert any(map(reads_a_whole_table, plan_of(*found[0])))
