"""Pins over the API: listing, pinning, unpinning, and what each is refused by."""

from datetime import UTC, datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from api.schemas import Pins
from rooms.actions.messages import post_message
from rooms.actions.moderation import redact_message
from rooms.actions.pins import pin_message
from rooms.events import message_json, pin_json
from rooms.models import Message, Room
from rooms.queries.pinned import pins_of, pins_with_messages
from tests.api.caller import Caller
from tests.rooms.files import posted_file

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def words(room: Room, bob: User) -> Message:
    return post_message(room, actor=bob, client_id="1", body="We meet at eight").row


def test_pinned_messages_are_listed_the_newest_first(room: Room, words: Message, alice: User, bob: User) -> None:
    file = posted_file(room, alice)
    call = Caller(alice)
    for row in (file, words):
        assert call("PUT", f"rooms/{room.pk}/pins/{row.seq}", {}) == (204, None)
    assert call("PUT", f"rooms/{room.pk}/pins/{words.seq}", {}) == (204, None)
    status, answer = Caller(bob)("GET", f"rooms/{room.pk}/pins")
    assert status == 200
    assert Pins.model_validate(answer).model_dump(mode="json") == answer
    assert [(pin["seq"], pin["by"]["username"]) for pin in answer["pins"]] == [(3, "alice"), (4, "alice")]
    assert [pin["message"] for pin in answer["pins"]] == [
        message_json(room.messages.with_people().get(seq=seq)) for seq in (3, 4)
    ]
    assert all(pin["message"]["pinned"] for pin in answer["pins"])
    row = room.messages.get(kind="pinned", target_seq=words.seq)
    assert datetime.fromisoformat(answer["pins"][0]["at"]).astimezone(UTC) == row.created_at
    assert call("DELETE", f"rooms/{room.pk}/pins/{words.seq}", {}) == (204, None)
    assert call("DELETE", f"rooms/{room.pk}/pins/{words.seq}", {}) == (204, None)
    assert [pin["seq"] for pin in call("GET", f"rooms/{room.pk}/pins")[1]["pins"]] == [4]


def test_a_refused_pin_says_why(room: Room, words: Message, alice: User, bob: User, dana: User) -> None:
    redact_message(room, actor=dana, seq=words.seq)
    for user, seq, refusal in (
        (bob, words.seq, (403, "not_admin")),
        (alice, words.seq, (410, "erased")),
        (alice, 1, (404, "no_such_message")),
        (alice, 99, (404, "no_such_message")),
        (alice, 2**80, (404, "no_such_message")),
    ):
        status, answer = Caller(user)("PUT", f"rooms/{room.pk}/pins/{seq}", {})
        assert (status, answer["code"]) == refusal


def test_a_row_that_is_polled_tells_of_the_pin(room: Room, words: Message, alice: User, bob: User) -> None:
    pin_message(room, actor=alice, seq=words.seq)
    _, answer = Caller(bob)("GET", f"rooms/{room.pk}/messages?after={words.seq}")
    (row,) = answer["messages"]
    assert (row["kind"], row["target_seq"], row["author"]["username"]) == ("pinned", words.seq, "alice")
    assert (answer["pins"], answer["hash"]) == (None, None)
    # Who has another log gets all anew, the pins with it.
    _, answer = Caller(bob)("GET", f"rooms/{room.pk}/messages?after={words.seq}&hash={'0' * 64}")
    assert (answer["reset"], [pin["seq"] for pin in answer["pins"]]) == (True, [words.seq])
    assert answer["head"] == words.seq + 1


def test_pins_cost_one_query_however_many_and_none_where_there_are_none(
    room: Room, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert pins_of(room) == []
    for number in range(5):
        row = post_message(room, actor=alice, client_id=str(number), body="x").row
        pin_message(room, actor=alice, seq=row.seq)
    room.refresh_from_db()
    with django_assert_num_queries(1):
        assert len([pin_json(pin) for pin in pins_of(room)]) == 5
    with django_assert_num_queries(1):
        assert len([(pin_json(pin), message_json(pin.message)) for pin in pins_with_messages(room)]) == 5
