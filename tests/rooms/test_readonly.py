"""While the site is read-only everybody reads and logs in, and no door writes; each says so by the same code."""

import html
import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from chatsite import readonly
from chatsite.management.commands import readonly as command
from chatsite.models import ReadOnly
from rooms import errors
from rooms.actions.memberships import mark_read
from rooms.actions.rooms import open_room
from rooms.models import Attachment, Membership, Message, Room
from rooms.realtime.writer import Writer
from tests.conftest import PASSWORD, new_user
from tests.rooms.conftest import session_of
from tests.rooms.doors import PARAMETERS, filled_in
from tests.rooms.operations import OPERATIONS
from tests.rooms.realtime.conftest import Connect, connect  # noqa: F401 (a fixture)
from tests.security.cast import Scene, pin_something, set_scene

pytestmark = [pytest.mark.rules]

Turn = Callable[[bool], None]
SENTENCE = str(errors.ReadOnly.sentence)


@pytest.fixture
def turn(monkeypatch: pytest.MonkeyPatch) -> Iterator[Turn]:
    """Turn the switch as the command does, in a process that is held to it; it looks each time."""
    monkeypatch.setattr(readonly, "REFRESH_EVERY", -1.0)
    monkeypatch.setattr(command, "WAIT_SECONDS", 0.0)

    def turn(is_on: bool) -> None:
        # The command is a process of its own.
        readonly.switch.refusal = None
        call_command("readonly", "on" if is_on else "off", stdout=StringIO())
        readonly.enforce(errors.ReadOnly)

    yield turn
    readonly.switch.refusal = None


def everything() -> dict[str, list[Any]]:
    """All rows of all tables, but of those that logging in and being connected are of."""
    rows = {
        model._meta.db_table: sorted(map(repr, model._base_manager.values_list()))
        for model in apps.get_models()
        if model._meta.db_table not in readonly.FREE_TABLES
    }
    rows["accounts_user"] = sorted(map(repr, User.objects.values_list("pk", "username", "email", "password")))
    return rows


# --- Each door -------------------------------------------------------------------------------------------------------


@pytest.fixture
def scene(db: None) -> Scene:
    scene = set_scene("public")
    open_room(actor=scene.people["admin"], name="Tea")
    pin_something(scene)
    scene.values["kind"] = scene.room.kind
    erin = User.objects.get(username="erin")
    scene.values["membership"] = Membership.objects.get(room=scene.room, user=erin).pk
    message = Message.objects.get(body="A secret")
    report = message.reports.create(reporter=scene.people["member"], reason="Too much")
    scene.people["suspended"] = new_user("gone", is_active=False)
    scene.values |= {"message": message.pk, "report": report.pk}
    scene.values |= {f"{name}_id": scene.people[name].pk for name in ("blocked", "suspended")}
    return scene


# Who may do it, so that nothing else keeps them from it.
WHO = {"join": "stranger", "leave": "member", "follow the invitation": "stranger", "report": "admin"}
# These change nothing even where one may write.
NOTHING_TO_DO = {"rename to nothing", "rename to a name in use", "make public", "make public, surely", "make direct",
                 "add nobody", "pin nothing", "block oneself", "restore", "revoke", "write privately"}  # fmt: skip


def asked(scene: Scene, role: str, door: str, sent: tuple[str, str, dict[str, Any]]) -> Any:
    method, address, data = sent
    data = {key: filled_in(scene, value) if isinstance(value, str) else value for key, value in data.items()}
    if door == "page":
        values = {key: value for key, value in scene.values.items() if f"<{key}>" in PARAMETERS[address]}
        return scene.ask(role, method, reverse(address, kwargs=values), data)
    return scene.ask(role, method, f"/{door}/{filled_in(scene, address)}", data)


