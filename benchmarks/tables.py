"""Results as tables of Markdown: printed after a run, and written into docs/performance.md."""

from collections.abc import Callable, Iterable

from benchmarks.markdown import fine, milliseconds, table, whole
from benchmarks.results import Results


def with_spread(results: Results, scenario: str, contender: str, key: str) -> str:
    spread = results.spread(scenario, contender, key)
    if spread is None:
        return "–"
    middle, least, most = map(whole, spread)
    return middle if least == most else f"{middle} ({least}–{most})"


def by_contender(results: Results, scenarios: dict[str, str]) -> Iterable[tuple[str, str, str]]:
    """Yield (contender's name if it is new, label, scenario) of scenarios and their labels, contender by contender."""
    names = dict.fromkeys(name for scenario in scenarios for name in results.scenarios.get(scenario, {}))
    for name in names:
        for scenario, label in scenarios.items():
            if name in results.scenarios.get(scenario, {}):
                yield name, label, scenario


BUSY = "rates are too low and times too long, for some more than for others. CPU times hold, more or less."

FIGURES = {"per_second": "deliveries/s", "posts_per_second": "posts/s"}


def talk_table(results: Results, scenarios: dict[str, str], head: str, key: str) -> str:
    rows, before = [], ""
    for name, label, scenario in by_contender(results, scenarios):
        p50, p99 = (results.middle(scenario, name, part) for part in ("p50_ms", "p99_ms"))
        rows.append(
            [
                name if name != before else "",
                label,
                with_spread(results, scenario, name, key),
                fine(results.middle(scenario, name, "cpu_ms_per_1000")),
                f"{milliseconds(p50)} / {milliseconds(p99)}",
            ]
        )
        before = name
    unit = "CPU ms per 1,000" if key == "per_second" else "CPU ms per 1,000 deliveries"
    return table(["", head, FIGURES[key], unit, "p50 / p99 ms"], rows)


def fan_out(results: Results) -> str:
    sizes = {f"fan-out-{n}": f"{n:,}" for n in (100, 500, 1000)}
    return talk_table(results, sizes, "sockets", "per_second")


def latency(results: Results) -> str:
    rows = [
        [name, *(milliseconds(results.middle("latency", name, key)) for key in ("p50_ms", "p99_ms"))]
        for name in results.scenarios.get("latency", {})
    ]
    return table(["", "p50 ms", "p99 ms"], rows)


def posts(results: Results) -> str:
    return talk_table(results, {f"posts-{n}": str(n) for n in (1, 16, 64)}, "people who send", "posts_per_second")


def http_posts(results: Results) -> str:
    return talk_table(results, {f"http-posts-{n}": str(n) for n in (1, 16, 64)}, "people who send", "posts_per_second")


def history(results: Results) -> str:
    rows = []
    for database, found in results.scenarios.get("history", {}).items():
        for server in ("Chatsite", "the cheapest view"):
            for page in found[0][server]:
                cells = (results.middle("history", database, server, page, key) for key in ("ms", "cpu_ms"))
                rows.append([database, server, page, *map(fine, cells)])
    return table(["", "", "page", "ms", "CPU ms"], rows, left=3)


def idle(results: Results) -> str:
    rows = []
    labels = {"idle-3000": "3,000", "idle-10000": "10,000", "idle-awake": "3,000, and talk elsewhere"}
    for name, label, scenario in by_contender(results, labels):
        keys = ("processes", "kib_per_socket", "opening_seconds", "cpu_percent")
        processes, kib, opening, cpu = (results.middle(scenario, name, key) for key in keys)
        rows.append([name, label, whole(processes), fine(kib), fine(opening), fine(cpu)])
    return table(["", "sockets", "processes", "KiB each", "seconds until all are in", "quiet CPU %"], rows)


def several(results: Results) -> str:
    keys = ("sockets", "rooms", "kib_per_socket", "kib_per_room", "entering_cpu_ms")
    rows = [
        [name, *(fine(results.middle("several-rooms", name, key)) for key in keys)]
        for name in results.scenarios.get("several-rooms", {})
    ]
    return table(["", "sockets", "rooms of each", "KiB each", "KiB for a room", "CPU ms to enter a room"], rows)


def crowd(results: Results) -> str:
    rows = [
        [name, *(fine(results.middle("crowd", name, key)) for key in ("cpu_ms_per_1000", "p50_ms", "opening_p50_ms"))]
        for name in results.scenarios.get("crowd", {})
    ]
    return table(["the room has", "CPU ms per 1,000 deliveries", "p50 ms", "ms to come in"], rows)


def processes(results: Results) -> str:
    rows = []
    for name in results.scenarios.get("processes", {}):
        cpu, delivered, redis, postgres = (
            results.middle("processes", name, key)
            for key in ("cpu_ms_per_1000", "delivered", "redis_cpu_seconds", "postgres_cpu_seconds")
        )
        messages = delivered / results.middle("processes", name, "receivers")
        own = results.middle("processes", "1 process", "cpu_ms_per_1000")
        rows.append(
            [name, fine(cpu), f"{100 * own / cpu:.0f} %", fine(1e3 * redis / messages), fine(1e3 * postgres / messages)]
        )
    head = ["", "CPU ms per 1,000 deliveries", "deliveries per CPU second, beside one process"]
    return table([*head, "Redis, CPU ms per message", "PostgreSQL, CPU ms per message"], rows)


def requests(results: Results) -> str:
    rows = []
    for server, found in results.scenarios.get("requests", {}).items():
        for name in found[0]:
            if name != "whole":
                figures = [results.middle("requests", server, name, key) for key in ("per_second", "cpu_ms")]
                late = [results.middle("requests", server, name, key) for key in ("p50_ms", "p99_ms")]
                rows.append([server, name, whole(figures[0]), fine(figures[1]), " / ".join(map(milliseconds, late))])
    return table(["", "request", "a second", "CPU ms", "p50 / p99 ms"], rows, left=2)


def machine(results: Results) -> str:
    about = dict(results.machine)
    cpu, system = about.pop("cpu", ""), about.pop("system", "")
    versions = ", ".join(f"{name} {number}" for name, number in about.items())
    busy = f"\n**The machine was busy with other things** (load average {results.load_before:.0f}): {BUSY}\n"
    return f"Measured on {results.at} on a virtual machine, {cpu}, {system}; {versions}.\n" + (
        busy if results.load_before > 1 else ""
    )


PARTS: dict[str, Callable[[Results], str]] = {
    "machine": machine,
    "fan-out": fan_out,
    "latency": latency,
    "posts": posts,
    "http-posts": http_posts,
    "history": history,
    "idle": idle,
    "several": several,
    "crowd": crowd,
    "processes": processes,
    "requests": requests,
}


def as_text(results: Results, scenarios: Iterable[str]) -> str:
    """Return the tables in which these scenarios stand."""
    names = [name for name in PARTS if any(scenario.startswith(name) for scenario in scenarios)]
    return "\n".join(f"\n{name}\n\n{PARTS[name](results)}" for name in names)
