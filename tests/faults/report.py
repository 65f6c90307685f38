"""The table that ``make faults`` prints, and keeps in docs/reliability.md."""

import re
from collections.abc import Sequence
from pathlib import Path

from tests.faults.schedule import Outcome
from tests.servers import PROJECT

KEPT = PROJECT / "docs" / "reliability.md"
TABLE = re.compile(r"(<!-- the table of make faults -->\n)(.*?)(<!-- its end -->)", re.DOTALL)
HEAD = """| fault | seed | posts | acknowledged | slowest delivery | recovery | memory | verdict |
|---|--:|--:|--:|--:|--:|--:|---|
"""


def line(outcome: Outcome) -> str:
    broken = sorted({finding.invariant for finding in outcome.findings})
    verdict = f"**breaks {', '.join(map(str, broken))}**" if broken else "holds"
    cells = [outcome.name, outcome.seed, f"{outcome.posts:,}", f"{outcome.acked:,}"]
    cells += [f"{outcome.delivery:.2f} s", f"{outcome.recovery:.1f} s", f"{outcome.memory} MiB", verdict]
    return f"| {' | '.join(map(str, cells))} |"


def table(outcomes: Sequence[Outcome]) -> str:
    return HEAD + "\n".join(map(line, outcomes)) + "\n"


def keep(outcomes: Sequence[Outcome], path: Path = KEPT) -> None:
    """Write the table into the page, where lines of faults that were not played this time stay."""
    text = path.read_text()
    table = TABLE.search(text)
    assert table, f"{path} has no place for the table."
    lines = {old.split(" | ")[0]: old for old in table[2].splitlines()[2:]}
    lines |= {new.split(" | ")[0]: new for new in map(line, outcomes)}
    path.write_text(TABLE.sub(lambda table: table[1] + HEAD + "\n".join(lines.values()) + "\n" + table[3], text))
