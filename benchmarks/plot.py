"""Results as pictures."""

from pathlib import Path

from benchmarks.results import Results


def draw_all(results: Results, folder: Path) -> None:
    pass
