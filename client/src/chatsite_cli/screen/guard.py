"""The last lock before the terminal: whatever drew a line, it holds nothing that a terminal obeys."""

import re

from chatsite_client.safe import DANGEROUS, FLAG
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

BREAKS = re.compile("[\t\n]")


class Guard(LineFilter):
    """Takes out what ``safe`` shows by name: what draws has done so already, and a line here has its width for good."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if all(segment.text.isascii() and segment.text.isprintable() for segment in segments):
            return segments
        return [segment if _is_tame(segment.text) else _tamed(segment) for segment in segments]


def _is_tame(text: str) -> bool:
    return not DANGEROUS.search(FLAG.sub("", text)) and not BREAKS.search(text)


def _tamed(segment: Segment) -> Segment:
    return Segment(DANGEROUS.sub("", BREAKS.sub(" ", segment.text)), segment.style, segment.control)
