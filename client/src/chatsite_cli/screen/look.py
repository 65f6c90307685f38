"""Colours and signs of the screen, for a dark and a light terminal.

No colour says anything that a shape, a side or a word does not say, too; the colours of names are those of Okabe and
Ito, which people tell apart who see fewer colours.
"""

from dataclasses import dataclass

from rich.style import Style
from textual.theme import Theme


@dataclass(frozen=True, eq=False)
class Look:
    names: tuple[str, ...]
    mine: str
    theirs: str
    dim: str
    unread: str
    code: str
    # Of pygments, for blocks of code.
    code_theme: str

    def name(self, user_id: str) -> Style:
        """Return how somebody's name looks: the same wherever it is."""
        return Style(color=self.names[sum(user_id.encode()) % len(self.names)], bold=True)


DARK = Look(
    names=("#e69f00", "#56b4e9", "#2fc89d", "#f0e442", "#6fb3ff", "#ff8a4c", "#e79fc4"),
    mine="#56b4e9", theirs="#7f8a96", dim="#8d98a3", unread="#ff8a4c", code="#f0e442", code_theme="monokai",
)  # fmt: skip
LIGHT = Look(
    names=("#8a5a00", "#00659c", "#00704f", "#6b6200", "#004a80", "#a33f00", "#93446f"),
    mine="#00659c", theirs="#6b7680", dim="#5c6670", unread="#a33f00", code="#6b3fa0", code_theme="default",
)  # fmt: skip

THEMES = [
    Theme(
        name="chatsite-dark", dark=True, primary="#56b4e9", secondary="#2fc89d", accent="#e69f00", warning="#ff8a4c",
        error="#ff8a4c", background="#14181c", surface="#14181c", panel="#1e252b", foreground="#e6eaed",
    ),
    Theme(
        name="chatsite-light", dark=False, primary="#00659c", secondary="#00704f", accent="#8a5a00", warning="#a33f00",
        error="#a33f00", background="#ffffff", surface="#ffffff", panel="#e8edf1", foreground="#15191c",
    ),
]  # fmt: skip


def is_light(choice: str, colorfgbg: str) -> bool:
    """Whether to be light: as chosen, or as the terminal says by COLORFGBG (`15;0`), where it does."""
    if choice != "auto":
        return choice == "light"
    ground = colorfgbg.rpartition(";")[2]
    return ground.isdecimal() and int(ground) in {7, *range(9, 16)}
