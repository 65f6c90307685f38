"""Bootstrap without the rules for what no page of ours is made of: three quarters of it, which first visits wait for.

Ours, because the tools that do so (PurgeCSS) need Node, which no site has. Made when static files are collected, from
the templates as they are then, and not committed, so no template can be newer than its styles. A rule stays if each
class that it names stands as a word of its own in a template, a script or a form: so the name of a class is always
written whole, and never put together. Of what is left, a custom property stays if something uses it.
"""

import re
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

from django.conf import settings

WORD = re.compile(r"[\w-]+")
# Innermost ones: of @media, what is in it.
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
EMPTY = re.compile(r"@(?:media|supports)[^{}]*\{\}")
# Not those in brackets: ":is(a, b)" is one.
COMMA = re.compile(r",(?![^(]*\))")
CLASS = re.compile(r"\.([a-z][\w-]*)")
# A rule for what is not something is for what is.
NEGATION = re.compile(r":not\([^)]*\)")
# A custom property and its value, and where one is used.
PROPERTY = re.compile(r"(?<=[{;])(--[\w-]+):[^;{}]*;?")
USE = re.compile(r"var\((--[\w-]+)")
# Themes by an attribute, which no page of ours has (static/css/tokens.css says why).
THEME = "[data-bs-theme"
# Crispy's layouts for pages that are one form: ours have forms, and lay themselves out.
LAYOUTS = (
    "accordion", "alert", "buttonholder", "field_with", "floating", "inline", "modal", "prepended", "switch", "tab",
    "uneditable",
)  # fmt: skip
# An attribute, a part of the room's page, an element, and names in Python; never classes of ours.
NEVER_CLASSES = {"popover", "toast", "progress", "pagination", "dropdown"}


def prune(css: str, words: set[str]) -> str:
    """Return the style sheet with the rules that the pages made of these words can need."""

    def is_for_us(selector: str) -> bool:
        return THEME not in selector and words.issuperset(CLASS.findall(NEGATION.sub("", selector)))

    def take(rule: re.Match[str]) -> str:
        selectors = [selector for selector in COMMA.split(rule[1]) if is_for_us(selector)]
        return f"{','.join(selectors)}{{{rule[2]}}}" if selectors else ""

    licence, end, rules = css.rpartition("*/")
    return licence + end + EMPTY.sub("", without_unused(RULE.sub(take, rules), words))


def without_unused(css: str, words: set[str]) -> str:
    """Return the style sheet without custom properties that neither it nor one of our own style sheets uses."""
    used = words.union(USE.findall(css))
    fewer = PROPERTY.sub(lambda match: match[0] if match[1] in used else "", css)
    # What was used by those that went is not used any more.
    return css if fewer == css else without_unused(fewer, words)


def our_words() -> set[str]:
    """Return what the names of classes can be among, wherever a page may take them from, and what our styles use."""
    ours = [settings.BASE_DIR / name for name in ("templates", "static/js", "accounts", "chatsite", "rooms")]
    crispy = [package("crispy_bootstrap5") / "templates/bootstrap5", package("crispy_forms") / "templatetags"]
    read = chain(texts(ours), texts(crispy, but=LAYOUTS))
    words = {word for text in read for word in WORD.findall(text)}
    styles = (path.read_text() for path in (settings.BASE_DIR / "static/css").glob("*.css"))
    return words.union(*map(USE.findall, styles)) - NEVER_CLASSES


def texts(folders: Iterable[Path], *, but: tuple[str, ...] = ()) -> Iterator[str]:
    """The templates and scripts in these folders, but not those whose names begin so."""
    for folder in folders:
        for path in (found for found in folder.rglob("*") if not found.name.startswith(but)):
            # This file names what no page has.
            if path.suffix in {".html", ".js", ".py"} and path != Path(__file__):
                yield path.read_text()


def package(name: str) -> Path:
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent
