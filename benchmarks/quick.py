"""``make bench-quick``: whether the site is still as light as it was, on a machine that may be slow and busy.

It fails only on counts (bytes, frames, memory) and on ratios of CPU time within one run, with bounds far from what is
measured (docs/performance.md): how fast the machine is, or what else it does, moves them little. A ratio that fails is
measured once more.
"""

import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from benchmarks import machine
from benchmarks.scenarios.history import History
from benchmarks.scenarios.idle import Idle
from benchmarks.scenarios.requests import PLAIN, Requests
from benchmarks.scenarios.talk import Talk
from benchmarks.stage import Row, Stage

TUTORIAL = ("Chatsite", "tutorial, pub/sub")
STORED = ("Chatsite", "tutorial, pub/sub, ORM")


class Check(NamedTuple):
    what: str
    figure: float
    bound: float
    at_least: bool = False

    @property
    def holds(self) -> bool:
        return self.figure >= self.bound if self.at_least else self.figure <= self.bound

    def __str__(self) -> str:
        sign = "ok" if self.holds else "NOT"
        return f"{sign:4}{self.what}: {self.figure:.3g} ({'at least' if self.at_least else 'at most'} {self.bound:g})"


def figure(row: Row, key: str) -> float:
    """Return what was measured; of a run that failed, what holds no bound."""
    found: float = row.get(key, math.nan)
    return found


def whole(*rows: Row) -> Check:
    lost = sum(row.get("missing", 0) + row.get("order_errors", 0) + row.get("closed", 0) for row in rows)
    failed = sum(not row["whole"] for row in rows)
    return Check("deliveries missing, twice or out of order", lost + failed, 0)


def fan_out(stage: Stage) -> Iterator[Check]:
    scenario = Talk(TUTORIAL, sockets=200, senders=10, seconds=3)
    ours, theirs = (scenario.measure(name, stage) for name in TUTORIAL)
    ratio = figure(theirs, "cpu_ms_per_1000") / figure(ours, "cpu_ms_per_1000")
    yield whole(ours, theirs)
    yield Check("deliveries per CPU second beside the Channels tutorial, 200 sockets", ratio, 15, at_least=True)
    yield Check("bytes per delivery of a message of 100", figure(ours, "bytes_per_delivery"), 650)
    yield Check("frames per delivery, in a busy room", figure(ours, "frames_per_delivery"), 0.9)


def posts(stage: Stage) -> Iterator[Check]:
    scenario = Talk(STORED, sockets=17, senders=16, seconds=3)
    ours, theirs = (scenario.measure(name, stage) for name in STORED)
    ratio = figure(theirs, "cpu_ms_per_1000") / figure(ours, "cpu_ms_per_1000")
    yield whole(ours, theirs)
    yield Check("posts per CPU second beside the tutorial with the ORM, 16 senders", ratio, 4, at_least=True)


def history(stage: Stage) -> Iterator[Check]:
    row = History(long=100_000, blocks=4).measure("SQLite", stage)
    yield whole(row)
    site = row["Chatsite"]
    for page in ("newest", "middle"):
        ratio = site[f"long, {page}"]["cpu_ms"] / site[f"short, {page}"]["cpu_ms"]
        yield Check(f"CPU of the {page} page of 100,000 messages, beside 1,000", ratio, 1.4)


def idle(stage: Stage) -> Iterator[Check]:
    row = Idle(("Chatsite",), sockets=500, rooms=10, seconds=1).measure("Chatsite", stage)
    yield whole(row)
    yield Check("KiB of memory per idle socket", figure(row, "kib_per_socket"), 60)


def requests(stage: Stage) -> Iterator[Check]:
    asked = ("a poll with nothing new", "a page of 100 messages")
    scenario = Requests(only=("/healthz", *asked), seconds=2)
    ours, plain = (scenario.measure(contender, stage) for contender in ("Chatsite", PLAIN))
    yield whole(ours, plain)
    for name in asked:
        ratio = ours[name]["cpu_ms"] / plain["/healthz"]["cpu_ms"]
        yield Check(f"CPU of {name}, beside the smallest Django view", ratio, 0.8)


def measured_twice_if_needed(measure: Callable[[Stage], Iterator[Check]], stage: Stage) -> list[Check]:
    checks = list(measure(stage))
    if all(check.holds for check in checks):
        return checks
    print("\n".join(map(str, checks)), "Once more:", sep="\n")
    return list(measure(stage))


def main() -> int:
    if lacks := machine.missing("cc", "redis-server", "wrk"):
        print("\n".join(lacks), "Nothing is measured.", sep="\n")
        return 1 if os.environ.get("CHATSITE_NO_SKIPS") else 0
    began, failed = time.monotonic(), 0
    with Stage() as stage:
        for measure in (fan_out, posts, history, idle, requests):
            for check in measured_twice_if_needed(measure, stage):
                print(check, flush=True)
                failed += not check.holds
    print(f"{'Not as light as it was' if failed else 'As light as it was'}: {time.monotonic() - began:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
