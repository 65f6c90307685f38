"""The log: which request a line belongs to, and what never stands in it."""

import json
import logging
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import suppress
from contextvars import copy_context
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from accounts.models import User
from chatsite.ops import logs
from tests import servers
from tests.chatsite.serving import alice_connects, answers, events_until_the_close
from tests.scripts import Script

SECRET = "what alice says to nobody else"


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """What a public site logs meanwhile."""
    seen: list[dict[str, Any]] = []

    class Catch(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(json.loads(self.format(record)))

    handler = Catch()
    handler.addFilter(logs.Facts())
    handler.setFormatter(logs.JsonFormatter())
    logging.getLogger().addHandler(handler)
    yield seen
    logging.getLogger().removeHandler(handler)


async def answer_to(headers: list[tuple[bytes, bytes]]) -> str:
    """Return the id that a request with these headers is answered with."""
    sent: list[Mapping[str, Any]] = []

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    await logs.begin_request({"headers": headers}, send)({"type": "http.response.start", "headers": []})
    return dict(sent[0]["headers"])[b"x-request-id"].decode()


async def test_a_request_keeps_the_id_that_a_proxy_gave_it(lines: list[dict[str, Any]]) -> None:
    assert await answer_to([(b"x-request-id", b"0123-abcd.EF_9")]) == "0123-abcd.EF_9"
    logging.getLogger("a").warning("Line\nbreaks and \u2028 more")
    (line,) = lines
    assert (line["request_id"], line["level"], line["logger"]) == ("0123-abcd.EF_9", "WARNING", "a")
    assert line["message"] == "Line\nbreaks and \u2028 more"


@pytest.mark.parametrize(
    "given", [b"", b"short", b"x" * 65, b"with space", b"line\nbreak", b'"quoted"', "ä".encode() * 8]
)
async def test_an_id_that_could_be_anything_is_replaced(given: bytes) -> None:
    made = await answer_to([(b"x-request-id", given)])
    assert made != given.decode()
    assert len(made) == 32


@pytest.mark.django_db
def test_a_line_of_somebody_signed_in_names_them(client: Client, alice: User, lines: list[dict[str, Any]]) -> None:
    def ask() -> None:
        client.force_login(alice)
        client.get("/rooms/")
        logging.getLogger("a").error("Whatever")

    copy_context().run(ask)
    assert lines[-1]["user_id"] == str(alice.pk)


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/setup/eyJhIjoxfQ:1abcde:0123456789abcdef/", "/setup/…/"),
        ("/accounts/password/reset/key/c1abcd-d0e1f2a3b4c5d6e7f8091a2b/", "/accounts/password/reset/key/…/"),
        ("/rooms/0b7d9c2e-1111-4222-8333-0123456789ab/", "/rooms/0b7d9c2e-1111-4222-8333-0123456789ab/"),
    ],
)
def test_links_that_work_once_are_left_out(path: str, logged: str, lines: list[dict[str, Any]]) -> None:
    logging.getLogger("django.request").error("Internal Server Error: %s", path)
    assert lines[-1]["message"] == f"Internal Server Error: {logged}"


@pytest.mark.rules
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("body", [SECRET, f"one line\n\n{SECRET}\nCONTEXT: {SECRET}"])
def test_a_row_that_the_database_refuses_is_not_shown(lines: list[dict[str, Any]], body: str) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO rooms_message (id, body) VALUES (%s, %s)", [uuid4().hex, body])
    except IntegrityError as error:
        logging.getLogger("a").exception("Not stored: %s", error)
    (line,) = lines
    assert "IntegrityError" in line["error"]
    assert SECRET not in json.dumps(line)


