"""``make faults``: every fault by itself, then some mixed, and a table of what came of it.

ARGS="redis kill" chooses the faults whose names hold one of the words ("mixed": none by itself); --seed N plays another
run, --mixed N mixes that many times, --brief is as quick as ``make test``, --keep writes the table into
docs/reliability.md. It exits with 1 where a promise was broken.
"""

import argparse
import asyncio
import sys
from itertools import groupby

from tests.faults import report
from tests.faults.faults import FAULTS, Fault
from tests.faults.schedule import Outcome, mix, perform, stage_for
from tests.faults.stage import can_mount

# Findings of one fault that are printed in full; the rest is counted.
SHOWN = 20


def chosen(words: list[str]) -> list[Fault]:
    faults = [fault for name, fault in FAULTS.items() if not words or any(word in name.lower() for word in words)]
    if not can_mount() and any(fault.on == "small disk" for fault in faults):
        print("The full disk is left out: mounting a small one needs root's right to mount.")
        faults = [fault for fault in faults if fault.on != "small disk"]
    return sorted(faults, key=lambda fault: (fault.on, fault.is_heavy))


async def run(options: argparse.Namespace) -> list[Outcome]:
    outcomes: list[Outcome] = []
    runs = [(options.seed, [fault]) for fault in chosen(options.words)]
    runs += [(seed, mix(seed)) for seed in range(options.seed, options.seed + options.mixed)]
    for kind, of_kind in groupby(runs, key=lambda run: run[1][0].on):
        async with stage_for(kind) as stage:
            for seed, faults in of_kind:
                outcome = await perform(stage, faults, seed=seed, brief=options.brief)
                outcomes.append(outcome)
                tell(outcome)
    return outcomes


def tell(outcome: Outcome) -> None:
    print(report.line(outcome))
    for finding in outcome.findings[:SHOWN]:
        print(f"    {finding}")
    if len(outcome.findings) > SHOWN:
        print(f"    and {len(outcome.findings) - SHOWN} more")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mixed", type=int, default=3)
    parser.add_argument("--brief", action="store_true")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    outcomes = asyncio.run(run(options))
    print(f"\n{report.table(outcomes)}")
    if options.keep:
        report.keep(outcomes)
    return int(any(outcome.findings for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
