"""Sockets of people who end a session or delete their account: the signal tells them, not the look at the heads."""

import pytest
from allauth.usersessions.models import UserSession
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session

from accounts.actions import delete_account
from accounts.models import User
from accounts.sessions import end_sessions
from rooms.models import Room
from rooms.realtime.reconcile import session_queries
from tests.rooms.realtime.conftest import Connect
from tests.rooms.realtime.sockets import expect_bye

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def signals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_queries, "ended", lambda here: {})


async def test_ending_a_session_elsewhere_closes_its_sockets(room: Room, bob: User, connect: Connect) -> None:
    line = await connect(room, bob)
    await line.next("welcome")
    key = (await Session.objects.aget()).session_key
    session = await UserSession.objects.acreate(user=bob, ip="127.0.0.1", session_key=key, user_agent="")

    await sync_to_async(end_sessions)([session])

    await expect_bye(line, 4401, "signed_out")


async def test_deleting_the_account_closes_its_sockets(room: Room, alice: User, bob: User, connect: Connect) -> None:
    his, hers = await connect(room, bob), await connect(room, alice, after=2)
    await hers.next("welcome")

    await sync_to_async(delete_account)(bob)

    assert (await hers.next("message"))["kind"] == "left"
    await his.next("bye")
