"""Several Redis servers, one of them with a password and TLS: named by ``REDIS_URL`` alone."""

import asyncio
import http.client
from contextlib import closing

import pytest

from tests import servers
from tests.cluster import cluster
from tests.faults.pair import Pair
from tests.scripts import Script

pytestmark = pytest.mark.faults


async def test_rooms_are_shared_out_over_servers_with_and_without_tls() -> None:
    with (
        servers.redis() as plain,
        servers.redis(servers.RedisWithTLS) as safe,
        cluster(2, nginx=False, REDIS_URL=f"{safe.url},{plain.url}") as running,
    ):
        for _ in range(4):
            pair = Pair(running)
            # Each sees the other, of whom their own process knows by Redis alone.
            async with pair.lines() as (hers, his):
                await hers.say("over the wire")
                await his.until_words(1)
        assert "Redis" in running.sites[0].manage("doctor")
        assert not [site.log() for site in running.sites if "Traceback" in site.log()]


async def test_a_redis_that_cannot_prove_who_it_is_is_not_trusted() -> None:
    with (
        servers.redis(servers.RedisWithTLS) as safe,
        # Without the certificate's name, only what the system trusts is good.
        cluster(1, nginx=False, REDIS_URL=safe.url.partition("?")[0]) as running,
    ):
        site = running.sites[0]
        alice = Script(site.url, "alice")
        room = alice.call("POST", "/api/rooms", {"name": "Tea"})["id"]
        async with alice.line(room, after=0) as hers:
            await hers.say("all the same")
            await hers.until_words(1)
            await asyncio.to_thread(servers.wait_until, lambda: "Redis is away" in ready(site), 30)
        assert "CERTIFICATE_VERIFY_FAILED" in site.log()


def ready(site: servers.Site) -> str:
    with closing(http.client.HTTPConnection(servers.HOST, site.port, timeout=10)) as connection:
        connection.request("GET", "/readyz")
        return connection.getresponse().read().decode()
