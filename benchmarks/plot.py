"""Results as pictures: SVG that is readable on light and dark pages."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from benchmarks.results import Results

WIDTH, HEIGHT = 760, 400
LEFT, RIGHT, TOP, BOTTOM = 80, 215, 50, 55
# Of about the same lightness, which stands out from white and from black; the first is ours.
COLOURS = ("#d9480f", "#1c7ed6", "#868e96", "#2f9e44", "#9c36b5", "#0c8599")
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #343a40; }
.title { font-size: 15px; font-weight: 600; }
.grid { stroke: #adb5bd; stroke-width: 0.5; }
.line { fill: none; stroke-width: 2.5; }
@media (prefers-color-scheme: dark) { text { fill: #dee2e6; } .grid { stroke: #495057; } }
"""


@dataclass(frozen=True)
class Picture:
    """Lines over steps of equal width, on a logarithmic scale: differences are of factors."""

    title: str
    steps: Sequence[str]
    lines: dict[str, list[float]]

    @property
    def decades(self) -> range:
        values = [value for line in self.lines.values() for value in line if value > 0]
        return range(math.floor(math.log10(min(values))), math.ceil(math.log10(max(values))) + 1)

    def x(self, step: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (step + 0.5) / len(self.steps)

    def y(self, value: float) -> float:
        lowest, highest = self.decades[0], self.decades[-1]
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (math.log10(value) - lowest) / (highest - lowest)

    def svg(self) -> str:
        parts = [text((LEFT, 25), self.title, name="title")]
        for decade in self.decades:
            y = self.y(10**decade)
            parts.append(f'<line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>')
            parts.append(text((LEFT - 10, y + 4), f"{10**decade:,}", anchor="end"))
        parts += [text((self.x(n), HEIGHT - BOTTOM + 22), step, anchor="middle") for n, step in enumerate(self.steps)]
        parts += self.drawn_lines()
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
            f"<title>{escape(self.title)}</title><style>{STYLE}</style>{''.join(parts)}</svg>\n"
        )

    def drawn_lines(self) -> list[str]:
        parts = []
        heights = self.apart({name: self.y(values[-1]) for name, values in self.lines.items()})
        for colour, (name, values) in zip(COLOURS, self.lines.items(), strict=False):
            points = [(self.x(n), self.y(value)) for n, value in enumerate(values)]
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            parts.append(f'<polyline class="line" stroke="{colour}" points="{path}"/>')
            parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in points]
            parts.append(text((points[-1][0] + 12, heights[name] + 4), name, colour=colour))
        return parts

    def apart(self, heights: dict[str, float]) -> dict[str, float]:
        """Move the names that would stand over one another."""
        placed, last = {}, -math.inf
        for name, height in sorted(heights.items(), key=lambda item: item[1]):
            last = placed[name] = max(height, last + 17)
        return placed


def text(at: tuple[float, float], words: str, *, anchor: str = "start", name: str = "", colour: str = "") -> str:
    # The colour as a style: the sheet's own would go before an attribute.
    style = f' style="fill:{colour}"' if colour else ""
    return f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" text-anchor="{anchor}" class="{name}"{style}>{escape(words)}</text>'


def picture(results: Results, title: str, scenarios: dict[str, str], key: str) -> Picture:
    """Draw a figure of those who were measured in all of these scenarios."""
    found = [results.scenarios.get(scenario, {}) for scenario in scenarios]
    names = [name for name in found[0] if all(name in contenders for contenders in found)]
    lines = {name: [results.middle(scenario, name, key) for scenario in scenarios] for name in names}
    return Picture(title, list(scenarios.values()), lines)


def draw_all(results: Results, folder: Path) -> None:
    fan_out = {f"fan-out-{n}": f"{n:,} sockets" for n in (100, 500, 1000)}
    posts = {f"posts-{n}": f"{n} sending" for n in (1, 16, 64)}
    drawn = {
        "fan-out.svg": picture(results, "Deliveries a second on one core", fan_out, "per_second"),
        "posts.svg": picture(results, "Messages stored a second on one core", posts, "posts_per_second"),
    }
    folder.mkdir(exist_ok=True)
    for name, drawing in drawn.items():
        (folder / name).write_text(drawing.svg())
