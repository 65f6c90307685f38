"""A session that is used all the time ends all the same: cookies, tokens and sockets that stay open."""

import time
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from accounts.sessions import SEEN_KEY
from accounts.sessionstore import BEGUN_KEY, SessionStore
from rooms.models import Room
from tests.accounts.doors import app, app_log_in, log_in
from tests.conftest import PASSWORD
from tests.rooms.conftest import session_of
from tests.rooms.realtime.conftest import LOBBY, Connect

pytestmark = [pytest.mark.security, pytest.mark.rules]

DAY = 24 * 60 * 60


def by_cookie(client: Client) -> str:
    log_in(client, "alice")
    return str(client.session.session_key)


def by_token(client: Client) -> str:
    return str(app_log_in(client, "alice").json()["meta"]["session_token"])


def ask(client: Client, key: str, way: Any) -> int:
    headers = {"X-Session-Token": key} if way is by_token else {}
    status: int = client.get("/api/me", headers=headers).status_code
    return status


def age(key: str, days: float) -> None:
    """Let the session be so old, and let it be long since it was noted last."""
    session = SessionStore(key)
    session[BEGUN_KEY] = session[BEGUN_KEY] - int(days * DAY)
    session[SEEN_KEY] = 0
    session.save()


def ends_in(key: str) -> timedelta:
    return Session.objects.get(session_key=key).expire_date - timezone.now()


@pytest.mark.django_db
@pytest.mark.parametrize("way", [by_cookie, by_token])
def test_using_a_session_puts_its_end_off_but_not_for_ever(client: Client, alice: User, way: Any) -> None:
    key = way(client)
    assert timedelta(days=13.9) < ends_in(key) <= timedelta(days=14)

    for days in (70, 10, 9):
        age(key, days)
        assert ask(client, key, way) == 200

    assert timedelta(hours=23) < ends_in(key) <= timedelta(days=1)
    if way is by_cookie:
        assert int(client.cookies["sessionid"]["max-age"]) <= DAY
    age(key, 1)
    assert ask(client, key, way) == 401


@pytest.mark.django_db
def test_logging_in_begins_anew(client: Client, alice: User) -> None:
    age(by_cookie(client), 80)
    client.post(reverse("account_logout"))

    assert timedelta(days=13) < ends_in(by_cookie(client))


@pytest.mark.django_db
def test_neither_another_password_nor_typing_it_anew_makes_a_session_younger(client: Client, alice: User) -> None:
    key = by_cookie(client)
    age(key, 80)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    fields = {"oldpassword": PASSWORD, "password1": "another good horse"}
    client.post(reverse("account_change_password"), fields)

    key = str(client.session.session_key)
    assert client.get("/api/me").status_code == 200
    assert ends_in(key) <= timedelta(days=10)


@pytest.mark.django_db
def test_a_session_from_before_has_its_end_from_now_on(client: Client, alice: User, settings: Settings) -> None:
    settings.SESSION_MAX_AGE = 5 * DAY
    key = session_of(alice)
    client.cookies["sessionid"] = key
    assert BEGUN_KEY not in SessionStore(key)

    client.get("/api/me")

    assert timedelta(days=4.9) < ends_in(key) <= timedelta(days=5)


@pytest.mark.django_db
def test_what_the_app_client_does_keeps_the_end(client: Client, alice: User) -> None:
    key = by_token(client)
    age(key, 85)
    app(client, "post", "auth/reauthenticate", {"password": PASSWORD}, key)
    assert ends_in(key) <= timedelta(days=5)


@pytest.mark.django_db(transaction=True)
async def test_a_socket_that_stays_open_is_closed_when_its_session_is_too_old(
    room: Room, alice: User, bob: User, connect: Connect, settings: Settings
) -> None:
    key = await sync_to_async(session_of)(bob)

    def almost() -> None:
        session = SessionStore(key)
        session[BEGUN_KEY] = time.time() - settings.SESSION_MAX_AGE + 2
        session.save()
        # Using it just now is no help.
        assert Client().get("/api/me", headers={"X-Session-Token": key}).status_code == 200

    await sync_to_async(almost)()
    lines = [await connect(place, bob, headers=[(b"x-session-token", key.encode())]) for place in (room, LOBBY)]
    for line in lines:
        await line.next("welcome")

    assert [await line.closed() for line in lines] == [4401, 4401]
    again = await connect(room, bob, headers=[(b"x-session-token", key.encode())])
    assert await again.closed() == 4401
