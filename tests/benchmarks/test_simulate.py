import random

import pytest

from benchmarks.results import Results
from benchmarks.simulate import Costs, Server, Simulation as Sim, Site, sizes_of_rooms

FREE = Costs(post=0, hear=0, delivery=0, redis=0, postgres=0, connect=0, quiet=0, quiet_postgres=0, talked=0)


def costs(**seconds: float) -> Costs:
    return Costs(**{**vars(FREE), "talked_postgres": 0, **seconds})


def test_one_queue_waits_as_long_as_the_formula_says() -> None:
    # Pollaczek and Khinchine, for arrivals at random and a service that always takes as long: s + s ρ / (2 (1 - ρ)).
    dice, server, at, ages = random.Random(1), Server(), 0.0, []
    for _ in range(50_000):
        at += dice.expovariate(50)
        ages.append(server.serve(at, 0.01) - at)
    assert server.share(at) == pytest.approx(0.5, rel=0.02)
    assert sum(ages) / len(ages) == pytest.approx(0.015, rel=0.02)


def test_a_server_with_cores_does_as_many_things_at_once() -> None:
    site = Site(people=100, rooms=1, processes=1, rate=1, postgres_cores=4)
    outcome = Sim(site, costs(postgres=0.02)).run(100)
    assert outcome.postgres == pytest.approx(0.5, rel=0.05)
    assert outcome.p50_ms == pytest.approx(20, rel=0.1)


def test_a_room_in_one_process_is_heard_of_in_no_other() -> None:
    spread = Site(people=1_000, rooms=100, processes=8)
    together = Site(people=1_000, rooms=100, processes=8, by_room=True)
    hearing = costs(hear=0.001)
    assert Sim(together, hearing).run(60).process == 0
    assert Sim(together, hearing).run(60).reach == 1
    assert Sim(spread, hearing).run(60).reach > 4


def test_messages_that_wait_together_travel_together() -> None:
    site = Site(people=1_000, rooms=1, processes=1, rate=1)
    alone, joined = (Sim(site, costs(delivery=2e-6, joined=each)).run(5) for each in (2e-6, 2e-7))
    # So a room that is too loud for one at a time is late by what two take, not by ever more.
    assert alone.p99_ms > 500
    assert joined.p99_ms < 20


def test_more_processes_are_each_less_busy() -> None:
    few, many = (Sim(Site(people=5_000, rooms=500, processes=n), costs(post=0.01)).run(60) for n in (2, 8))
    assert many.process == pytest.approx(few.process / 4, rel=0.05)


def test_everybody_is_in_a_room_and_no_room_is_empty() -> None:
    sizes = sizes_of_rooms(100_000, 10_000)
    assert (sum(sizes), len(sizes)) == (100_000, 10_000)
    assert min(sizes) >= 1
    assert max(sizes) > 100


def test_the_same_run_twice_is_the_same() -> None:
    site = Site(people=1_000, rooms=100, processes=4)
    assert Sim(site, costs(post=0.001)).run(10) == Sim(site, costs(post=0.001)).run(10)


def test_the_costs_of_a_message_its_hearing_and_its_deliveries_are_told_apart() -> None:
    post, hear, delivery = 1e-3, 2e-4, 1e-5

    def row(processes: int, each: int) -> dict[str, float]:
        seconds = post + (processes - 1) * hear + processes * each * delivery
        return {
            "receivers": processes * each, "delivered": 100 * processes * each, "cpu_seconds": 100 * seconds,
            "redis_cpu_seconds": 100 * processes * 5e-5, "postgres_cpu_seconds": 100 * 8e-4,
        }  # fmt: skip

    idle = {
        "sockets": 10_000, "seconds": 30, "cpu_seconds": 3, "postgres_cpu_seconds": 1.5, "opening_cpu_ms": 4,
        "kib_per_socket": 30,
    }  # fmt: skip
    found = Costs.measured(
        Results(
            {
                "processes": {"1 process": [row(1, 250)], "4 processes": [row(4, 250)]},
                "processes-small": {"1 process": [row(1, 25)], "2 processes": [row(2, 25)]},
                "idle-10000": {"Chatsite": [idle]},
                "fan-out-1000": {"Chatsite": [{"cpu_ms_per_1000": 2.0}]},
            }
        )
    )
    assert found.post == pytest.approx(post)
    assert found.hear == pytest.approx(hear)
    assert found.delivery == pytest.approx(delivery)
    assert found.redis == pytest.approx(5e-5)
    assert found.postgres == pytest.approx(8e-4)
    assert found.quiet == pytest.approx(1e-5)
    assert found.joined == pytest.approx(2e-6)
    assert found.connect == pytest.approx(4e-3)
