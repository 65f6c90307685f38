"""What the API's document allows is taken, and what it does not is refused; each of these has once been otherwise."""

import json
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client

from accounts.models import User
from api import api
from api.signin import SIGN_IN_PATH
from rooms.models import Room
from tests.conftest import new_user
from tests.rooms.conftest import session_of

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]

SITE = "/api/v1"


def takes(name: str, body: object) -> bool:
    """Whether the document says that a body is right."""
    document = api.get_openapi_schema()
    schema = {**document["components"]["schemas"][name], "components": document["components"]}
    return bool(jsonschema_rs.Draft202012Validator(schema).is_valid(body))


def ask(user: User, method: str, path: str, body: str = "") -> Any:
    token: Any = {"X-Session-Token": session_of(user)}
    return Client().generic(method, f"{SITE}/{path}", body, "application/json", headers=token)


@pytest.mark.parametrize(
    ("number", "status"), [("1", 204), ("1.0", 204), ("1e0", 204), ("1.5", 422), ("1e999", 422), ('"1"', 422)]
)
def test_a_whole_number_is_one_however_it_is_written(room: Room, bob: User, number: str, status: int) -> None:
    assert ask(bob, "POST", f"rooms/{room.pk}/read", f'{{"seq": {number}}}').status_code == status


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"body": None},
        {"body": None, "attachment": None},
        {"body": ""},
        {"body": " \n"},
        {"body": "a\0b"},
        {"body": "Words"},
        {"body": "Words", "attachment": None},
    ],
)
def test_a_message_has_words_where_it_has_no_file(room: Room, bob: User, body: dict[str, object]) -> None:
    body = {"client_id": "1", **body}
    is_taken = ask(bob, "POST", f"rooms/{room.pk}/messages", json.dumps(body)).status_code == 201
    assert takes("PostIn", body) == is_taken


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"here": "tab"},
        {"attend": "ROOM"},
        {"attend": None},
        {"here": None, "attend": "ROOM"},
        {"here": "tab", "attend": "ROOM"},
        {"here": "a tab", "attend": "ROOM"},
        {"here": "tab", "attend": "ROOM", "since": 1.5},
        {"here": "tab", "attend": "ROOM", "since": -1},
        {"here": "tab", "attend": "ROOM", "since": "1"},
    ],
)
def test_who_attends_a_room_says_under_which_name(room: Room, bob: User, words: dict[str, object]) -> None:
    body: dict[str, object] = {"rooms": [{"room": str(room.pk)}]}
    body |= {name: str(room.pk) if value == "ROOM" else value for name, value in words.items()}
    assert takes("PollIn", body) == (ask(bob, "POST", "poll", json.dumps(body)).status_code == 200)


@pytest.mark.parametrize(
    "name", ["notes.txt", ".", "..", " .", "a/", "a\\", "/.", "\x1d", "\x85", ".a", "a.", "<", "a/b", "…", "", "a\nb"]
)
def test_a_file_s_name_is_what_is_left_of_a_path(room: Room, bob: User, name: str) -> None:
    body = {"name": name, "size": 1}
    answer = ask(bob, "POST", f"rooms/{room.pk}/files", json.dumps(body))
    assert answer.status_code == 201 or answer.json()["code"] == "empty_name"
    assert takes("FileIn", body) == (answer.status_code == 201)


@pytest.mark.parametrize(("size", "is_one"), [(0, True), (2**63 - 1, True), (2**63, False), (-1, False)])
def test_a_file_s_size_has_bounds(room: Room, bob: User, size: int, is_one: bool) -> None:
    body = {"name": "a", "size": size}
    answer = ask(bob, "POST", f"rooms/{room.pk}/files", json.dumps(body))
    assert takes("FileIn", body) == is_one == (answer.status_code in (201, 413))


