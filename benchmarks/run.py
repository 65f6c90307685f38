"""The load scenarios (see docs/performance.md): ``make bench ARGS="[SCENARIO …] [--rounds N] [--publish]"``.

Server and client each have a core of their own where there are two. Contenders take turns, round by round. A run in
which a delivery is missing or out of order fails. Without a scenario, all of them: about forty minutes.
"""

import argparse
import os
import sys
import time
from pathlib import Path

from benchmarks import machine, publish, tables
from benchmarks.peers import BEFORE
from benchmarks.results import PUBLISHED, Results, Row
from benchmarks.scenarios import SCENARIOS, Scenario
from benchmarks.stage import Stage
from tests import servers

LATEST = servers.PROJECT / "var" / "bench" / "results.json"


def contenders_of(scenario: Scenario, only: str, before: str) -> list[str]:
    contenders = [contender for contender in scenario.contenders if contender.startswith(only)]
    if before and "Chatsite" in contenders:
        contenders.insert(contenders.index("Chatsite") + 1, BEFORE)
    return contenders


def take_turns(name: str, scenario: Scenario, stage: Stage, contenders: list[str], rounds: int) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {contender: [] for contender in contenders}
    for turn in range(rounds):
        for contender in contenders:
            began = time.monotonic()
            rows[contender].append(scenario.measure(contender, stage))
            print(f"{name}, {contender}, round {turn + 1}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    return rows


def chosen_by(names: list[str]) -> list[str]:
    """Return the scenarios of these names, and those that begin so: "posts" is all of posts-1, posts-16, posts-64."""
    return [
        name for name in SCENARIOS if not names or any(name == part or name.startswith(f"{part}-") for part in names)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=f"{', '.join(SCENARIOS)}, or how some begin")
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--only", default="", help="Contenders whose name begins like this.")
    parser.add_argument("--publish", action="store_true", help="Keep them, and write them into docs/.")
    parser.add_argument("--out", type=Path, default=LATEST, help="Where the results are kept as JSON.")
    parser.add_argument(
        "--before", default="", metavar="COMMIT", help="Measure the site of that commit beside today's."
    )
    chosen = parser.parse_args()
    if chosen.publish and (chosen.only or chosen.before):
        parser.error("What is published has all contenders, measured in turns.")
    scenarios = chosen_by(chosen.scenarios)
    if not scenarios:
        parser.error(f"There are these scenarios: {', '.join(SCENARIOS)}.")
    if lacks := machine.missing():
        print("\n".join(lacks), file=sys.stderr)
        return 2
    out = PUBLISHED if chosen.publish else chosen.out
    results = Results.load(out)
    results.load_before = os.getloadavg()[0]
    whole = True
    with Stage(chosen.before) as stage:
        for name in scenarios:
            scenario = SCENARIOS[name]
            contenders = contenders_of(scenario, chosen.only, chosen.before)
            rows = take_turns(name, scenario, stage, contenders, chosen.rounds or scenario.rounds)
            whole &= all(row["whole"] for rounds in rows.values() for row in rounds)
            results.replace(name, rows)
            # Each time: who interrupts the rest keeps what there is.
            results.save(out)
    print(tables.as_text(results, scenarios))
    if chosen.publish:
        publish.publish(results)
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