@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - NOTHING_TO_DO))
def test_every_door_refuses_every_operation(scene: Scene, name: str, turn: Turn) -> None:
    turn(True)
    before, operation = everything(), OPERATIONS[name]
    role = WHO.get(name, "admin")
    with pytest.raises(errors.ReadOnly):
        operation.act(scene, scene.people["site_admin" if operation.admin and not operation.api else role])
    if operation.api:
        answer = asked(scene, role, "api", operation.api)
        assert (answer.status_code, answer.json()["code"]) == (503, "read_only")
        assert answer.json()["detail"] == SENTENCE
        assert answer.headers["Retry-After"] == "30"
    if operation.page:
        answer = asked(scene, role, "page", operation.page)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
        assert SENTENCE in html.unescape(answer.content.decode())
    if operation.admin:
        answer = asked(scene, "site_admin", "admin", operation.admin)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
        assert SENTENCE in html.unescape(answer.content.decode())
    assert everything() == before


POSTS: list[tuple[str, dict[str, object]]] = [
    ("/api/v1/rooms", {"name": "New"}),
    ("/api/v1/rooms/<room_id>/files", {"name": "a.txt", "size": 1}),
    ("/api/v1/rooms/<room_id>/messages", {"client_id": "2", "body": "Hello"}),
    ("/_allauth/app/v1/auth/signup", {"username": "nina", "email": "nina@example.org", "password": PASSWORD}),
    ("/api/v1/guests", {"display_name": "Gus"}),
]


@pytest.mark.parametrize(("address", "data"), POSTS)
@pytest.mark.django_db(transaction=True)
def test_what_programs_send_is_refused_by_the_code(address: str, data: dict[str, object], turn: Turn) -> None:
    scene = set_scene("public")
    client = Client(headers={"X-Session-Token": scene.keys["admin"]} if "rooms" in address else {})
    turn(True)
    before = everything()
    answer = client.post(filled_in(scene, address), data=data, content_type="application/json")
    assert (answer.status_code, answer.json().get("code")) == (503, "read_only"), answer.content
    assert answer.headers["Retry-After"] == "30"
    assert everything() == before


