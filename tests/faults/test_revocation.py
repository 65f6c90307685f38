"""What is taken from somebody at one process is taken from them at the other: with Redis at once, without it soon."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.cluster import Cluster, cluster
from tests.faults.two_processes import Talk
from tests.scripts import PASSWORD, Script

pytestmark = pytest.mark.faults

LOBBY = ""


@pytest.fixture(scope="module", params=["with Redis", "without Redis"])
def running(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    with cluster(2) as running:
        if request.param == "without Redis":
            running.redis.kill()
        yield running


@pytest.fixture
def talk(running: Cluster) -> Talk:
    return Talk(running)


def log_out(bob: Script) -> None:
    # It answers that nobody is signed in any more.
    assert bob.status("DELETE", "/_allauth/app/v1/auth/session") == 401


def change_password(bob: Script) -> None:
    change = {"current_password": PASSWORD, "new_password": f"{PASSWORD} and more"}
    bob.call("POST", "/_allauth/app/v1/account/password/change", change)


@pytest.mark.parametrize("place", ["room", "lobby"])
async def test_a_log_out_at_one_process_closes_the_sockets_at_the_other(
    running: Cluster, talk: Talk, place: str
) -> None:
    async with talk.bob.line(talk.room if place == "room" else LOBBY) as his:
        await his.until(lambda: his.events)
        await asyncio.to_thread(log_out, talk.bob.at(running.sites[0].url))
        assert await his.until_closed() == 4401


def log_in_anew(bob: Script, url: str) -> Script:
    """Return the same person at another device."""
    login = {"username": bob.username, "password": PASSWORD}
    stranger = Script(url, bob.username, "nobody's")
    del stranger.headers["X-Session-Token"]
    return Script(
        url, bob.username, stranger.call("POST", "/_allauth/app/v1/auth/login", login)["meta"]["session_token"]
    )


@pytest.mark.parametrize("device", ["the same", "another"])
async def test_a_new_password_ends_the_sessions_there(running: Cluster, talk: Talk, device: str) -> None:
    first = running.sites[0].url
    other = talk.bob.at(first) if device == "the same" else await asyncio.to_thread(log_in_anew, talk.bob, first)
    async with talk.bob.line(talk.room) as his:
        await his.until(lambda: his.events)
        await asyncio.to_thread(change_password, other)
        assert await his.until_closed() in {4401, 4412}
    async with talk.bob.line(talk.room) as his:
        assert await his.until_closed() == 4401


async def test_sessions_that_are_deleted_by_hand_end_there(running: Cluster, talk: Talk) -> None:
    async with talk.bob.line(talk.room) as his:
        await his.until(lambda: his.events)
        delete = f"DELETE FROM django_session WHERE session_key = '{talk.bob.token}'"
        code = f"from django.db import connection as c; c.cursor().execute({delete!r})"
        await asyncio.to_thread(running.sites[0].manage, "shell", "-v0", "-c", code)
        assert await his.until_closed() == 4401


async def test_a_suspended_person_s_sockets_close_there(running: Cluster, talk: Talk) -> None:
    async with talk.bob.line(talk.room) as his:
        await his.until(lambda: his.events)
        suspend = f"from accounts.models import User as U; u = U.objects.get(username='{talk.bob.username}');"
        await asyncio.to_thread(
            running.sites[0].manage, "shell", "-v0", "-c", f"{suspend} u.is_active = False; u.save()"
        )
        assert await his.until_closed() == 4401


async def test_a_member_outside_the_room_hears_of_messages_at_the_other_process(running: Cluster, talk: Talk) -> None:
    async with talk.alice.line(talk.room) as hers, talk.bob.line(LOBBY) as his:
        await his.until(lambda: his.events)
        await hers.say("one", "two", "three")
        await his.until(lambda: [event["talk_count"] for event in his.events if event["type"] == "unread"][-1:] == [3])
