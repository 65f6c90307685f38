"""A transcript, opened anywhere: through the API, and by the room's page."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given, strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from rooms.actions.memberships import join_room, leave_room, mark_read
from rooms.actions.messages import post_message, post_messages
from rooms.actions.posts import clean_post
from rooms.actions.rooms import open_room
from rooms.models import Room
from rooms.queries import windows
from tests.rooms.conftest import session_of
from tests.rooms.files import posted_file

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rules]


def say(room: Room, author: User, count: int) -> None:
    """Post so many messages, each with its place among them."""
    begun = Room.objects.get(pk=room.pk).talk_count
    numbers = range(begun, begun + count)
    post_messages(
        [clean_post(room_id=room.pk, author=author, client_id=f"{n}", body=f"Message {n + 1}") for n in numbers]
    )


@pytest.fixture
def tea(alice: User, bob: User) -> Room:
    """300 messages of alice's in rows 3 to 302, of which bob has read none."""
    room = open_room(actor=alice, name="Tea")
    join_room(room, actor=bob)
    say(room, alice, 300)
    return Room.objects.get(pk=room.pk)


def read(user: User, room: Room, query: str) -> Any:
    answer = Client(headers={"X-Session-Token": session_of(user)}).get(f"/api/v1/rooms/{room.pk}/messages?{query}")
    return {**json.loads(answer.content), "status": answer.status_code}


def page_data(client: Client, user: User, address: str) -> Any:
    client.force_login(user)
    answer: Any = client.get(address)
    assert answer.status_code == 200, answer.content
    return answer.context["page_data"]


# --- Around a row ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "first", "last", "around", "more_before", "more_after"),
    [
        ("around=150", 101, 200, 150, True, True),
        ("around=150&limit=5", 148, 152, 150, True, True),
        ("around=150&limit=1", 150, 150, 150, True, True),
        ("around=1", 1, 51, 1, False, True),
        ("around=0", 1, 50, 1, False, True),
        ("around=50", 1, 100, 50, False, True),
        ("around=51", 2, 101, 51, True, True),
        ("around=302", 253, 302, 302, True, False),
        ("around=252", 203, 302, 252, True, False),
        ("around=251", 202, 301, 251, True, True),
        ("around=303", 253, 302, 302, True, False),
        (f"around={2**63 - 1}", 253, 302, 302, True, False),
    ],
)
def test_a_window_has_rows_on_both_sides(
    tea: Room, bob: User, query: str, first: int, last: int, around: int, more_before: bool, more_after: bool
) -> None:
    answer = read(bob, tea, query)
    assert [row["seq"] for row in answer["messages"]] == list(range(first, last + 1))
    assert (answer["around"], answer["head"], answer["reset"]) == (around, 302, False)
    assert (answer["more_before"], answer["more_after"]) == (more_before, more_after)
    assert answer["more"] == (more_before or more_after)


def test_its_rows_are_those_that_one_reads_page_by_page(tea: Room, bob: User) -> None:
    window = read(bob, tea, "around=150")["messages"]
    assert window == read(bob, tea, "after=100&limit=100")["messages"] == read(bob, tea, "before=201")["messages"]


@pytest.mark.parametrize(
    ("query", "more", "more_before", "more_after"),
    [
        ("", True, True, False),
        ("limit=1", True, True, False),
        ("before=60", False, False, True),
        ("before=303", True, True, False),
        ("after=0", True, False, True),
        ("after=10", True, True, True),
        ("after=250", False, True, False),
        ("after=302", False, True, False),
    ],
)
def test_each_page_says_what_is_on_its_sides(
    tea: Room, bob: User, query: str, more: bool, more_before: bool, more_after: bool
) -> None:
    answer = read(bob, tea, query)
    assert answer["around"] is None
    assert (answer["more"], answer["more_before"], answer["more_after"]) == (more, more_before, more_after)


def test_of_several_ways_to_say_where_the_first_counts(tea: Room, bob: User) -> None:
    assert read(bob, tea, "after=10&around=150&limit=1")["messages"][0]["seq"] == 11
    assert read(bob, tea, "around=150&at=2000-01-01&limit=1")["messages"][0]["seq"] == 150
    assert read(bob, tea, "at=2000-01-01&before=150&limit=1")["messages"][0]["seq"] == 1