@pytest.mark.parametrize(
    ("address", "data"),
    [
        ("/accounts/signup/", {"username": "nina", "email": "nina@example.org", "password1": PASSWORD}),
        ("/accounts/guest/", {"display_name": "Gus"}),
        ("/rooms/new/", {"name": "New", "kind": "public"}),
        ("/admin/accounts/sitesettings/", {"site_name": "Other"}),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_a_page_says_it_in_a_sentence(address: str, data: dict[str, str], turn: Turn) -> None:
    client = Client()
    if address.startswith(("/rooms", "/admin")):
        client.force_login(new_user("dana", is_staff=True, is_superuser=True))
    turn(True)
    before = everything()
    answer = client.post(address, data, follow=True)
    assert answer.status_code == 503, answer.content
    assert SENTENCE in html.unescape(answer.content.decode())
    assert everything() == before


# --- What goes on ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/accounts/login/", "/_allauth/app/v1/auth/login"])
def test_people_log_in_and_out(alice: User, address: str, turn: Turn, settings: Settings) -> None:
    # A hash of another kind, which Django would make anew at this log-in.
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    settings.PASSWORD_HASHERS = hashers
    User.objects.filter(pk=alice.pk).update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    cache.clear()
    turn(True)
    before, client = everything(), Client()
    if address.startswith("/_allauth"):
        answer = client.post(address, data={"username": "alice", "password": PASSWORD}, content_type="application/json")
        assert answer.status_code == 200, answer.content
        token = answer.json()["meta"]["session_token"]
        assert client.get("/api/v1/me", headers={"X-Session-Token": token}).status_code == 200
        ended = client.delete("/_allauth/app/v1/auth/session", headers={"X-Session-Token": token})
        assert ended.status_code == 401
    else:
        answer = client.post(address, {"login": "alice", "password": PASSWORD})
        assert answer.status_code == 302, answer.content
        page = client.get("/rooms/")
        assert "This site is read-only for a while" in page.content.decode()
        assert client.post("/accounts/logout/").status_code == 302
        assert client.get("/rooms/").status_code == 302
    assert everything() == before


def test_everything_can_be_read(scene: Scene, turn: Turn) -> None:
    turn(True)
    before = everything()
    pages = ["/", "/rooms/", "/accounts/", "/accounts/sessions/", "/accounts/blocked/", "/rooms/new/"]
    pages += [f"/rooms/<room_id>/{part}" for part in ("", "files/", "settings/")]
    pages += [f"/api/v1/{part}" for part in ("me", "rooms", "blocks", "rooms/<room_id>", "files/<file_id>")]
    pages += [f"/api/v1/rooms/<room_id>/{part}" for part in ("messages", "members", "files")]
    for address in pages:
        answer = scene.ask("admin", "GET", filled_in(scene, address))
        assert answer.status_code in (200, 302), address
    for address in ("/admin/", "/admin/rooms/room/", "/admin/accounts/user/", "/admin/rooms/message/"):
        assert scene.ask("site_admin", "GET", address).status_code == 200, address
    assert everything() == before


def test_what_one_has_read_is_quietly_left_out(scene: Scene, turn: Turn) -> None:
    turn(True)
    answer = scene.ask("member", "POST", filled_in(scene, "/api/v1/rooms/<room_id>/read"), {"seq": 99})
    assert answer.status_code == 204
    turn(False)
    mark_read(scene.room, actor=scene.people["member"], seq=99)
    assert Membership.objects.get(room=scene.room, user=scene.people["member"]).read_talk > 0


def test_a_poll_is_answered_and_says_whether_one_can_write(scene: Scene, turn: Turn) -> None:
    room_id = str(scene.room.pk)

    def poll(tab: str) -> bool:
        body = {"rooms": [{"room": room_id}], "here": tab, "attend": room_id}
        answer: Any = scene.ask("member", "POST", "/api/v1/poll", body)
        assert answer.status_code == 200, answer.content
        (news,) = answer.json()["rooms"]
        assert news["messages"]
        assert news["presence"]["count"] == 1
        said: bool = answer.json()["read_only"]
        return said

    assert not poll("before")
    turn(True)
    before = everything()
    assert poll("meanwhile")
    assert everything() == before


def test_a_page_of_the_transcript_says_whether_one_can_write(scene: Scene, turn: Turn) -> None:
    def read() -> bool:
        answer: Any = scene.ask("member", "GET", filled_in(scene, "/api/v1/rooms/<room_id>/messages"))
        said: bool = answer.json()["read_only"]
        return said

    assert not read()
    turn(True)
    assert read()


# --- The switch ------------------------------------------------------------------------------------------------------


def test_it_takes_effect_within_a_second_and_ends(alice: User) -> None:
    now = 100.0
    switch = readonly.Switch(clock=lambda: now)
    switch.refusal = errors.ReadOnly
    assert not switch.is_on()
    ReadOnly.objects.create()
    assert not switch.is_on()
    now += readonly.REFRESH_EVERY + 0.01
    assert switch.is_on()
    ReadOnly.objects.all().delete()
    now += readonly.REFRESH_EVERY + 0.01
    assert not switch.is_on()


def test_the_command_waits_until_each_process_knows(db: None) -> None:
    began, out = time.monotonic(), StringIO()
    call_command("readonly", "on", stdout=out)
    assert time.monotonic() - began > readonly.REFRESH_EVERY
    call_command("readonly", "on", stdout=out)
    assert ReadOnly.objects.count() == 1
    assert "read-only since" in out.getvalue()
    out = StringIO()
    call_command("readonly", "off", stdout=out)
    call_command("readonly", stdout=out)
    assert out.getvalue() == "People may read and write.\n" * 2


def test_commands_are_not_held_to_it(alice: User) -> None:
    ReadOnly.objects.create()
    open_room(actor=alice, name="Made by hand")


@pytest.mark.parametrize("command", ["sweep_files", "purge_deleted", "sweep_guests"])
def test_what_runs_each_night_is_left_for_another(scene: Scene, command: str) -> None:
    long_ago = timezone.now() - timedelta(days=400)
    Room.objects.filter(name="Tea").update(deleted_at=long_ago)
    User.objects.filter(is_guest=True).update(seen_at=long_ago, date_joined=long_ago)
    Attachment.objects.update(touched_at=long_ago)
    ReadOnly.objects.create()
    before, out = everything(), StringIO()
    call_command(command, stdout=out)
    assert (out.getvalue().strip(), everything()) == (ReadOnly.NOTHING_REMOVED, before)
    ReadOnly.objects.all().delete()
    call_command(command, stdout=out)
    assert everything() != before


@pytest.mark.parametrize(
    ("sql", "is_write"),
    [
        ('SELECT 1 FROM "rooms_room" FOR UPDATE', False),
        ("SAVEPOINT s1", False),
        ("BEGIN IMMEDIATE", False),
        ("PRAGMA data_version", False),
        ('INSERT INTO "rooms_message" VALUES (1)', True),
        ('INSERT OR IGNORE INTO "rooms_message" VALUES (1)', True),
        ('  update "rooms_room" SET "name" = 1', True),
        ('DELETE FROM "rooms_room"', True),
        ('WITH gone AS (DELETE FROM "rooms_room" RETURNING id) SELECT 1', True),
        ("TRUNCATE rooms_room", True),
        ('INSERT INTO "django_session" VALUES (1)', False),
        ("INSERT INTO django_cache (cache_key) VALUES (%s)", False),
        ('UPDATE "accounts_user" SET "last_login" = %s WHERE "accounts_user"."id" = %s', False),
        ('UPDATE "accounts_user" SET "last_login" = %s, "is_staff" = %s WHERE "accounts_user"."id" = %s', True),
        ('UPDATE "accounts_user" SET "password" = %s WHERE "accounts_user"."id" = %s', True),
    ],
)
def test_what_is_a_write(sql: str, is_write: bool) -> None:
    assert readonly.is_write(sql) is is_write


def test_what_goes_past_the_orm_is_held_too(alice: User, turn: Turn) -> None:
    turn(True)
    with pytest.raises(errors.ReadOnly), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET display_name = %s", ["Other"])


# --- Sockets ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
async def test_sockets_stay_and_hear_when_it_begins_and_ends(connect: Connect, turn: Turn) -> None:  # noqa: F811
    alice = await sync_to_async(new_user)("alice")
    room: Room = await sync_to_async(open_room)(actor=alice, name="Den")
    readonly.enforce(errors.ReadOnly)
    line = await connect(room, alice)
    await line.next("welcome")
    assert line.greeting
    assert line.greeting["read_only"] is False
    await sync_to_async(turn)(True)
    assert (await line.next("read_only"))["on"] is True
    later = await connect(room, alice)
    await later.next("welcome")
    assert later.greeting
    assert later.greeting["read_only"] is True
    await line.post("one", "Hello")
    error = await line.next("error")
    assert (error["code"], error["client_id"], error["detail"]) == ("read_only", "one", SENTENCE)
    assert error["retry_ms"] == 30_000
    await line.send({"type": "read", "seq": 1})
    await sync_to_async(turn)(False)
    assert (await line.next("read_only"))["on"] is False
    await line.post("one", "Hello")
    assert (await line.next("posted"))["client_id"] == "one"
    assert (await later.next("message"))["body"] == "Hello"
    assert line.close_code is None


@pytest.mark.django_db(transaction=True)
def test_the_writer_answers_all_who_wait(turn: Turn) -> None:
    alice = new_user("alice")
    room = open_room(actor=alice, name="Den")
    turn(True)
    answer = Client(headers={"X-Session-Token": session_of(alice)}).post(
        f"/api/v1/rooms/{room.pk}/messages",
        json.dumps({"client_id": "1", "body": "a"}),
        content_type="application/json",
    )
    assert answer.json()["code"] == "read_only"
    assert Writer().waiting == 0
    assert not Message.objects.filter(client_id="1").exists()
