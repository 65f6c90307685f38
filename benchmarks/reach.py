"""What was to be reached, beside what was measured."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.markdown import fine, table
from benchmarks.results import Results

OURS, TUTORIAL, FLASK = "Chatsite", "tutorial, pub/sub", "Flask-SocketIO"
VIEW = "the cheapest view"


class Goal(NamedTuple):
    what: str
    unit: str
    bound: float
    figure: float
    at_least: bool = True

    @property
    def verdict(self) -> str:
        if math.isnan(self.figure):
            return "not measured"
        return "yes" if (self.figure >= self.bound if self.at_least else self.figure <= self.bound) else "**no**"


def fan_out(results: Results) -> Iterator[Goal]:
    def rate(scenario: str, contender: str = OURS) -> float:
        return results.middle(scenario, contender, "per_second")

    def late(contender: str) -> float:
        return results.middle("latency", contender, "p99_ms")

    size, tutorial = "fan-out-500", rate("fan-out-500", TUTORIAL)
    yield Goal("deliveries/s to 500 sockets, beside the tutorial", "×", 40, rate(size) / tutorial)
    yield Goal("… beside Flask-SocketIO on gevent", "×", 2, rate(size) / rate(size, FLASK))
    for plain in ("plain daphne", "uvicorn"):
        figure = rate(size, f"Chatsite on {plain}") / tutorial
        yield Goal(f"… on {plain}, beside the tutorial", "×", 20, figure)
    yield Goal("1,000 sockets beside 100", "×", 0.7, rate("fan-out-1000") / rate("fan-out-100"))
    yield Goal("p99 at 20 messages/s to 100 sockets, beside the tutorial", "×", 0.1, late(OURS) / late(TUTORIAL), False)


def posts(results: Results) -> Iterator[Goal]:
    def ratio(scenario: str, key: str, other: str = f"{TUTORIAL}, ORM") -> float:
        return results.middle(scenario, OURS, key) / results.middle(scenario, other, key)

    yield Goal("posts/s of 16 senders, beside the tutorial with the ORM", "×", 5, ratio("posts-16", "posts_per_second"))
    yield Goal("… of 64", "×", 7, ratio("posts-64", "posts_per_second"))
    yield Goal("time of one sender's message, beside it", "×", 1, ratio("posts-1", "p50_ms"), False)
    flask = ratio("posts-16", "posts_per_second", f"{FLASK}, sqlite3")
    yield Goal("posts/s of 16 senders, beside Flask-SocketIO with sqlite3 (an aim)", "×", 1, flask)


def history(results: Results) -> Iterator[Goal]:
    growth, dearness = [], []
    for database in results.scenarios.get("history", {}):

        def cpu(server: str, page: str, database: str = database) -> float:
            return results.middle("history", database, server, page, "cpu_ms")

        for page in ("newest", "middle"):
            growth.append(cpu(OURS, f"long, {page}") / cpu(OURS, f"short, {page}"))
            dearness.append(cpu(OURS, f"long, {page}") / cpu(VIEW, f"long, {page}"))
    worst = (max(ratios, default=math.nan) for ratios in (growth, dearness))
    yield Goal("CPU for a page of a million messages, beside a thousand", "×", 1.2, next(worst), False)
    yield Goal("… beside the cheapest view of the same bytes", "×", 2, next(worst), False)


def people(results: Results) -> Iterator[Goal]:
    def idle(key: str, scenario: str = "idle-10000") -> float:
        return results.middle(scenario, OURS, key)

    def crowd(members: str) -> float:
        return results.middle("crowd", members, "cpu_ms_per_1000")

    quiet = idle("cpu_percent") / idle("processes")
    yield Goal("memory of an idle socket", " KiB", 25, idle("kib_per_socket", "idle-3000"), False)
    yield Goal("until 10,000 are in, on two processes", " s", 60, idle("opening_seconds"), False)
    yield Goal("CPU of each while all are quiet", " %", 3, quiet, False)
    growth = crowd("100,000 members") / crowd("10 members")
    yield Goal("a room of 100,000 members with 10 here, beside one of 10", "×", 1.1, growth, False)


def processes(results: Results) -> Iterator[Goal]:
    one = results.middle("processes", "1 process", "cpu_ms_per_1000")
    shares = [one / results.middle("processes", f"{n} processes", "cpu_ms_per_1000") for n in (2, 3, 4)]
    yield Goal("deliveries per CPU second of up to four processes, beside one", "×", 0.75, min(shares))


def reach(results: Results) -> str:
    goals = [goal for part in (fan_out, posts, history, people, processes) for goal in part(results)]
    rows = [
        [
            goal.what,
            f"{'≥' if goal.at_least else '≤'} {goal.bound:g}{goal.unit}",
            f"{fine(goal.figure)}{goal.unit}",
            goal.verdict,
        ]
        for goal in goals
    ]
    return table(["what", "to be reached", "measured", "reached"], rows)
