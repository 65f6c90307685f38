"""What no honest client sends, at every door: it is refused with a sentence, and is no mistake of the site's."""

import json
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from api import api
from rooms.models import Room
from tests.rooms.realtime.conftest import LOBBY, Connect
from tests.security.cast import Scene, fill, set_scene
from tests.security.doors import Door, api_doors, page_doors
from tests.security.headless import headless_doors
from tests.security.table import BODIES

pytestmark = [pytest.mark.security, pytest.mark.rules, pytest.mark.django_db(transaction=True)]

NO_JSON = {
    "too deep": b"[" * 100_000,
    "an object too deep": b'{"username":' * 20_000,
    "deep, but not too deep to be parsed": b'{"username":' + b"[" * 900 + b"]" * 900 + b',"password":"x"}',
    "a number too long": b'{"username": ' + b"9" * 10_000 + b"}",
    "half a character": rb'{"username": "\ud800", "password": "\udfff", "name": "\udc00"}',
    "half a character as a name": rb'{"\ud800": 1}',
    "half a character in bytes": b'{"username": "\xed\xa0\x80"}',
    "bytes": b"\xff\xfe\x00",
    "UTF-16": '{"username": "x"}'.encode("utf-16"),
    "no number": b'{"username": NaN, "seq": Infinity}',
    "an array": b"[null, null]",
    "a word": b'"username"',
    "half an object": b'{"username": "x"',
}
VALUES: dict[str, Any] = {
    "NUL": "\0",
    "NUL within": "alice\0@example.org",
    "a large number": 1e308,
    "a long number": 10**4_000,
    "an array": [[], {}],
    "an object": {"\0": None},
    "yes": True,
}
# Every name that a door of allauth's may read.
NAMES = ("username", "email", "password", "current_password", "new_password", "key", "code", "phone", "id", "sessions")
# Every name of a field in a form of ours, allauth's or the admin's, and those that a view reads by itself.
FIELDS = (
    "login", "password", "password1", "password2", "oldpassword", "username", "email", "display_name", "invitation",
    "next", "name", "topic", "kind", "days", "role", "session", "block", "unblock", "proof", "language", "theme",
    "action", "confirmed", "back", "q", "code", "remember", "_selected_action", "select_across",
)  # fmt: skip
NO_FORMS = ("_allauth/", "api/")
URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"


def part(value: bytes, *headers: bytes) -> bytes:
    head = b"\r\n".join([b'Content-Disposition: form-data; name="FIELD"', *headers])
    return b"--x\r\n" + head + b"\r\n\r\n" + value + b"\r\n--x--\r\n"


FORMS = {
    "NUL": (b"FIELD=a%00b", URLENCODED),
    "NUL in a name": (b"a%00b=1", URLENCODED),
    "NUL in a part": (part(b"a\0b"), MULTIPART),
    "NUL in base64": (part(b"YQBi", b"Content-Transfer-Encoding: base64"), MULTIPART),
    "no encoding of text": (part(b"a"), f"{MULTIPART}; charset=zlib"),
    "half a character": (part(b"+2AA-"), f"{MULTIPART}; charset=utf-7"),
    "another encoding": (b"FIELD=a", f"{URLENCODED}; charset=utf-16"),
}


@pytest.fixture
def scene() -> Scene:
    scene = set_scene()
    scene.client.raise_request_exception = False
    # What the admin's addresses are filled in with.
    scene.values |= {"object_id": "1", "id": "1", "app_label": "rooms", "content_type_id": "1", "url": "nothing"}
    return scene


