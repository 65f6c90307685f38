"""Names that people type: one clean form to show, one folded form to compare."""

import unicodedata

# Controls, lone surrogates, and the invisible and bidirectional characters that let one name pass for another.
UNSHOWABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"})
# Emoji sequences and several scripts need these two joiners, which are in "Cf".
JOINERS = "\u200c\u200d"


def fold(text: str) -> str:
    """Return the form by which two names are the same name, whatever their case or Unicode form."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", "".join(c for c in folded if c not in JOINERS))


def one_line(text: str) -> str:
    """Return ``text`` in NFC on one line, with runs of white space as one space and no unshowable characters."""
    shown = (c if unicodedata.category(c) not in UNSHOWABLE or c in JOINERS else " " for c in text)
    return " ".join(unicodedata.normalize("NFC", "".join(shown)).split())
