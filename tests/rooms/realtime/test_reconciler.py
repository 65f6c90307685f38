"""The reconciler alone finds whatever ends a session, and a second without a commit is cheap."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from asgiref.sync import sync_to_async
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from accounts.actions import delete_account, sign_out_everywhere, suspend
from accounts.models import User
from rooms.actions.memberships import leave_room
from rooms.models import Room
from rooms.realtime import handshake, lifecycle
from rooms.realtime.fanout import head_queries
from rooms.realtime.reconcile import profile_check, reconciler, session_queries
from rooms.realtime.reconcile.change_token import ChangeToken
from rooms.realtime.unread import unread_queries
from tests.conftest import new_user
from tests.rooms.conftest import session_of
from tests.rooms.realtime.conftest import LOBBY, Connect, Line
from tests.rooms.realtime.sockets import say

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of the database, beside the change token."""
    names: list[str] = []

    def noting(module: Any, name: str) -> None:
        function = getattr(module, name)

        def noted(*args: Any) -> Any:
            names.append(name)
            return function(*args)

        monkeypatch.setattr(module, name, noted)

    for module, name in (
        (head_queries, "changed"),
        (session_queries, "ended"),
        (profile_check, "changed_since"),
        (unread_queries, "talked_lately"),
        (unread_queries, "rooms_of"),
    ):
        noting(module, name)
    return names


def password_is_changed(user: User, key: str) -> None:
    user.set_password("another one, as long as it has to be")
    user.save()


def password_is_changed_behind_our_back(user: User, key: str) -> None:
    User.objects.filter(pk=user.pk).update(password="md5$salt$another")


def runs_out(user: User, key: str) -> None:
    Session.objects.filter(session_key=key).update(expire_date=timezone.now())


def signed_out_by_an_admin(user: User, key: str) -> None:
    UserSession.objects.create(user=user, ip="127.0.0.1", session_key=key, user_agent="")
    sign_out_everywhere(user, actor=new_user("dana", is_superuser=True))