@pytest.fixture(autouse=True)
def nothing_is_a_mistake(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The log names no mistake of the site's when it is over. (chatsite/ops/logs.py tells what was refused.)"""
    yield
    found = [record for record in caplog.get_records("call") if not record.name.startswith("django.security.")]
    mistakes = [record for record in found if record.levelno >= logging.ERROR]
    assert [f"{record.name}: {record.getMessage()}" for record in mistakes] == []


def json_doors() -> list[Door]:
    """Each that takes an object."""
    doors = [*headless_doors()]
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method, operation in methods.items():
            if "application/json" in operation.get("requestBody", {}).get("content", {}):
                doors.append(Door(method.upper(), path.removeprefix("/").replace("{", "<").replace("}", ">")))
    assert len(doors) > 40
    return doors


def send(
    scene: Scene, role: str, door: Door, body: bytes = b"", kind: str = "application/json", query: str = ""
) -> Any:
    scene.client.cookies.clear()
    if role != "anonymous":
        scene.client.cookies[settings.SESSION_COOKIE_NAME] = scene.keys[role]
    return scene.client.generic(door.method, fill(door.route, scene.values) + query, body, content_type=kind)


def form_doors() -> list[Door]:
    return sorted(door for door in page_doors() if door.method == "POST" and not door.route.startswith(NO_FORMS))


def is_problem(answer: HttpResponse) -> bool:
    problem = json.loads(answer.content)
    return isinstance(problem["code"], str) and bool(problem["detail"])


@pytest.mark.parametrize("body", NO_JSON.values(), ids=list(NO_JSON))
def test_what_is_no_json_is_refused_at_every_door_that_takes_json(scene: Scene, body: bytes) -> None:
    for door in json_doors():
        # As the room's admin: nobody is turned away before the body is looked at.
        answer = send(scene, "admin", door, body)
        assert (answer.status_code, is_problem(answer)) == (400, True), str(door)


@pytest.mark.parametrize("value", VALUES.values(), ids=list(VALUES))
def test_no_value_is_a_mistake_of_the_site_s_at_a_door_that_takes_json(scene: Scene, value: Any) -> None:
    for door in json_doors():
        whole = BODIES.get(door.without_version, {}) if door.route.startswith("api/") else dict.fromkeys(NAMES, "x")
        for body in ({**whole, name: value} for name in whole):
            assert send(scene, "admin", door, json.dumps(body).encode()).status_code < 500, f"{door}: {body}"
        body = dict.fromkeys(whole, value)
        assert send(scene, "anonymous", door, json.dumps(body).encode()).status_code < 500, str(door)


@pytest.mark.parametrize("kind", ["text/plain", "", URLENCODED, "text/json"])
def test_what_does_not_say_that_it_is_json_is_refused_at_every_door_that_takes_json(scene: Scene, kind: str) -> None:
    for door in json_doors():
        body = json.dumps(BODIES.get(door.without_version, {"username": "alice"})).encode()
        for role in ("anonymous", "admin"):
            answer = send(scene, role, door, body, kind)
            assert (answer.status_code, answer.json()["code"]) == (415, "no_json"), str(door)
            assert answer["Accept"] == "application/json"


@pytest.mark.parametrize(("body", "kind"), FORMS.values(), ids=list(FORMS))
def test_a_form_that_nobody_fills_in_is_refused_at_every_page(scene: Scene, body: bytes, kind: str) -> None:
    for number, door in enumerate(form_doors()):
        for role in ("anonymous", "site_admin"):
            named = body.replace(b"FIELD", FIELDS[number % len(FIELDS)].encode())
            answer = send(scene, role, door, named, kind)
            assert (answer.status_code, b"cannot be read" in answer.content) == (400, True), str(door)


@pytest.mark.parametrize("field", FIELDS)
def test_a_nul_in_any_field_is_refused(scene: Scene, field: str) -> None:
    for body, kind in FORMS.values():
        answer = send(
            scene, "site_admin", Door("POST", "accounts/blocked/"), body.replace(b"FIELD", field.encode()), kind
        )
        assert answer.status_code == 400


@pytest.mark.parametrize("words", ["%00", "a%00b"])
def test_a_nul_in_an_address_is_refused_at_every_door(scene: Scene, words: str) -> None:
    for door in sorted(api_doors() | page_doors()):
        ways = [send(scene, "anonymous", door, query=query) for query in (f"?q={words}", f"?{words}=1")]
        named = [name for name in scene.values if f"<{name}>" in door.route]
        ways += [scene.client.generic(door.method, fill(door.route, {**scene.values, name: words})) for name in named]
        for answer in ways:
            assert answer.status_code == 400, str(door)
            if door.method != "HEAD" and door.route.startswith(("api/", "_allauth/")):
                assert is_problem(answer)


@pytest.mark.parametrize("words", ["\ud800", "9" * 300, "1e9", "foo"])
def test_no_words_in_a_query_are_a_mistake_of_the_site_s(scene: Scene, words: str) -> None:
    sent = quote(words.encode("utf-8", "surrogatepass"))
    names = {
        parameter["name"]
        for methods in api.get_openapi_schema()["paths"].values()
        for operation in methods.values()
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query"
    }
    query = "&".join(f"{name}={sent}" for name in sorted({*names, *FIELDS, "page", "p", "o", "_popup", "e"}))
    for door in sorted(api_doors() | page_doors()):
        if door.method == "GET":
            for role in ("anonymous", "site_admin"):
                assert send(scene, role, door, query=f"?{query}").status_code < 500, f"{door}, {role}"


@pytest.mark.parametrize("words", ["foo", "//", "http://[", "javascript:1"])
def test_no_way_back_is_a_mistake_of_the_site_s(scene: Scene, words: str) -> None:
    form = f"next={quote(words)}&back={quote(words)}&display_name=Gus&action=end&_selected_action=1"
    for door in form_doors():
        for role in ("anonymous", "stranger", "site_admin"):
            with transaction.atomic():
                answer = send(scene, role, door, form.encode(), URLENCODED)
                transaction.set_rollback(True)
            assert answer.status_code < 500, f"{door}, {role}"
            assert "javascript" not in answer.get("Location", "")


@pytest.mark.parametrize("address", ["/", "/rooms/", "/api/me", "/admin/", "/accounts/", "/_allauth/app/v1/config"])
def test_a_cookie_that_holds_a_nul_is_refused(client: Client, address: str) -> None:
    client.raise_request_exception = False
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "django_language", "messages"):
        # Quoted, as RFC 2109 has it.
        assert client.get(address, headers={"Cookie": rf'{name}="\000aaaaaaaaaaaaaaaa"'}).status_code == 400


async def test_who_knocks_with_such_a_session_at_a_socket_is_not_signed_in(connect: Connect, bob: User) -> None:
    own_page = [(b"host", b"127.0.0.1:8000"), (b"origin", b"http://127.0.0.1:8000")]
    for headers in (
        [(b"x-session-token", b"\0aaaaaaaaaaaaaaaa")],
        [(b"x-session-token", b"\xffaaaaaaaaaaaaaaaa")],
        [*own_page, (b"cookie", rb'sessionid="\000aaaaaaaaaaaaaaaa"')],
    ):
        line = await connect(LOBBY, None, headers=headers)
        assert await line.closed() == 4401


async def test_no_frame_is_a_mistake_of_the_site_s(connect: Connect, room: Room, bob: User) -> None:
    line = await connect(room, bob, after="\0", hash=b"\0\xed\xa0\x80")
    await line.next("welcome")
    frames = [body.decode("utf-8", "replace") for body in NO_JSON.values()]
    for kind in ("post", "read", "ack", "away", "\0"):
        for value in VALUES.values():
            fields = dict.fromkeys(("seq", "away", "client_id", "body", "attachment"), value)
            # That one is away may well be true.
            if (kind, value) != ("away", True):
                frames.append(json.dumps({"type": kind, **fields}))
    for frame in frames:
        await line.send(frame)
        await line.next("error")
