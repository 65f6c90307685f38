import math

import pytest

from benchmarks import forecast
from benchmarks.reach import Goal
from benchmarks.simulate import Costs, Site

COSTS = Costs(
    post=1e-3, hear=1e-4, delivery=1e-5, redis=2e-5, postgres=1e-3, connect=4e-3, quiet=2e-5, quiet_postgres=5e-6
)


def test_the_least_number_of_processes_is_enough_and_one_step_fewer_is_not() -> None:
    site = forecast.least(Site(people=10_000, rooms=1_000, rate=1 / 30), COSTS)
    assert site is not None
    assert forecast.is_enough(forecast.simulated(site, COSTS))
    steps = forecast.PROCESSES
    if site.processes > steps[0]:
        fewer = steps[steps.index(site.processes) - 1]
        assert not forecast.is_enough(forecast.simulated(Site(10_000, 1_000, fewer, rate=1 / 30), COSTS))


def test_what_no_number_of_processes_carries_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast, "PROCESSES", (4, 8))
    assert forecast.least(Site(people=100, rooms=50, rate=20, postgres_cores=1), COSTS) is None


def test_a_goal_is_reached_from_its_bound_on() -> None:
    assert Goal("posts", "×", 5, 5.0).verdict == "yes"
    assert Goal("posts", "×", 5, 4.9).verdict == "**no**"
    assert Goal("memory", " KiB", 25, 24.0, at_least=False).verdict == "yes"
    assert Goal("memory", " KiB", 25, math.nan, at_least=False).verdict == "not measured"