# Frames that no client of ours sends.
NONSENSE = [
    b"\x00\x01\xff", b"", "", "{", "null", "[]", "5", '"post"', "[" * 30_000, "9" * 5_000, "x" * 65_537,
    '{"type": 5}', '{"type": null}', '{"type": "no such"}', '{"type": "websocket.connect"}', '{"type": "__class__"}',
    '{"type": "\\ud800"}', '{"type": "post"}', '{"type": "post", "room": "$room"}',
    '{"type": "post", "room": "$room", "client_id": [], "body": {}}',
    '{"type": "post", "room": "$room", "client_id": "1", "body": 5}',
    '{"type": "post", "room": "$room", "client_id": "\\ud800", "body": "x"}',
    '{"type": "post", "room": "$room", "client_id": "1", "body": "\\u0000"}',
    '{"type": "post", "room": "$room", "client_id": "1", "body": "\\udfff"}',
    '{"type": "ack"}', '{"type": "ack", "room": "$room"}', '{"type": "ack", "room": "$room", "seq": -1}',
    '{"type": "ack", "room": "$room", "seq": 1e999}', '{"type": "ack", "room": "$room", "seq": true}',
    '{"type": "read", "room": "$room", "seq": 99999999999999999999}', '{"type": "read", "room": "$room", "seq": NaN}',
    '{"type": "away", "away": "yes"}', '{"type": "attend"}', '{"type": "attend", "room": 5}', '{"type": "leave"}',
    '{"type": "enter", "room": "\\ud800"}', '{"type": "enter", "room": []}', '{"type": "enter", "room": null}',
    '{"type": "enter", "room": "$room", "after": -1}', '{"type": "enter", "room": "$room", "after": "1"}',
    '{"type": "enter", "room": "$room", "after": 99999999999999999999}',
    '{"type": "enter", "room": "$room", "after": 1, "hash": 5}',
    '{"type": "typing", "room": "00000000-0000-4000-8000-000000000000"}',
]  # fmt: skip


def test_nonsense_on_a_socket_is_answered_and_not_logged(site: servers.Site) -> None:
    with alice_connects(site) as socket:
        events: list[dict[str, Any]] = []
        while not (entered := [event["room"] for event in events if event["type"] == "welcome" and "room" in event]):
            events += json.loads(socket.recv(timeout=10))
        room = entered[0]["id"]
        for frame in NONSENSE:
            # Also what gets further because its room is one that there is.
            socket.send(frame.replace("$room", room) if isinstance(frame, str) else frame)
        socket.send(json.dumps({"type": "post", "room": room, "client_id": "last", "body": SECRET}))
        while not any(event["type"] == "posted" for event in events):
            events += json.loads(socket.recv(timeout=10))
    assert sum(event["type"] == "error" for event in events) == len(NONSENSE)
    assert site.log() == ""


def test_nonsense_in_place_of_a_frame_or_a_room_is_not_logged_either(site: servers.Site) -> None:
    with alice_connects(site) as socket:
        socket.recv(timeout=10)
        # No UTF-8, though it says that it is text.
        socket.send(b"\xff\xfe", text=True)
        events_until_the_close(socket)
        assert socket.close_code == 1007
    address = f"ws://{servers.HOST}:{site.port}/ws/"
    nowhere = "00000000-0000-4000-8000-000000000000"
    enters = [f"?v=2&enter={place}" for place in ("nonsense", "%00", f"{nowhere}&after=x&hash=%ff%00")]
    for path in ("nonsense/", f"rooms/{nowhere}/?v=1&after=x&hash=%ff%00", "%00", "?v=%00&enter=%ff", *enters):
        headers = {"X-Session-Token": "nobody's"}
        with suppress(WebSocketException), connect(address + path, additional_headers=headers) as socket:
            events_until_the_close(socket)
    token = Script(site.url, "mallory").token
    for path in enters:
        with connect(address + path, additional_headers={"X-Session-Token": token}) as socket:
            heard: list[Any] = []
            while not any(event["type"] in ("error", "ended") for event in heard):
                heard += json.loads(socket.recv(timeout=10))
    assert answers(site)
    assert "Traceback" not in site.log()


def test_a_public_site_writes_json() -> None:
    env = {"LOG_FORMAT": "json", "LOG_LEVEL": "DEBUG"}
    with servers.site(env=env) as site:
        alice = Script(site.url, "alice")
        room = alice.call("POST", "/api/rooms", {"name": "Tea"})["id"]
        alice.call("POST", f"/api/rooms/{room}/messages?token=sesame", {"client_id": "1", "body": SECRET})
        request = urllib.request.Request(f"{site.url}/healthz", headers={"X-Request-ID": "from-the-proxy"})
        with urllib.request.urlopen(request) as response:
            assert response.headers["X-Request-ID"] == "from-the-proxy"
        site.stop()
        written = site.log()
    said = [json.loads(line) for line in written.splitlines()]
    assert said
    for secret in (SECRET, alice.token, "sesame"):
        assert secret not in written
