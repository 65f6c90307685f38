"""Finding by a few letters: what one jumps to, and what a word that was begun may become."""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import TypeVar

Thing = TypeVar("Thing")
NO_MATCH = 0
# Where Unicode has its emoji that are one character.
EMOJI = (range(0x1F300, 0x1F650), range(0x1F680, 0x1F6FD), range(0x1F900, 0x1FA00), range(0x1FA70, 0x1FAFF))
MOST_EMOJI = 30
SHORTEST = 2


def closeness(letters: str, name: str) -> int:
    """Return how well letters fit a name, 0 for not at all: as its beginning, a part, in their order, or in any."""
    wanted, name = letters.casefold().replace(" ", ""), name.casefold()
    if name.startswith(wanted):
        return 5
    if any(word.startswith(wanted) for word in name.replace("-", " ").replace("_", " ").split()):
        return 4
    if wanted in name.replace(" ", ""):
        return 3
    rest = iter(name)
    if all(letter in rest for letter in wanted):
        return 2
    return 1 if not Counter(wanted) - Counter(name) else NO_MATCH


def best(letters: str, things: Iterable[tuple[str, Thing]], most: int = 50) -> list[Thing]:
    """Return the things whose names the letters fit, the closest first; of those, in the order that they are in."""
    fitting = [(closeness(letters, name), thing) for name, thing in things]
    kept = [pair for pair in fitting if pair[0] != NO_MATCH]
    return [thing for _, thing in sorted(kept, key=lambda pair: -pair[0])][:most]


def completions(begun: str, *, names: Iterable[str], rooms: Iterable[str], commands: Iterable[str]) -> list[str]:
    """Return what may stand in place of what one has begun to type: a line, of which the last word is completed.

    A command is completed at the beginning of a line; after a command, names and rooms need no sign before them.
    """
    before, _, word = begun.rpartition(" ")
    start = f"{before} " if before or begun.startswith(" ") else ""
    if begun.startswith("/") and not start:
        return [f"/{name} " for name in commands if name.startswith(word[1:].casefold())]
    in_command = begun.startswith("/") and not begun.startswith("//")
    lower = word.casefold()
    found: list[str] = emoji(lower[1:]) if lower.startswith(":") else []
    if word.startswith("@") or (in_command and word):
        sign = "@" if word.startswith("@") else ""
        found += [f"{sign}{name}" for name in names if name.casefold().startswith(lower.removeprefix("@"))]
    if word.startswith("#") or (in_command and word and not word.startswith("@")):
        sign = "#" if word.startswith("#") else ""
        found += [f"{sign}{name}" for name in rooms if name.casefold().startswith(lower.removeprefix("#"))]
    return [f"{start}{one} " for one in dict.fromkeys(found) if one]


def emoji(begun: str) -> list[str]:
    """Return the emoji in whose names a word begins so: `thum`, `red_heart`."""
    wanted = begun.replace("_", " ")
    if len(wanted) < SHORTEST:
        return []
    return [sign for sign, name in _emoji_names() if f" {wanted}" in f" {name}"][:MOST_EMOJI]


@lru_cache(1)
def _emoji_names() -> list[tuple[str, str]]:
    signs = [chr(number) for block in EMOJI for number in block]
    return [(sign, unicodedata.name(sign, "").lower()) for sign in signs if unicodedata.name(sign, "")]
