"""Tables and numbers, as Markdown has them and as people read them."""

import math
from collections.abc import Iterable

# load/load.c knows ages up to here.
OLDEST_MS = 2_000

Cells = Iterable[str]


def table(head: Cells, rows: Iterable[Cells], *, left: int = 1) -> str:
    """``left`` columns are words, the others numbers."""
    head = list(head)
    rule = ["---" if n < left else "--:" for n in range(len(head))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows)) + "\n"


def whole(number: float) -> str:
    return "–" if math.isnan(number) else f"{number:,.0f}"


def fine(number: float) -> str:
    """Two digits that count."""
    if math.isnan(number):
        return "–"
    return whole(number) if number >= 10 else f"{number:.1f}" if number >= 1 else f"{number:.2f}"


def milliseconds(number: float) -> str:
    return f"over {OLDEST_MS:,}" if number >= OLDEST_MS else fine(number)
