"""Results as they are kept: each run of each contender, with the machine and the versions."""

import json
import statistics
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

from benchmarks import machine

Row = dict[str, Any]

# What docs/performance.md is written from.
PUBLISHED = Path(__file__).parent / "results.json"


class Spread(NamedTuple):
    """The median of the rounds, with the least and the most."""

    middle: float
    least: float
    most: float


@dataclass
class Results:
    """Scenario → contender → one row a round."""

    scenarios: dict[str, dict[str, list[Row]]] = field(default_factory=lambda: defaultdict(dict))
    machine: dict[str, str] = field(default_factory=dict)
    at: str = ""
    # What the machine did beside: its load average before the run.
    load_before: float = 0.0

    @classmethod
    def load(cls, path: Path) -> Self:
        return cls(**json.loads(path.read_text())) if path.exists() else cls()

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(vars(self), indent=1, ensure_ascii=False) + "\n")

    def replace(self, scenario: str, rows: dict[str, list[Row]]) -> None:
        """Take what a scenario came to now instead of what it came to before."""
        self.scenarios[scenario] = rows
        self.machine, self.at = machine.description(), f"{datetime.now(UTC):%Y-%m-%d}"

    def spread(self, scenario: str, contender: str, *keys: str) -> Spread | None:
        """Return a figure of a contender's rounds; of a figure inside another, its path."""
        found = [_inside(row, keys) for row in self.scenarios.get(scenario, {}).get(contender, [])]
        values = [value for value in found if value is not None]
        return Spread(statistics.median(values), min(values), max(values)) if values else None

    def middle(self, scenario: str, contender: str, *keys: str) -> float:
        spread = self.spread(scenario, contender, *keys)
        return spread.middle if spread else float("nan")


def _inside(row: Any, keys: Iterable[str]) -> float | None:
    for key in keys:
        row = row.get(key, {})
    return row if isinstance(row, int | float) else None
