"""The JSON API: each operation, and each refusal as one object {code, detail}."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client

from accounts.models import User
from api.schemas import Messages
from rooms.actions.memberships import join_room, remove_member
from rooms.actions.messages import post_message
from rooms.actions.rooms import delete_room, open_room
from rooms.models import Membership, Room
from tests.api.caller import Caller

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]


def refusal(answer: tuple[int, Any]) -> tuple[int, str]:
    status, body = answer
    assert isinstance(body["detail"], str)
    assert body["detail"]
    return status, body["code"]


def test_who_am_i_and_where_was_i(room: Room, alice: User, charlie: User) -> None:
    assert Caller(alice)("GET", "me") == (
        200,
        {
            "id": str(alice.pk),
            "username": "alice",
            "display_name": "alice",
            "picture": None,
            "is_guest": False,
            "last_room": str(room.pk),
        },
    )
    assert Caller(charlie)("GET", "me")[1]["last_room"] is None


@pytest.mark.parametrize("query", ["", "?after=1", "?around=2", "?at=2026-11-20"])
def test_a_page_of_the_transcript_is_what_the_document_says(room: Room, alice: User, query: str) -> None:
    # It is encoded without ninja, which would hold any other answer to its schema.
    post_message(room, actor=alice, client_id="1", body="Hello")
    status, answer = Caller(alice)("GET", f"rooms/{room.pk}/messages{query}")
    assert status == 200
    assert Messages.model_validate(answer).model_dump(mode="json") == answer


def test_who_is_not_signed_in_is_told_so(room: Room) -> None:
    for client in (Client(), Client(headers={"X-Session-Token": "made up"})):
        for path in ("me", "rooms", f"rooms/{room.pk}", f"rooms/{room.pk}/messages"):
            response = client.get(f"/api/{path}")
            assert (response.status_code, response.json()["code"]) == (401, "signed_out")


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_while_the_database_is_away_one_is_asked_to_try_again(
    room: Room, bob: User, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    call = Caller(bob)
    words = {"client_id": "1", "body": "Hello"}

    def away(*args: object, **kwargs: object) -> None:
        raise error("the connection is lost")

    with monkeypatch.context() as patch:
        patch.setattr("api.auth.lookup_session", away)
        assert refusal(call("POST", f"rooms/{room.pk}/messages", words)) == (503, "try_again")
    with monkeypatch.context() as patch:
        patch.setattr("api.messages.clean_post", away)
        assert refusal(call("POST", f"rooms/{room.pk}/messages", words)) == (503, "try_again")
    assert call("POST", f"rooms/{room.pk}/messages", words)[0] == 201


def test_a_suspended_person_s_token_is_worth_nothing(room: Room, bob: User) -> None:
    call = Caller(bob)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert refusal(call("GET", "me")) == (401, "signed_out")


def test_the_cookie_needs_the_csrf_token_to_change_anything(room: Room, bob: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)
    assert client.get(f"/api/rooms/{room.pk}").status_code == 200
    response = client.post(
        f"/api/rooms/{room.pk}/messages", {"client_id": "1", "body": "x"}, content_type="application/json"
    )
    assert (response.status_code, response.json()["code"]) == (403, "forbidden")
    assert not room.messages.filter(kind="text").exists()


def test_opening_finding_and_naming_rooms(alice: User, bob: User) -> None:
    call = Caller(alice)
    status, opened = call("POST", "rooms", {"name": "Tea", "topic": "Green"})
    assert status == 201
    assert (opened["name"], opened["role"], opened["head"], opened["member_count"]) == ("Tea", "admin", 1, 1)
    assert refusal(call("POST", "rooms", {"name": "TEA"})) == (409, "name_taken")
    assert refusal(call("POST", "rooms", {"name": " "})) == (422, "bad_name")
    assert refusal(call("POST", "rooms", {})) == (422, "invalid")
    assert [room["name"] for room in Caller(bob)("GET", "rooms?q=te")[1]["rooms"]] == ["Tea"]
    assert Caller(bob)("GET", "rooms?q=coffee")[1]["rooms"] == []
    assert Caller(bob)("GET", "rooms?scope=mine")[1]["rooms"] == []
    status, changed = call("PATCH", f"rooms/{opened['id']}", {"name": "Coffee", "topic": "Black"})
    assert (status, changed["name"], changed["topic"], changed["head"]) == (200, "Coffee", "Black", 3)
    assert refusal(Caller(bob)("PATCH", f"rooms/{opened['id']}", {"name": "Mine"})) == (403, "join_first")


def test_one_sees_a_public_room_before_joining_it(room: Room, charlie: User) -> None:
    call = Caller(charlie)
    assert call("GET", f"rooms/{room.pk}")[1]["role"] is None
    assert refusal(call("GET", f"rooms/{room.pk}/messages")) == (403, "join_first")
    assert call("POST", f"rooms/{room.pk}/join")[1]["role"] == "member"
    assert call("GET", f"rooms/{room.pk}/messages")[1]["head"] == 3
    assert call("POST", f"rooms/{room.pk}/leave") == (204, None)
    assert refusal(call("GET", f"rooms/{room.pk}/messages")) == (403, "left")
    assert call("GET", f"rooms/{room.pk}")[1]["role"] is None


def test_absent_and_deleted_rooms_look_the_same_to_a_stranger(
    room: Room, alice: User, bob: User, charlie: User
) -> None:
    delete_room(room, actor=alice)
    for room_id in (room.pk, uuid4()):
        for method, path in (
            ("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/join"), ("POST", "/leave"), ("GET", "/messages"),
            ("POST", "/messages"), ("POST", "/read"), ("GET", "/members"), ("POST", "/members"), ("GET", "/presence"),
        ):  # fmt: skip
            bodies = {
                "/messages": {"client_id": "1", "body": "x"},
                "/read": {"seq": 1},
                "/members": {"username": "bob"},
            }
            body = bodies.get(path, {}) if method in ("POST", "PATCH") else None
            assert refusal(Caller(charlie)(method, f"rooms/{room_id}{path}", body)) == (404, "no_such_room")
    assert refusal(Caller(bob)("GET", f"rooms/{room.pk}/messages")) == (410, "room_deleted")


def test_members_are_added_promoted_and_removed(room: Room, alice: User, bob: User, charlie: User) -> None:
    call = Caller(alice)
    path = f"rooms/{room.pk}/members"
    assert call("POST", path, {"username": "CHARLIE"})[0] == 201
    assert refusal(call("POST", path, {"username": "nobody"})) == (404, "no_such_person")
    assert call("PATCH", f"{path}/{charlie.pk}", {"role": "admin"})[1]["role"] == "admin"
    assert call("PATCH", f"{path}/{alice.pk}", {"role": "member"})[1]["role"] == "member"
    assert refusal(call("DELETE", f"{path}/{bob.pk}")) == (403, "not_admin")
    assert Caller(charlie)("DELETE", f"{path}/{bob.pk}") == (204, None)
    assert refusal(Caller(charlie)("DELETE", f"{path}/{bob.pk}")) == (404, "not_member")
    assert refusal(Caller(charlie)("POST", f"rooms/{room.pk}/leave")) == (409, "last_admin")
    members = Caller(alice)("GET", path)[1]["members"]
    assert [(member["person"]["username"], member["role"]) for member in members] == [
        ("alice", "member"),
        ("charlie", "admin"),
    ]
    assert refusal(Caller(bob)("GET", path)) == (403, "removed")
    assert refusal(Caller(bob)("POST", f"rooms/{room.pk}/join")) == (403, "removed")


def test_a_post_is_stored_once(room: Room, bob: User) -> None:
    call = Caller(bob)
    status, first = call("POST", f"rooms/{room.pk}/messages", {"client_id": "1", "body": "Words"})
    assert (status, first["seq"], first["talk"], first["author"]["username"]) == (201, 3, 1, "bob")
    assert call("POST", f"rooms/{room.pk}/messages", {"client_id": "1", "body": "Words"}) == (200, first)
    assert refusal(call("POST", f"rooms/{room.pk}/messages", {"client_id": "1", "body": "Other"})) == (
        409,
        "client_id_reused",
    )
    assert call("GET", f"rooms/{room.pk}/messages?after=2")[1]["messages"] == [first]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"client_id": "1", "body": "x" * 10_001}, 422, "too_long"),
        ({"client_id": "1", "body": "x" * 200_000}, 422, "too_long"),
        ({"client_id": "1", "body": "x" * 1_000_000}, 413, "too_large"),
        ({"client_id": "1", "body": " "}, 422, "empty"),
        ({"client_id": "no spaces", "body": "x"}, 422, "bad_client_id"),
        ({"client_id": "1", "body": "\0"}, 422, "bad_message"),
        ({"client_id": "1"}, 422, "bad_message"),
        ({"client_id": 1, "body": ["x"]}, 422, "invalid"),
        (["no", "object"], 400, "bad_request"),
    ],
)
def test_what_cannot_be_posted_is_refused(room: Room, bob: User, body: object, status: int, code: str) -> None:
    assert refusal(Caller(bob)("POST", f"rooms/{room.pk}/messages", body)) == (status, code)
    assert not room.messages.filter(kind="text").exists()


def test_the_transcript_is_read_in_pages_both_ways(room: Room, alice: User) -> None:
    for number in range(8):
        post_message(room, actor=alice, client_id=str(number), body=str(number))
    call = Caller(alice)

    def page(query: str) -> tuple[list[int], bool]:
        answer = call("GET", f"rooms/{room.pk}/messages?{query}")[1]
        assert answer["head"] == 10
        return [row["seq"] for row in answer["messages"]], answer["more"]

    assert page("") == (list(range(1, 11)), False)
    assert page("limit=3") == ([8, 9, 10], True)
    assert page("before=8&limit=3") == ([5, 6, 7], True)
    assert page("before=4&limit=3") == ([1, 2, 3], False)
    assert page("after=0&limit=3") == ([1, 2, 3], True)
    assert page("after=7&limit=3") == ([8, 9, 10], False)
    assert page("after=10") == ([], False)


def test_a_poll_with_the_hash_of_another_log_is_a_reset(room: Room, bob: User) -> None:
    call = Caller(bob)
    last = call("GET", f"rooms/{room.pk}/messages")[1]["messages"][-1]
    assert call("GET", f"rooms/{room.pk}/messages?after=2&hash={last['hash']}")[1]["reset"] is False
    for query in ("after=2&hash=" + "00" * 32, "after=50"):
        answer = call("GET", f"rooms/{room.pk}/messages?{query}")[1]
        assert answer["reset"] is True
        assert [row["seq"] for row in answer["messages"]] == [1, 2]


def test_reading_clears_the_count_of_unread(room: Room, alice: User, bob: User) -> None:
    post_message(room, actor=alice, client_id="1", body="News")
    call = Caller(bob)
    assert call("GET", f"rooms/{room.pk}")[1]["unread"] == 1
    assert call("POST", f"rooms/{room.pk}/read", {"seq": 3}) == (204, None)
    assert call("GET", f"rooms/{room.pk}")[1]["unread"] == 0
    assert Membership.objects.get(room=room, user=bob).read_talk == 1


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "nothing/here", 404, "not_found"),
        ("PUT", "rooms", 405, "method_not_allowed"),
        ("GET", "rooms/not-a-uuid", 404, "not_found"),
        ("GET", "rooms?page=0", 422, "invalid"),
        ("GET", "rooms?scope=theirs", 422, "invalid"),
        ("GET", "rooms?q=%00", 400, "bad_request"),
        ("GET", "rooms/{id}/messages?after=-1", 422, "invalid"),
        ("GET", "rooms/{id}/messages?after=99999999999999999999", 422, "invalid"),
        ("GET", "rooms/{id}/messages?limit=101", 422, "invalid"),
    ],
)
def test_every_refusal_has_a_code_and_a_sentence(
    room: Room, bob: User, method: str, path: str, status: int, code: str
) -> None:
    answer = Caller(bob)(method, path.format(id=room.pk))
    assert answer[0] == status
    if code:
        assert refusal(answer) == (status, code)


def test_a_body_that_is_no_json_is_refused(bob: User) -> None:
    client = Caller(bob).client
    response = client.post("/api/rooms", "{", content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (400, "bad_request")


def test_the_document_and_its_page_are_there(client: Client) -> None:
    document = client.get("/api/openapi.json").json()
    assert document["paths"]["/api/v1/rooms/{room_id}/messages"]["post"]["responses"]["201"]
    assert client.get("/api/docs").status_code == 200


def test_lists_cost_the_same_however_many_rooms(alice: User, bob: User, django_assert_num_queries: Any) -> None:
    for number in range(3):
        join_room(open_room(actor=alice, name=f"Room {number}"), actor=bob)
    call = Caller(bob)
    call("GET", "me")  # notes, once in a while, that the session is in use
    with django_assert_num_queries(4):
        call("GET", "rooms")
    for number in range(3, 20):
        join_room(open_room(actor=alice, name=f"Room {number}"), actor=bob)
    with django_assert_num_queries(4):
        call("GET", "rooms")


def test_a_removed_member_s_polls_are_refused(room: Room, alice: User, bob: User) -> None:
    remove_member(room, actor=alice, user=bob)
    for path in ("messages?after=2", "members", "presence"):
        assert refusal(Caller(bob)("GET", f"rooms/{room.pk}/{path}")) == (403, "removed")
    assert refusal(Caller(bob)("GET", f"rooms/{room.pk}")) == (403, "removed")
