"""Which names look alike, and which are written in several alphabets (UTS #39, Unicode security mechanisms).

Ours because no library gives it: ``confusable-homoglyphs`` has the data of Unicode 15.1, in pairs without a direction,
and so no skeletons; PyICU has all of this, but is compiled against ICU on the machine of each site.
"""

import unicodedata
from functools import cache
from pathlib import Path

import regex

# A newer one takes a migration that computes User.username_skeleton anew.
CONFUSABLES = Path(__file__).parent / "confusables" / "confusables.txt"
# In use today: UAX #31, tables 5 and 7. Names in scripts of the past are refused.
SCRIPTS = """
    Arab Armn Beng Bopo Cyrl Deva Ethi Geor Grek Gujr Guru Hang Hani Hebr Hira Kana Khmr Knda Laoo Latn Mlym Mymr Orya
    Sinh Taml Telu Thaa Thai Tibt
    Adlm Bali Bamu Batk Cakm Cans Cham Cher Hmnp Java Kali Lana Lepc Limb Lisu Mand Mong Mtei Newa Nkoo Olck Osge Plrd
    Rohg Saur Sund Sylo Syrc Tale Talu Tavt Tfng Vaii Wcho Yiii
"""
# Written together by who writes Chinese, Japanese and Korean; nothing in one of these looks like Latin.
TOGETHER = ("Latn Hani Bopo", "Latn Hani Hira Kana", "Latn Hani Hang")
# Digits and signs, and marks that go with any letter.
ANY_SCRIPT = ("Zyyy", "Zinh")


def _written_in(*scripts: str) -> str:
    return "[{}]*".format("".join(rf"\p{{scx={script}}}" for script in (*scripts, *ANY_SCRIPT)))


# UTS #39 §5.2, "highly restrictive".
ONE_ALPHABET = regex.compile("|".join(_written_in(*scripts.split()) for scripts in (*SCRIPTS.split(), *TOGETHER)))
IGNORABLE = regex.compile(r"\p{Default_Ignorable_Code_Point}+")


def is_of_one_alphabet(text: str) -> bool:
    """Whether the letters of ``text`` are of one script, or of some that are written together."""
    return ONE_ALPHABET.fullmatch(text) is not None


def skeleton(text: str) -> str:
    """Return what all texts that look like this one have in common (UTS #39 §4); it is not meant to be read."""
    decomposed = IGNORABLE.sub("", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFD", decomposed.translate(_prototypes()))


@cache
def _prototypes() -> dict[int, str]:
    lines = CONFUSABLES.read_text(encoding="ascii").splitlines()
    pairs = (line.split(";") for line in lines if not line.startswith("#"))
    return {int(source, 16): "".join(chr(int(part, 16)) for part in target.split()) for source, target in pairs}