@pytest.mark.parametrize("name", ["Tea", "\x1d", "\x85", " ", "", "\u00a0", "T"])
def test_a_name_has_something_to_see(alice: User, name: str) -> None:
    answer = ask(alice, "POST", "rooms", json.dumps({"name": name}))
    assert answer.status_code == 201 or answer.json()["code"] == "bad_name"
    assert takes("RoomIn", {"name": name}) == (answer.status_code == 201)


@pytest.mark.parametrize("path", ["blocks?cursor=", "rooms?q=", "rooms?cursor="])
def test_a_nul_is_in_no_address_that_the_document_allows(alice: User, path: str) -> None:
    path, _, name = path.partition("?")
    assert ask(alice, "GET", f"{path}?{name}%00").status_code == 400
    parameters = api.get_openapi_schema()["paths"][f"{SITE}/{path}"]["get"]["parameters"]
    (schema,) = (one["schema"] for one in parameters if one["name"] == name.rstrip("="))
    assert not jsonschema_rs.Draft202012Validator(schema).is_valid("\0")


def test_a_cursor_looks_as_the_document_says(alice: User, bob: User, charlie: User) -> None:
    for user in (bob, charlie, new_user("erin")):
        ask(alice, "PUT", f"blocks/{user.pk}")
    cursor = ask(alice, "GET", "blocks?limit=1").json()["next"]
    (schema,) = (
        one["schema"]
        for one in api.get_openapi_schema()["paths"][f"{SITE}/blocks"]["get"]["parameters"]
        if one["name"] == "cursor"
    )
    assert jsonschema_rs.Draft202012Validator(schema).is_valid(cursor)
    assert schema["description"]


def test_a_part_of_no_bytes_is_none_too_many(room: Room, bob: User) -> None:
    upload = ask(bob, "POST", f"rooms/{room.pk}/files", '{"name": "empty", "size": 0}').json()["id"]
    token: Any = {"X-Session-Token": session_of(bob), "Upload-Offset": "0"}
    assert Client().patch(f"{SITE}/rooms/{room.pk}/files/{upload}", headers=token).status_code == 204
    paths = api.get_openapi_schema()["paths"]
    assert paths[f"{SITE}/rooms/{{room_id}}/files/{{upload_id}}"]["patch"]["requestBody"]["required"] is False
    assert paths[f"{SITE}/me/picture"]["put"]["requestBody"]["required"] is True


# --- Signing in ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_no_password_is_tried_by_another_method_than_the_door_s(alice: User, method: str) -> None:
    body = json.dumps({"username": "alice", "password": "wrong"})
    answer = Client().generic(method, SIGN_IN_PATH, body, "application/json")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert method == "HEAD" or answer.json()["code"] == "method_not_allowed"


def test_allauth_s_other_doors_take_what_they_took(alice: User) -> None:
    token: Any = {"X-Session-Token": session_of(alice)}
    asked = {
        method: Client().generic(method, "/_allauth/app/v1/auth/session", headers=token).status_code
        for method in ("GET", "HEAD", "POST", "DELETE")
    }
    assert asked == {"GET": 200, "HEAD": 200, "POST": 405, "DELETE": 401}
    assert Client().get("/_allauth/app/v1/no/such/door").status_code == 404


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ("[null]", {}, 400),
        ('{"username": "alice", "password": "wrong"}', {}, 400),
        ("{}", {"Origin": "https://elsewhere.example.org"}, 403),
        ('{"password": "' + 3_000_000 * "x" + '"}', {}, 413),
    ],
)
def test_a_refused_sign_in_looks_as_the_document_says(
    alice: User, body: str, headers: dict[str, str], status: int
) -> None:
    known: Any = headers
    answer = Client().generic("POST", SIGN_IN_PATH, body, "application/json", headers=known)
    assert answer.status_code == status
    document = api.get_openapi_schema()
    told = document["paths"][SIGN_IN_PATH]["post"]["responses"][str(status)]["content"]["application/json"]["schema"]
    schema = {**told, "components": document["components"]}
    assert jsonschema_rs.Draft202012Validator(schema).is_valid(answer.json())
