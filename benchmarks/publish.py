"""The pages of docs/ that show results, and their pictures, made anew: ``python -m benchmarks.publish``.

What stands between ``<!-- name -->`` and ``<!-- end -->`` comes from benchmarks/results.json.
"""

import re
import sys
from collections.abc import Callable, Mapping

from benchmarks import forecast, plot, reach, tables
from benchmarks.results import PUBLISHED, Results
from benchmarks.scenarios import SCENARIOS
from tests import servers

Part = Callable[[Results], str]
# Those that take no time.
MEASURED: dict[str, Part] = {**tables.PARTS, "reach": reach.reach}
PARTS: dict[str, Part] = {**MEASURED, **forecast.PARTS}

DOCS = servers.PROJECT / "docs"
PAGES = (DOCS / "performance.md", DOCS / "scaling.md")
MARKED = re.compile(r"(<!-- ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(page: str, results: Results, parts: Mapping[str, Part] = PARTS) -> str:
    """Return a page with what stands between its marks made anew from the results."""

    def anew(found: re.Match[str]) -> str:
        return found[1] + parts[found[2]](results) + found[3] if found[2] in parts else found[0]

    return MARKED.sub(anew, page)


def publish(results: Results) -> None:
    for page in PAGES:
        page.write_text(filled(page.read_text(), results))
    plot.draw_all(results, DOCS / "pictures")


def main() -> int:
    results = Results.load(PUBLISHED)
    if missing := [name for name in SCENARIOS if name not in results.scenarios]:
        print(f"Not measured yet: {', '.join(missing)}. Run `make bench ARGS=--publish`.", file=sys.stderr)
        return 1
    publish(results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