def raw_sql(user: User, key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_session WHERE session_key = %s", [key])


# How sessions end, and whether the page may come back and ask: True where only the handshake knows.
ENDINGS: dict[str, tuple[Callable[[User, str], object], bool]] = {
    "logging out": (lambda user, key: SessionStore(key).flush(), False),
    "a key that is replaced": (lambda user, key: SessionStore(key).cycle_key(), False),
    "a query": (lambda user, key: Session.objects.filter(session_key=key).delete(), False),
    "raw SQL": (raw_sql, False),
    "time": (runs_out, False),
    "a site admin": (signed_out_by_an_admin, False),
    "suspending": (lambda user, key: suspend(user, actor=new_user("dana", is_superuser=True)), False),
    "an update of the account": (lambda user, key: User.objects.filter(pk=user.pk).update(is_active=False), False),
    "deleting the account": (lambda user, key: delete_account(user), False),
    "a new password": (password_is_changed, True),
    "a new password behind our back": (password_is_changed_behind_our_back, True),
}


@pytest.mark.parametrize("way", ENDINGS)
def test_a_session_that_ended_is_told_from_those_that_hold(bob: User, way: str) -> None:
    alice = new_user("alice")
    hers, his = session_of(alice), session_of(bob)
    here = json.dumps({hers: session_queries.fingerprint_of(alice), his: session_queries.fingerprint_of(bob)})
    assert session_queries.ended(here) == {}
    end, may_hold = ENDINGS[way]
    end(bob, his)
    assert session_queries.ended(here) == {his: may_hold}


@pytest.mark.parametrize("way", ENDINGS)
async def test_one_check_closes_the_sockets_of_an_ended_session(
    room: Room, alice: User, bob: User, connect: Connect, by_hand: None, way: str
) -> None:
    key = await sync_to_async(session_of)(bob)
    his, in_lobby = [await connect(place, bob, headers=[(b"x-session-token", key.encode())]) for place in (room, LOBBY)]
    hers = await connect(room, alice)
    for line in (his, in_lobby, hers):
        await line.next("welcome")
    hub = lifecycle.hub()
    await hub.reconciler.run()
    end, may_hold = ENDINGS[way]

    await sync_to_async(end)(bob, key)
    await hub.reconciler.run()

    # Who deletes the account leaves their rooms, too: by whichever is noticed first.
    assert await his.closed() in ({4412} if may_hold else {4401, 4403})
    assert await in_lobby.closed() == (4412 if may_hold else 4401)
    assert hers.of("bye") == []


# --- The change token ----------------------------------------------------------------------------------------------


def test_the_sign_is_another_one_after_each_commit_and_only_then(bob: User) -> None:
    token = ChangeToken()
    before = token.read()
    assert before is not None
    assert token.read() == before
    User.objects.filter(pk=bob.pk).count()
    assert token.read() == before
    User.objects.filter(pk=bob.pk).update(display_name="Bobby")
    after = token.read()
    assert after != before
    assert token.read() == after
    token.close()


def test_the_sign_changes_when_a_commit_can_be_seen_not_when_it_is_begun(bob: User) -> None:
    token, written, go_on = ChangeToken(), Event(), Event()

    def write() -> None:
        try:
            with transaction.atomic():
                User.objects.filter(pk=bob.pk).update(display_name="Bobby")
                written.set()
                go_on.wait(10)
        finally:
            connections.close_all()

    writer = Thread(target=write)
    writer.start()
    assert written.wait(10)
    during = token.read()
    go_on.set()
    writer.join()
    assert token.read() != during
    token.close()


async def test_a_second_in_which_nothing_was_committed_asks_nothing(
    room: Room, alice: User, connect: Connect, by_hand: None, asked: list[str]
) -> None:
    await (await connect(room, alice)).next("welcome")
    hub = lifecycle.hub()
    for _ in range(2):
        await hub.reconciler.run()
        await hub.unread.run()
    asked.clear()
    for _ in range(reconciler.FULL_CHECK_EVERY - 3):
        await hub.reconciler.run()
        await hub.unread.run()
    assert asked == []
    await say(room, alice, "something")
    await hub.reconciler.run()
    await hub.unread.run()
    assert asked == ["changed", "ended", "changed_since", "rooms_of", "talked_lately"]


async def test_now_and_then_everything_is_asked_whatever_the_sign_says(
    room: Room, alice: User, connect: Connect, by_hand: None, asked: list[str]
) -> None:
    await (await connect(room, alice)).next("welcome")
    hub = lifecycle.hub()
    await hub.reconciler.run()
    asked.clear()
    for _ in range(reconciler.FULL_CHECK_EVERY):
        await hub.reconciler.run()
    assert asked == ["changed", "ended", "changed_since"]


async def test_a_session_that_runs_out_is_found_though_nothing_was_committed(
    room: Room, bob: User, connect: Connect, by_hand: None, asked: list[str]
) -> None:
    key = await sync_to_async(session_of)(bob)
    his = await connect(room, bob, headers=[(b"x-session-token", key.encode())])
    await his.next("welcome")
    end = timezone.now() + timedelta(seconds=2)
    await Session.objects.filter(session_key=key).aupdate(expire_date=end)
    hub = lifecycle.hub()
    await hub.reconciler.run()
    assert (
        await sync_to_async(session_queries.next_expiry)(json.dumps({key: session_queries.fingerprint_of(bob)})) == end
    )
    asked.clear()
    await hub.reconciler.run()
    assert asked == []
    await asyncio.sleep((end - timezone.now()).total_seconds())
    await hub.reconciler.run()
    assert await his.closed() == 4401


@pytest.mark.parametrize("failure", [DatabaseError("no such function"), None])
async def test_without_a_sign_everything_is_asked_each_second(
    room: Room,
    alice: User,
    connect: Connect,
    by_hand: None,
    asked: list[str],
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception | None,
) -> None:
    def fail(token: ChangeToken) -> str | None:
        if failure:
            raise failure
        return None

    monkeypatch.setattr(ChangeToken, "_read", fail)
    await (await connect(room, alice)).next("welcome")
    hub = lifecycle.hub()
    await hub.unread.run()
    asked.clear()
    for _ in range(2):
        await hub.reconciler.run()
        await hub.unread.run()
    assert asked == ["changed", "ended", "changed_since", "rooms_of", "talked_lately"] * 2


async def test_each_list_is_read_anew_once_in_a_round_if_anything_was_committed_in_it(
    room: Room,
    alice: User,
    bob: User,
    connect: Connect,
    by_hand: None,
    asked: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rooms.realtime.unread.room_lists.LISTS_EVERY", 4)
    hers, his = await connect(LOBBY, alice), await connect(LOBBY, bob)
    await hers.next("welcome")
    await his.next("welcome")
    hub = lifecycle.hub()
    for _ in range(4):
        await hub.unread.run()
    await sync_to_async(leave_room)(room, actor=bob)
    for _ in range(4):
        await hub.unread.run()
    assert await his.next("rooms")
    assert hers.of("rooms") == []
    asked.clear()
    for _ in range(8):
        await hub.unread.run()
    assert asked == []


async def test_a_session_that_came_after_a_check_is_checked_though_nothing_was_committed(
    room: Room, alice: User, bob: User, connect: Connect, by_hand: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    await (await connect(room, alice)).next("welcome")
    hub, recognise = lifecycle.hub(), handshake.recognise
    key = await sync_to_async(session_of)(bob)

    def late(session_key: str) -> handshake.Caller | None:
        # The session was recognised already, and the socket is not registered yet when the reconciler runs.
        caller = recognise(session_key)
        Session.objects.filter(session_key=key).delete()
        asyncio.run_coroutine_threadsafe(hub.reconciler.run(), hub.loop).result()
        return caller

    monkeypatch.setattr(handshake, "recognise", late)
    his = await connect(room, bob, headers=[(b"x-session-token", key.encode())])
    await his.next("welcome")
    await hub.reconciler.run()
    assert await his.closed() == 4401


def fail(*args: object) -> None:
    raise DatabaseError


async def miss(room: Room, person: User, connect: Connect) -> Line:
    """Return a socket, checked by the reconciler, for whose next message no signal came."""
    line = await connect(room, person, after=2)
    await line.next("welcome")
    await lifecycle.hub().reconciler.run()
    await say(room, person, "not heard of")
    return line


async def test_a_question_that_failed_is_asked_again(
    room: Room, alice: User, connect: Connect, by_hand: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    hers, hub = await miss(room, alice, connect), lifecycle.hub()
    with monkeypatch.context() as patch, suppress(DatabaseError):
        patch.setattr(head_queries, "changed", fail)
        await hub.reconciler.run()
    await hub.reconciler.run()
    assert (await hers.next("message"))["body"] == "not heard of"


async def test_rows_that_could_not_be_read_are_read_after_the_next_check(
    room: Room, alice: User, connect: Connect, by_hand: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    hers, hub = await miss(room, alice, connect), lifecycle.hub()
    with monkeypatch.context() as patch:
        patch.setattr("rooms.realtime.fanout.log_reader.rows_after", fail)
        await hub.reconciler.run()
        await sync_to_async(lambda: None)()
        while hub.rooms.by_id[room.pk].catching_up:
            await sync_to_async(lambda: None)()
    await hub.reconciler.run()
    assert (await hers.next("message"))["body"] == "not heard of"
