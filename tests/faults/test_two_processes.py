"""Two processes with PostgreSQL and Redis: one order everywhere, and Redis may go away, hang or forget."""

from collections.abc import Iterator

import pytest

from tests.cluster import Cluster, cluster
from tests.faults.two_processes import Talk

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def running() -> Iterator[Cluster]:
    with cluster(2) as running:
        yield running


@pytest.fixture
def talk(running: Cluster) -> Talk:
    return Talk(running)


def tracebacks(running: Cluster) -> list[str]:
    return [site.log() for site in running.sites if "Traceback" in site.log()]


async def test_people_on_two_processes_see_one_order(running: Cluster, talk: Talk) -> None:
    async with talk.alice.line(talk.room, after=0) as hers, talk.bob.line(talk.room, after=0) as his:
        for number in range(50):
            await hers.say(f"alice {number}")
            await his.say(f"bob {number}")
        assert await hers.until_words(100) == await his.until_words(100)
        assert [row["seq"] for row in hers.rows()] == list(range(1, 103))
    assert not tracebacks(running)


async def test_through_nginx_it_is_the_same_site(running: Cluster, talk: Talk) -> None:
    alice, bob = talk.alice.at(running.url), talk.bob.at(running.url)
    async with alice.line(talk.room, after=0) as hers, bob.line(talk.room, after=0) as his:
        await hers.say("through the front door")
        assert await his.until_words(1) == ["through the front door"]
    assert alice.call("GET", f"/api/rooms/{talk.room}")["talk_count"] == 1


@pytest.mark.parametrize("fault", ["killed", "paused"])
async def test_without_redis_every_post_is_taken_and_arrives(running: Cluster, talk: Talk, fault: str) -> None:
    async with talk.alice.line(talk.room, after=0) as hers, talk.bob.line(talk.room, after=0) as his:
        await hers.say("before")
        await his.until_words(1)
        running.redis.kill() if fault == "killed" else running.redis.pause()
        try:
            for number in range(10):
                await hers.say(f"alice, without Redis {number}")
                await his.say(f"bob, without Redis {number}")
            assert await hers.until_words(21) == await his.until_words(21)
            # A page, a poll and a new socket do not miss it either.
            assert talk.bob.call("GET", f"/api/rooms/{talk.room}/messages")["head"] == 23
            async with talk.alice.line(talk.room, after=0) as again:
                assert len(await again.until_words(21)) == 21
        finally:
            running.redis.start() if fault == "killed" else running.redis.resume()
        await hers.say("after")
        assert (await his.until_words(22))[-1] == "after"
        assert hers.close_code is his.close_code is None


async def test_a_removal_holds_on_the_other_process_without_redis(running: Cluster, talk: Talk) -> None:
    me = talk.bob.call("GET", "/api/me")["id"]
    async with talk.bob.line(talk.room, after=0) as his:
        await his.until(his.rows)
        running.redis.kill()
        try:
            talk.alice.call("DELETE", f"/api/rooms/{talk.room}/members/{me}")
            talk.alice.call("POST", f"/api/rooms/{talk.room}/messages", {"client_id": "1", "body": "Not for bob"})
            assert await his.until_ended() == 4403
        finally:
            running.redis.start()
        assert his.words() == []
    assert talk.bob.status("GET", f"/api/rooms/{talk.room}/messages") == 403


async def test_a_deleted_room_ends_on_both(running: Cluster, talk: Talk) -> None:
    async with talk.alice.line(talk.room) as hers, talk.bob.line(talk.room) as his:
        await hers.until_entered()
        await his.until_entered()
        talk.alice.call("DELETE", f"/api/rooms/{talk.room}")
        assert await hers.until_ended() == await his.until_ended() == 4410
        assert hers.close_code is his.close_code is None
