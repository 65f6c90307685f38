"""What a large site would need, as tables: from the measured costs, by benchmarks/simulate.py."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from benchmarks.markdown import fine, table, whole
from benchmarks.results import Results
from benchmarks.simulate import Costs, Outcome, Simulation, Site

SECONDS = 6.0
# What "enough" means: room for a busy minute, and a message that is there before anybody wonders.
BUSY = 0.7
LATE_MS = 250.0
PROCESSES = (4, 6, 8, 12, 16, 24, 32, 48, 64)
# Seconds between two messages of one person.
PACES = {"a word every five minutes each": 300, "every two minutes": 120, "every half a minute": 30}
HOW = {False: "anywhere", True: "by room"}


@cache
def simulated(site: Site, costs: Costs) -> Outcome:
    return Simulation(site, costs).run(SECONDS)


def is_enough(outcome: Outcome) -> bool:
    return outcome.busiest_process <= BUSY and outcome.p99_ms <= LATE_MS


def least(site: Site, costs: Costs) -> Site | None:
    """Return the site with as few processes as are enough."""
    sites = (replace(site, processes=processes) for processes in PROCESSES)
    return next((each for each in sites if is_enough(simulated(each, costs))), None)


def cells_of(outcome: Outcome, site: Site) -> list[str]:
    return [
        f"{100 * outcome.process:.0f} / {100 * outcome.busiest_process:.0f} %",
        f"{100 * outcome.redis:.0f} %",
        fine(outcome.postgres * site.postgres_cores),
        f"{fine(outcome.p50_ms)} / {fine(outcome.p99_ms)}",
    ]


HEAD = ["processes' time, mean / busiest", "Redis's", "PostgreSQL, cores", "p50 / p99 ms"]


def with_costs(make: Callable[[Costs], str]) -> Callable[[Results], str]:
    """Make a table of the costs, where they have been measured."""

    def made(results: Results) -> str:
        costs = Costs.measured(results)
        unknown = [name for name, seconds in vars(costs).items() if math.isnan(seconds)]
        return f"Not measured: {', '.join(unknown)}.\n" if unknown else make(costs)

    return made


@with_costs
def costs_table(costs: Costs) -> str:
    rows = [
        ["a message, at its author's process", f"{fine(1e3 * costs.post)} ms"],
        ["… at each other process where the room is open", f"{fine(1e3 * costs.hear)} ms"],
        ["… for each delivery", f"{fine(1e6 * costs.delivery)} µs"],
        ["… that travels with the one before it", f"{fine(1e6 * costs.joined)} µs"],
        ["… at Redis, for each process that hears of it", f"{fine(1e3 * costs.redis)} ms"],
        ["… at PostgreSQL", f"{fine(1e3 * costs.postgres)} ms"],
        ["somebody comes in", f"{fine(1e3 * costs.connect)} ms"],
        ["somebody is connected and quiet, each second", f"{fine(1e6 * costs.quiet)} µs"],
        ["… at PostgreSQL", f"{fine(1e6 * costs.quiet_postgres)} µs"],
        ["… in memory", f"{fine(costs.kib_per_socket)} KiB"],
    ]
    return table(["what happens", "CPU time"], rows)


@with_costs
def needs(costs: Costs) -> str:
    rows = []
    for pace, every in PACES.items():
        for by_room, how in HOW.items():
            most = Site(processes=PROCESSES[-1], rate=1 / every, by_room=by_room)
            enough = least(most, costs)
            site = enough or most
            memory = (site.processes * costs.process_kib + site.people * costs.kib_per_socket) / 2**20
            again = site.people * costs.connect / site.processes
            count = str(site.processes) if enough else f"more than {site.processes}"
            cells = cells_of(simulated(site, costs), site)
            rows.append([pace, how, count, *cells, f"{fine(memory)} GB", f"{whole(again)} s"])
    return table(["", "people come in", "processes", *HEAD, "memory", "all come back in"], rows, left=2)


@with_costs
def breaks(costs: Costs) -> str:
    """Let the same site talk more and more."""
    rows = []
    for by_room, how in HOW.items():
        site = least(Site(by_room=by_room), costs) or Site(processes=PROCESSES[-1], by_room=by_room)
        for times in (1, 2, 4, 8):
            louder = replace(site, rate=site.rate * times)
            messages = whole(louder.people * louder.rate)
            rows.append([how, str(site.processes), messages, *cells_of(simulated(louder, costs), louder)])
    return table(["people come in", "processes", "messages/s", *HEAD], rows)


PARTS: dict[str, Callable[[Results], str]] = {"costs": costs_table, "needs": needs, "breaks": breaks}
