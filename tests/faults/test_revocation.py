"""What is taken from somebody at one process is taken from them at the other: with Redis at once, without it soon."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.cluster import Cluster, cluster
from tests.faults.test_two_processes import Talk
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


async def test_a_new_password_ends_the_other_sessions_there(running: Cluster, talk: Talk) -> None:
    first = running.sites[0].url
    other = Script(first, talk.bob.username, talk.bob.token)
    async with talk.bob.line(talk.room) as his:
        await his.until(lambda: his.events)
        await asyncio.to_thread(change_password, other)
        assert await his.until_closed() in {4401, 4412}


async def test_a_suspended_person_s_sockets_close_there(running: Cluster, talk: Talk) -> None:
    async with talk.bob.line(talk.room) as his:
        await his.until(lambda: his.events)
        suspend = f"from accounts.models import User as U; u = U.objects.get(username='{talk.bob.username}');"
        await asyncio.to_thread(
            running.sites[0].manage, "shell", "-v0", "-c", f"{suspend} u.is_active = False; u.save()"
        )
        assert await his.until_closed() == 4401


async def test_who_is_elsewhere_hears_of_talk_at_the_other_process(running: Cluster, talk: Talk) -> None:
    async with talk.alice.line(talk.room) as hers, talk.bob.line(LOBBY) as his:
        await his.until(lambda: his.events)
        await hers.say("one", "two", "three")
        await his.until(lambda: [event["talk_count"] for event in his.events if event["type"] == "unread"][-1:] == [3])
