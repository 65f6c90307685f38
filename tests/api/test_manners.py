"""What programs expect of any API: versions, tokens, cursors, limits, what has not changed, what is sent twice."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from api import blocks
from rooms import room_lists
from rooms.actions.memberships import join_room
from rooms.actions.rooms import open_room
from rooms.models import ANSWERS_KEPT, IdempotentAnswer, Invitation, Room
from tests.conftest import new_user
from tests.rooms.conftest import session_of
from tests.rooms.races import at_once

pytestmark = [pytest.mark.rules, pytest.mark.django_db]


def ask(user: User, method: str, path: str, body: object = None, **headers: str) -> Any:
    data = "" if body is None else json.dumps(body)
    known: Any = {"Authorization": f"Bearer {session_of(user)}", **headers}
    return Client().generic(method, f"/api/v1/{path}", data, "application/json", headers=known)


# --- Versions and tokens ---------------------------------------------------------------------------------------------


def test_the_addresses_of_before_go_on(alice: User, room: Room) -> None:
    token: Any = {"X-Session-Token": session_of(alice)}
    before, today = (Client().get(f"/api/{version}rooms/{room.pk}", headers=token) for version in ("", "v1/"))
    assert (before.status_code, before.json()) == (today.status_code, today.json())


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_the_token_may_come_as_a_bearer_s(alice: User, scheme: str) -> None:
    token: Any = {"Authorization": f"{scheme} {session_of(alice)}"}
    assert Client().get("/api/v1/me", headers=token).json()["username"] == "alice"


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", "Bearer none", "Basic YTpi", "Bearer \u00e4"])
def test_who_is_not_signed_in_is_told_how(value: str) -> None:
    answer = Client().get("/api/v1/me", headers={"Authorization": value} if value else None)
    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")
    assert answer["WWW-Authenticate"] == 'Bearer realm="chatsite"'


# --- Cursors ---------------------------------------------------------------------------------------------------------


def turn(user: User, path: str, name: str) -> list[Any]:
    """Read a list to its end, a page at a time."""
    found: list[Any] = []
    cursor = ""
    while True:
        page = ask(user, "GET", f"{path}{'&' if '?' in path else '?'}cursor={cursor}").json()
        found += page[name]
        assert page["more"] == bool(page["next"])
        if not page["next"]:
            return found
        cursor = page["next"]


def test_rooms_are_turned_by_a_cursor(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_lists, "ROOMS_PER_PAGE", 2)
    for number in range(5):
        open_room(actor=alice, name=f"Room {number}")
    # Two of the same instant are told apart by their ids.
    Room.objects.update(talked_at=timezone.now())
    for scope in ("mine", "public"):
        names = [room["name"] for room in turn(alice, f"rooms?scope={scope}", "rooms")]
        assert sorted(names) == [f"Room {number}" for number in range(5)]
    first = ask(alice, "GET", "rooms?page=1").json()
    by_cursor, by_number = [ask(alice, "GET", f"rooms?{turn}").json() for turn in (f"cursor={first['next']}", "page=2")]
    # A cursor says when it was made.
    assert by_cursor.pop("next").partition(":")[0] == by_number.pop("next").partition(":")[0]
    assert by_cursor == by_number


def test_nothing_is_passed_over_where_the_list_changes(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_lists, "ROOMS_PER_PAGE", 2)
    rooms = [open_room(actor=alice, name=f"Room {number}") for number in range(4)]
    for age, room in enumerate(rooms):
        Room.objects.filter(pk=room.pk).update(talked_at=timezone.now() - timedelta(hours=age))
    first = ask(alice, "GET", "rooms").json()
    open_room(actor=alice, name="New")
    second = ask(alice, "GET", f"rooms?cursor={first['next']}").json()
    assert [room["name"] for room in first["rooms"] + second["rooms"]] == [room.name for room in rooms]


def test_members_blocks_and_invitations_too(alice: User, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.members.MEMBERS_PER_PAGE", 2)
    monkeypatch.setattr("api.invitations.INVITATIONS_SHOWN", 2)
    people = [new_user(f"person{number}") for number in range(3)]
    for person in people:
        join_room(room, actor=person)
        ask(alice, "PUT", f"blocks/{person.pk}")
        ask(alice, "POST", f"rooms/{room.pk}/invitations", {})
    names = [row["person"]["username"] for row in turn(alice, f"rooms/{room.pk}/members", "members")]
    assert names == ["alice", "bob", "person0", "person1", "person2"]
    assert len(turn(alice, "blocks?limit=1", "people")) == len(ask(alice, "GET", "blocks").json()["people"]) == 3
    assert blocks.BLOCKS_MAX > 3
    assert len({row["id"] for row in turn(alice, f"rooms/{room.pk}/invitations", "invitations")}) == 3


def test_a_cursor_of_another_list_is_refused(alice: User, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.members.MEMBERS_PER_PAGE", 1)
    cursor = ask(alice, "GET", f"rooms/{room.pk}/members").json()["next"]
    for wrong in (cursor, cursor[:-1], "x", "W10:x:y", "%2527"):
        answer = ask(alice, "GET", f"rooms?cursor={wrong}")
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")


# --- Limits, and what has not changed --------------------------------------------------------------------------------


def test_an_answer_says_what_is_left_of_the_limit(alice: User, room: Room) -> None:
    left = [ask(alice, "GET", f"rooms/{room.pk}/messages") for _ in range(3)]
    assert {answer["RateLimit-Limit"] for answer in left} == {"600"}
    assert {answer["RateLimit-Policy"] for answer in left} == {"600;w=20"}
    assert all(590 < int(answer["RateLimit-Remaining"]) < 600 and answer["RateLimit-Reset"] == "1" for answer in left)
    assert "RateLimit-Limit" not in ask(alice, "GET", "me")


def test_after_too_fast_nothing_is_left_of_the_limit(alice: User) -> None:
    for number in range(30):
        assert ask(alice, "POST", "rooms", {"name": f"Room {number}"}).status_code == 201
    refused = ask(alice, "POST", "rooms", {"name": "One more"})
    assert (refused.status_code, refused["RateLimit-Remaining"]) == (429, "0")
    assert 0 < int(refused["Retry-After"]) <= 30 < int(refused["RateLimit-Reset"]) <= 900


@pytest.mark.parametrize(
    "path", ["me", "rooms", "blocks", "rooms/{room}", "rooms/{room}/members", "rooms/{room}/messages"]
)
def test_an_unchanged_answer_is_304(alice: User, bob: User, room: Room, path: str) -> None:
    path = path.format(room=room.pk)
    first = ask(alice, "GET", path)
    again = ask(alice, "GET", path, **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first["Cache-Control"] == "no-store"
    ask(alice, "PATCH", "me", {"display_name": "Al"})
    ask(alice, "PUT", f"blocks/{bob.pk}")
    ask(alice, "PATCH", f"rooms/{room.pk}", {"topic": "New"})
    assert ask(alice, "GET", path, **{"If-None-Match": first["ETag"]}).status_code == 200


# --- Sent twice ------------------------------------------------------------------------------------------------------


def test_a_request_sent_again_makes_nothing_more(alice: User, room: Room) -> None:
    key = {"Idempotency-Key": '"a-1"'}
    first, again = (ask(alice, "POST", "rooms", {"name": "Den"}, **key) for _ in range(2))
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    made, same = (ask(alice, "POST", f"rooms/{room.pk}/invitations", {}, **{"Idempotency-Key": "b"}) for _ in range(2))
    assert made.json() == same.json()
    assert Invitation.objects.count() == 1


def test_the_same_key_with_another_request_is_refused(alice: User, bob: User, room: Room) -> None:
    key = {"Idempotency-Key": "a-1"}
    assert ask(alice, "POST", "rooms", {"name": "Den"}, **key).status_code == 201
    for path, body in (("rooms", {"name": "Other"}), (f"rooms/{room.pk}/invitations", {"name": "Den"})):
        refused = ask(alice, "POST", path, body, **key)
        assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    # Keys are each person's own.
    assert ask(bob, "POST", "rooms", {"name": "Bob's"}, **key).status_code == 201


def test_a_refusal_leaves_the_key_as_good_as_new(alice: User, room: Room) -> None:
    key = {"Idempotency-Key": "a-1"}
    assert ask(alice, "POST", "rooms", {"name": room.name}, **key).status_code == 409
    assert not IdempotentAnswer.objects.exists()
    assert ask(alice, "POST", "rooms", {"name": "Other"}, **key).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "a b", '"', '"a', "x" * 256, "\u00e4"])
def test_a_malformed_key_is_refused(alice: User, key: str) -> None:
    refused = ask(alice, "POST", "rooms", {"name": "Den"}, **{"Idempotency-Key": key})
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_idempotency_key")
    assert not Room.objects.exists()


def test_answers_are_kept_for_a_day(alice: User) -> None:
    ask(alice, "POST", "rooms", {"name": "Den"}, **{"Idempotency-Key": "a"})
    IdempotentAnswer.objects.update(created_at=timezone.now() - ANSWERS_KEPT)
    ask(alice, "POST", "rooms", {"name": "Attic"}, **{"Idempotency-Key": "b"})
    assert [row.key for row in IdempotentAnswer.objects.all()] == ["b"]


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_makes_it(alice: User) -> None:
    token: Any = {"X-Session-Token": session_of(alice), "Idempotency-Key": "a"}

    def send(number: int) -> Any:
        return Client().post("/api/v1/rooms", '{"name": "Den"}', "application/json", headers=token)

    answers = at_once(6, send)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == Room.objects.count() == 1


# --- Types -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("rooms/{room}/invitations", {"seconds": "60"}),
        ("rooms/{room}/invitations", {"uses": True}),
        ("rooms/{room}/invitations", {"uses": 1.5}),
        ("rooms/{room}/read", {"seq": False}),
        ("rooms/{room}/read", {"seq": "1"}),
        ("rooms/{room}/files", {"name": "a.txt", "size": "1"}),
    ],
)
def test_only_a_number_is_taken_for_one(alice: User, room: Room, path: str, body: object) -> None:
    answer = ask(alice, "POST", path.format(room=room.pk), body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize("value", [1, "true", "yes", [], None])
def test_only_true_and_false_are_taken_for_them(alice: User, room: Room, value: object) -> None:
    assert ask(alice, "PATCH", f"rooms/{room.pk}/mine", {"muted": value}).status_code == 422
