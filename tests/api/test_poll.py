"""Polling: one request for all rooms that a page shows, answered by what is new in them and nothing else."""

from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from rooms import limits
from rooms.actions.memberships import join_room, remove_member
from rooms.actions.messages import post_messages
from rooms.actions.posts import clean_post
from rooms.actions.rooms import open_room
from rooms.models import PAGE_SIZE, Room
from tests.api.caller import Caller

pytestmark = pytest.mark.rules


@pytest.fixture
def library(alice: User, bob: User) -> Room:
    library = open_room(actor=alice, name="Library")
    join_room(library, actor=bob)
    return library


def say(room: Room, author: User, count: int) -> None:
    posts = [clean_post(room_id=room.pk, author=author, client_id=f"{n}", body=f"Message {n}") for n in range(count)]
    post_messages(posts)


def known(room: Room, after: int | None = None, **more: object) -> dict[str, object]:
    return {"room": str(room.pk), "after": after, **more}


def poll(user: User, *rooms: dict[str, object], **more: object) -> Any:
    status, answer = Caller(user)("POST", "v1/poll", {"rooms": list(rooms), **more})
    assert status == 200, answer
    return answer


def test_a_room_with_nothing_new_is_left_out(room: Room, library: Room, alice: User, bob: User) -> None:
    say(library, alice, 1)
    answer = poll(bob, known(room, 2), known(library, 2))
    assert [news["room"] for news in answer["rooms"]] == [str(library.pk)]
    (news,) = answer["rooms"]
    assert ([row["body"] for row in news["messages"]], news["reset"], news["more"]) == (["Message 0"], False, False)
    assert (news["head"], news["hash"]) == (3, news["messages"][-1]["hash"])
    assert (answer["more"], answer["moved"], answer["since"], answer["read_only"]) == (False, None, None, False)
    assert poll(bob, known(room, 2), known(library, 3, hash=news["hash"]))["rooms"] == []


@pytest.mark.parametrize(
    "query", [{"after": None}, {"after": 50}, {"after": 2, "hash": "00"}, {"after": 1, "hash": "00"}]
)
def test_another_log_or_none_is_a_reset(room: Room, bob: User, query: dict[str, Any]) -> None:
    (news,) = poll(bob, known(room, **query))["rooms"]
    assert ([row["seq"] for row in news["messages"]], news["reset"], news["pins"]) == ([1, 2], True, [])


def test_a_room_that_does_not_fit_says_that_there_is_more(room: Room, library: Room, alice: User, bob: User) -> None:
    say(room, alice, 3 * PAGE_SIZE)
    say(library, alice, PAGE_SIZE + 10)
    third = open_room(actor=bob, name="Attic")
    answer = poll(bob, known(room, 2), known(library, 2), known(third, 0))
    assert [len(news["messages"]) for news in answer["rooms"]] == [PAGE_SIZE, PAGE_SIZE, 0]
    assert [news["more"] for news in answer["rooms"]] == [True, True, True]
    assert answer["more"] is True


def test_each_room_ends_by_itself_as_a_socket_s_would(room: Room, library: Room, alice: User, bob: User) -> None:
    remove_member(room, actor=alice, user=bob)
    nowhere = {"room": str(uuid4()), "after": 0}
    answer = poll(bob, known(room, 2), known(library, 1), nowhere, here="tab", attend=str(room.pk))
    removed, going_on, absent = answer["rooms"]
    assert [removed["ended"]["code"], removed["ended"]["reason"]] == [4403, "removed"]
    assert removed["ended"]["detail"].endswith(".")
    assert (removed["messages"], removed["head"], removed["pins"], removed["presence"]) == ([], None, None, None)
    assert [absent["ended"]["code"], absent["ended"]["reason"]] == [4404, "no_such_room"]
    assert (going_on["ended"], [row["seq"] for row in going_on["messages"]]) == (None, [2])
    assert (answer["moved"], answer["since"]) == (None, None)


def test_two_tabs_attend_one_after_the_other_and_both_read_on(
    room: Room, library: Room, alice: User, bob: User
) -> None:
    first = poll(bob, known(room, 2), here="one", attend=str(room.pk))
    assert [person["username"] for person in first["rooms"][0]["presence"]["people"]] == ["bob"]
    assert first["since"] > 0
    poll(bob, known(library, 2), here="two", attend=str(library.pk))
    say(room, alice, 1)
    moved = poll(bob, known(room, 2), here="one", attend=str(room.pk), since=first["since"])
    assert (moved["moved"], moved["since"]) == (str(library.pk), None)
    assert [row["body"] for row in moved["rooms"][0]["messages"]] == ["Message 0"]


@pytest.mark.parametrize("wrong", ["twice", "another", "no name", "too many", "none", "bad name"])
def test_a_malformed_poll_is_refused(room: Room, library: Room, bob: User, wrong: str) -> None:
    one = known(room, 2)
    bodies: dict[str, dict[str, object]] = {
        "twice": {"rooms": [one, one]},
        "another": {"rooms": [one], "here": "tab", "attend": str(library.pk)},
        "no name": {"rooms": [one], "attend": str(room.pk)},
        "too many": {"rooms": [{"room": str(uuid4())} for _ in range(21)]},
        "none": {"rooms": []},
        "bad name": {"rooms": [one], "here": "<script>", "attend": str(room.pk)},
    }
    status, answer = Caller(bob)("POST", "v1/poll", bodies[wrong])
    assert (status, answer["code"]) == (422, "invalid")


def test_reading_is_counted_for_each_room(
    room: Room, library: Room, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = limits.tally._clock()
    monkeypatch.setattr(limits.tally, "_clock", lambda: now)
    before = limits.READING.remaining(bob.pk)[0]
    poll(bob, known(room, 2), known(library, 2))
    assert before - limits.READING.remaining(bob.pk)[0] == 2


def test_a_poll_of_more_rooms_than_one_may_read_just_now_is_told_when_to_come_back(
    room: Room, library: Room, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    spend, few = limits.Limit.spend, limits.Limit("reading", burst=3, per_second=0.1)
    monkeypatch.setattr(limits.Limit, "spend", lambda limit, *what: spend(few, *what))
    body = {"rooms": [known(room, 2), known(library, 2)]}
    poll(bob, *body["rooms"])
    status, problem = Caller(bob)("POST", "v1/poll", body)
    assert (status, problem["code"], problem["retry_after"]) == (429, "too_fast", 10)
    # Nothing was counted for what was refused.
    poll(bob, known(room, 2))