@pytest.mark.parametrize(
    "query",
    [
        "around=x", "around=-1", "around=1.5", f"around={2**63}", "around=", "at=", "at=x", "at=yesterday",
        "at=2026-13-01", "at=2026-02-30", "at=20261120", "at=1700000000", "at=2026-11-20T00:00:00Z", "at=2026-W47-5",
        "around=1&limit=0", "around=1&limit=101",
    ],
)  # fmt: skip
def test_what_is_no_place_is_refused_by_one_sentence(tea: Room, bob: User, query: str) -> None:
    answer = read(bob, tea, query)
    name = "limit" if "limit" in query else query.partition("=")[0]
    assert (answer["status"], answer["code"], list(answer["fields"])) == (422, "invalid", [name])
    assert answer["detail"] == f"Some values are missing or not as they should be: {name}."


def test_rows_that_came_after_the_head_was_read_are_left_to_who_delivers_them(tea: Room, alice: User) -> None:
    post_message(tea, actor=alice, client_id="late", body="Late")
    tea.last_seq = 302
    window = windows.around(tea, 300)
    assert (window.rows[-1].seq, window.more_after) == (302, False)


# --- By a day --------------------------------------------------------------------------------------------------------


@pytest.fixture
def diary(alice: User) -> Room:
    """A room with ten rows on each of 40 days from the first of March, but for the fifth."""
    begin = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with patch.object(timezone, "now", lambda: begin):
        room = open_room(actor=alice, name="Diary")
        say(room, alice, 9)
    for day in range(1, 40):
        if day != 4:
            with patch.object(timezone, "now", lambda day=day: begin + timedelta(days=day)):
                say(room, alice, 10)
    return Room.objects.get(pk=room.pk)


@pytest.mark.parametrize(
    ("day", "seq"),
    [
        ("2026-03-01", 1), ("2026-03-02", 11), ("2026-03-04", 31), ("2026-03-06", 41), ("2026-04-09", 381),
        # Of a day without rows, the next one's; before all, the first; after all, the last.
        ("2026-03-05", 41), ("0001-01-01", 1), ("2026-04-10", 390), ("9999-12-31", 390),
    ],
)  # fmt: skip
def test_a_day_opens_at_its_first_row(client: Client, diary: Room, alice: User, day: str, seq: int) -> None:
    answer = read(alice, diary, f"at={day}")
    assert answer["around"] == seq
    assert answer["messages"] == read(alice, diary, f"around={seq}")["messages"]
    window = page_data(client, alice, f"/rooms/{diary.pk}/at/{day}/")["window"]
    assert (window["seq"], window["is_link"], window["is_found"]) == (seq, True, True)


def test_a_day_begins_at_midnight_utc(alice: User) -> None:
    midnight = datetime(2026, 11, 20, tzinfo=UTC)
    with patch.object(timezone, "now", lambda: midnight - timedelta(microseconds=1)):
        room = open_room(actor=alice, name="Night")
    with patch.object(timezone, "now", lambda: midnight):
        say(room, alice, 1)
    assert read(alice, Room.objects.get(pk=room.pk), "at=2026-11-20")["around"] == 2


class Counts:
    """A log in memory: which of its rows are talk."""

    def __init__(self, talk: list[bool], most: int | None = None) -> None:
        self.counts = [(seq, sum(talk[:seq])) for seq, is_talk in enumerate(talk, 1) if is_talk]
        self.most = most

    def rows(self, rooms: object, *, numbers: list[int]) -> list[tuple[int, int]]:
        low, high = numbers
        return [count for count in self.counts[::-1] if low <= count[0] <= high][: self.most]


@given(talk=st.lists(st.booleans(), min_size=1, max_size=400), wanted=st.integers(min_value=1, max_value=401))
@pytest.mark.django_db(transaction=False)
def test_halving_finds_what_looking_at_each_row_would(talk: list[bool], wanted: int) -> None:
    column = windows.Growing("talk")
    column._last, column._rows = Counts(talk, 1), Counts(talk)  # type: ignore[assignment]
    expected = [seq for seq, count in Counts(talk).counts if count >= wanted]
    assert column.first(uuid4(), wanted, 1, len(talk)) == next(iter(expected), None)


# --- The page --------------------------------------------------------------------------------------------------------


