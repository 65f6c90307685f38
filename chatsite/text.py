"""Names and other short texts that people type: one clean form to show, one folded form to compare.

Normalising takes time that grows with the square of a run of combining marks, and nothing else runs meanwhile: 3 ms for
LONGEST of them, 10 s for as many as a request can carry. So what is longer is refused before anything is done with it.
"""

import unicodedata

import regex
from django.core.exceptions import BadRequest

# Characters of the longest text that is for one line, a report's reason; and of a field that names no other bound.
LONGEST = 1_000
# Controls, lone surrogates, and the invisible and bidirectional characters that let one name pass for another.
UNSHOWABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"})
# Emoji sequences and several scripts need these two joiners, which are in "Cf".
JOINERS = "\u200c\u200d"
# Without ink, though Unicode does not count them among the invisible: Braille's, Khitan's and music's empty signs.
BLANK = r"\u2800\U00016FE4\U0001D159"
INVISIBLE = rf"[\p{{Default_Ignorable_Code_Point}}{BLANK}]"
# Where an invisible character has a meaning: styles and sequences of emoji, forms of ideographs and Mongolian letters,
# and joiners within words of the scripts that have them.
MEANT = r"""
    (?<= \p{Emoji} ) [\uFE0E\uFE0F]
    | (?<= [\p{Emoji}\uFE0F] ) \u200D (?= \p{Emoji} )
    | (?<= \p{Han} ) [\uFE00-\uFE0F\U000E0100-\U000E01EF]
    | (?<= \p{Mongolian} ) [\u180B-\u180D\u180F]
    | (?<= [\p{L}\p{M}] ) (?<! [\p{Latin}\p{Greek}\p{Cyrillic}\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}] )
        [\u200C\u200D] (?= \p{L} )
"""
# The alternatives first: what they match is passed over.
HIDDEN = regex.compile(rf"(?: {MEANT} ) (*SKIP)(*FAIL) | {INVISIBLE}", regex.VERBOSE)
SEEN = regex.compile(rf"(?! {INVISIBLE} ) [\p{{L}}\p{{N}}\p{{P}}\p{{S}}]", regex.VERBOSE)


class TextTooLongError(BadRequest):
    """The text is longer than anything that it could be for. A door that has no better answer gives a 400."""


def require_bound(text: str) -> None:
    if len(text) > LONGEST:
        raise TextTooLongError


def fold(text: str) -> str:
    """Return the form by which two names are the same name, whatever their case or Unicode form."""
    require_bound(text)
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", "".join(c for c in folded if c not in JOINERS))


def one_line(text: str) -> str:
    """Return ``text`` in NFC on one line, with runs of white space as one space and no unshowable characters."""
    require_bound(text)
    shown = (c if unicodedata.category(c) not in UNSHOWABLE or c in JOINERS else " " for c in text)
    return " ".join(unicodedata.normalize("NFC", "".join(shown)).split())


def can_be_seen(text: str) -> bool:
    """Whether there is something to see in ``text``, and nothing in it that cannot be seen."""
    return SEEN.search(text) is not None and HIDDEN.search(text) is None
