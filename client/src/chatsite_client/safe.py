"""What others wrote, made fit for a terminal: nothing of it reaches one that it would obey instead of show.

Escape sequences begin with a control character, and text that looks like other text is made by characters that turn its
direction. Both are shown by name instead, so that one sees that somebody tried.
"""

import json
import re
import unicodedata

# Controls (C0, DEL, C1), line and paragraph separators, what turns the direction of text, invisible fillers and tags,
# and halves of characters. What joins emoji and letters (U+200C, U+200D, U+FE0F) stays; so do LRM and RLM, which turn
# nothing but themselves.
DANGEROUS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2060-\u206f\u061c\u200b\u180e\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
# The flags of England, Scotland and Wales are made of tags.
FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{1,8}\U000e007f")
# More marks upon one character climb over the lines above.
MARKS = 4
# What joins letters and emoji, or chooses how one looks, is nothing by itself.
JOINERS = {"\u200c", "\u200d", *map(chr, range(0xFE00, 0xFE10))}
# What Unicode has for a mark that stands alone.
NO_BASE = "◌"
TAB = "    "


def text(words: str) -> str:
    """Return words of several lines without anything that a terminal obeys, but for its line ends."""
    flags: list[str] = []

    def keep(match: re.Match[str]) -> str:
        flags.append(match[0])
        return f"\ue000{len(flags) - 1}\ue001"

    if "\U0001f3f4" in words and "\ue000" not in words:
        words = FLAG.sub(keep, words)
    words = words.replace("\r\n", "\n").replace("\t", TAB)
    words = DANGEROUS.sub(_named, words)
    words = _thinned(words)
    for number, flag in enumerate(flags):
        words = words.replace(f"\ue000{number}\ue001", flag)
    return words


def line(words: str, most: int = 0) -> str:
    """Return words on one line; of more than ``most`` characters (0: any number) the rest is an ellipsis."""
    one = text(words).replace("\n", "⏎")
    return f"{one[: most - 1]}…" if most and len(one) > most else one


def indented(words: str, by: str) -> str:
    """Return words whose lines after the first begin with ``by``: none can pass for a line of somebody else's."""
    return text(words).replace("\n", f"\n{by}")


def as_json(thing: object) -> str:
    """Return JSON on one line, in which a terminal finds nothing to obey either."""
    return DANGEROUS.sub(_escaped, json.dumps(thing, ensure_ascii=False, separators=(", ", ": ")))


def _named(match: re.Match[str]) -> str:
    sign = match[0]
    if sign <= "\x1f":
        return chr(0x2400 + ord(sign))
    return "␡" if sign == "\x7f" else f"<U+{ord(sign):04X}>"


def _escaped(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1]


def _thinned(words: str) -> str:
    """Bound the marks upon a character, and leave none without one, which what measures text trips over."""
    if words.isascii():
        return words
    kept, marks, is_base = [], 0, False
    for sign in words:
        if sign in JOINERS or unicodedata.category(sign)[0] == "M":
            marks += 1 if unicodedata.combining(sign) else 0
            if marks > MARKS or (not is_base and sign in JOINERS):
                continue
            if not is_base:
                kept.append(NO_BASE)
        else:
            marks = 0
        is_base = not sign.isspace()
        kept.append(sign)
    return "".join(kept)