def test_a_link_opens_the_room_at_its_message(client: Client, tea: Room, bob: User) -> None:
    data = page_data(client, bob, f"/rooms/{tea.pk}/at/150/")
    assert [row["seq"] for row in data["messages"]] == list(range(101, 201))
    assert data["more"] is True
    head = read(bob, tea, "")["messages"][-1]["hash"]
    assert data["window"] == {
        "seq": 150, "is_link": True, "is_found": True, "more_after": True, "head_hash": head,
    }  # fmt: skip
    assert data["room"]["head"] == 302


@pytest.mark.parametrize(("seq", "nearest"), [("0", 1), ("303", 302), ("9" * 30, 302)])
def test_a_link_to_no_message_opens_at_the_nearest(
    client: Client, tea: Room, bob: User, seq: str, nearest: int
) -> None:
    window = page_data(client, bob, f"/rooms/{tea.pk}/at/{seq}/")["window"]
    assert (window["seq"], window["is_found"]) == (nearest, False)


@pytest.mark.parametrize("place", ["x", "-1", "1.5", "2026-02-30", "2026-13-01", "", "9" * 5000])
def test_what_is_no_place_is_no_address(client: Client, tea: Room, bob: User, place: str) -> None:
    client.force_login(bob)
    assert client.get(f"/rooms/{tea.pk}/at/{place}/").status_code == 404


@pytest.mark.parametrize("place", ["at/3/", "at/999/", "at/2026-11-20/"])
def test_who_may_not_read_gets_what_the_rooms_address_gives(
    client: Client, tea: Room, bob: User, charlie: User, place: str
) -> None:
    left = bob
    leave_room(tea, actor=left)
    for person in (left, charlie):
        client.force_login(person)
        answers: list[Any] = [client.get(f"/rooms/{tea.pk}/{more}") for more in ("", place)]
        shown = [(answer.status_code, answer.content.decode().split("<main", 1)[1]) for answer in answers]
        tokens = [answer.context["csrf_token"] for answer in answers]
        plain = [(status, text.replace(str(token), "")) for (status, text), token in zip(shown, tokens, strict=True)]
        assert plain[0] == plain[1]
        assert "Message" not in plain[1][1]


def test_the_page_opens_where_the_unread_begins_if_they_fill_a_screen(client: Client, tea: Room, bob: User) -> None:
    data = page_data(client, bob, f"/rooms/{tea.pk}/")
    assert (data["window"]["seq"], data["window"]["is_link"], data["window"]["more_after"]) == (3, False, True)
    mark_read(tea, actor=bob, seq=200)
    data = page_data(client, bob, f"/rooms/{tea.pk}/")
    assert data["window"]["seq"] == 201
    assert [row["seq"] for row in data["messages"]] == list(range(152, 252))
    mark_read(tea, actor=bob, seq=302 - windows.SCREENFUL - 1)
    data = page_data(client, bob, f"/rooms/{tea.pk}/")
    assert (data["window"]["seq"], data["window"]["more_after"]) == (302 - windows.SCREENFUL, False)
    mark_read(tea, actor=bob, seq=302 - windows.SCREENFUL)
    data = page_data(client, bob, f"/rooms/{tea.pk}/")
    assert data["window"] is None
    assert data["messages"][-1]["seq"] == 302


def test_the_first_unread_is_found_among_rows_that_nobody_counts(
    client: Client, tea: Room, alice: User, bob: User, charlie: User
) -> None:
    for _ in range(100):
        join_room(tea, actor=charlie)
        leave_room(tea, actor=charlie)
    say(tea, alice, windows.SCREENFUL + 1)
    mark_read(tea, actor=bob, seq=400)
    assert page_data(client, bob, f"/rooms/{tea.pk}/")["window"]["seq"] == 503
    assert page_data(client, bob, f"/rooms/{tea.pk}/at/450/")["window"]["seq"] == 450


# --- What it costs ---------------------------------------------------------------------------------------------------


def test_a_window_is_two_range_reads_and_who_stands_in_them(
    tea: Room, alice: User, bob: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for seq in (1, 150, 302):
        with django_assert_num_queries(3):
            windows.around(tea, seq)
    posted_file(tea, alice)
    tea.refresh_from_db()
    # The files, however many.
    with django_assert_num_queries(4):
        windows.around(tea, 300)


def test_its_row_is_found_by_few_reads(
    tea: Room, bob: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(4):
        windows.seq_of_day(tea, timezone.now().date())
    membership = tea.admit(bob)
    # Nearly all rows are talk: its place is known to within as many as are not.
    with django_assert_max_num_queries(1):
        assert windows.first_unread(tea, membership) == 3
