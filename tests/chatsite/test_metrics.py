"""What Prometheus is told, over the wire."""

import re
import urllib.error
import urllib.request

import pytest

from chatsite.ops import metrics
from rooms.realtime.metrics import Histogram
from tests import servers
from tests.chatsite.serving import fails_to_start
from tests.scripts import Script


def numbers_of(port: int) -> dict[str, float]:
    with urllib.request.urlopen(f"http://{servers.HOST}:{port}/metrics") as response:
        text = response.read().decode()
    return {name: float(value) for name, value in re.findall(r"^(chatsite\S+) (\S+)$", text, re.MULTILINE)}


async def test_a_process_counts_what_it_does() -> None:
    port = servers.free_port()
    with servers.site(env={"METRICS_PORT": str(port)}) as site:
        alice, bob = Script(site.url, "alice"), Script(site.url, "bob")
        room = alice.call("POST", "/api/rooms", {"name": "Tea"})["id"]
        bob.call("POST", f"/api/rooms/{room}/join", {})
        async with alice.line(room, after=0) as hers, bob.line(room, after=0) as his:
            await his.until(his.rows)
            await hers.say("one", "two", "three")
            await his.until_words(3)
            await hers.until_words(3)
            alice.call("POST", f"/api/rooms/{room}/messages", {"client_id": "1", "body": "over HTTP"})
            alice.call("POST", f"/api/rooms/{room}/messages", {"client_id": "1", "body": "over HTTP"})
            assert alice.status("POST", f"/api/rooms/{room}/messages", {"client_id": "1", "body": "other"}) == 409
            await his.until_words(4)
            seen = numbers_of(port)
            alice.call("DELETE", f"/api/rooms/{room}")
            assert await hers.until_ended() == await his.until_ended() == 4410
            # The end of a room closes no socket, a log-out does.
            assert numbers_of(port)["chatsite_connections"] == 2
            assert bob.status("DELETE", "/_allauth/app/v1/auth/session") == 401
            assert await his.until_closed() == 4401
        assert numbers_of(port)['chatsite_closes_total{code="4401"}'] == 1
    assert (seen["chatsite_connections"], seen["chatsite_rooms_open"]) == (2, 1)
    assert seen['chatsite_posts_total{answer="stored"}'] == 4
    assert seen['chatsite_posts_total{answer="repeated"}'] == 1
    assert seen['chatsite_posts_total{answer="client_id_reused"}'] == 1
    assert seen["chatsite_deliveries_total"] == 8
    assert seen['chatsite_waiting{queue="writer"}'] == seen['chatsite_waiting{queue="relay"}'] == 0
    assert seen["chatsite_redis_up"] == seen["chatsite_presence_up"] == 1
    for name in ("commit", "fan_out"):
        assert seen[f"chatsite_{name}_seconds_count"] == seen[f'chatsite_{name}_seconds_bucket{{le="+Inf"}}'] > 0


def test_buckets_hold_what_is_below_them() -> None:
    seen = Histogram()
    for seconds in (0.0005, 0.001, 0.0011, 4.0, 60.0):
        seen.observe(seconds)
    samples = {sample.labels.get("le"): sample.value for sample in metrics.histogram("a", "b", seen).samples}
    assert (samples["0.001"], samples["0.0025"], samples["2.5"], samples["5.0"], samples["+Inf"]) == (2, 3, 3, 4, 5)
    assert samples[None] == pytest.approx(64.0026)


def test_visitors_reach_none(site: servers.Site) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404") as refused:
        urllib.request.urlopen(f"{site.url}/metrics")
    refused.value.close()


def test_a_port_that_is_taken_is_one_sentence(site: servers.Site) -> None:
    sentence = fails_to_start(site.command, {**site.env, "METRICS_PORT": str(site.port)})
    assert "choose another METRICS_PORT" in sentence
