"""Of Bootstrap comes what our pages are made of, and all of that."""

import gzip
import re
from pathlib import Path

import pytest

from chatsite.assets.css_pruning import CLASS, WORD, our_words, prune
from tests import servers

TEMPLATES = [*(servers.PROJECT / "templates").rglob("*.html")]
BOOTSTRAP = [*(servers.PROJECT / "static/vendor/bootstrap").glob("*.css")]
CLASSES = re.compile(r'class="([^"]*)"')
# In the notes of the licence, a class for this eye.
LICENCE = re.compile(r"/\*.*?\*/", re.DOTALL)


def test_a_rule_stays_if_all_its_classes_are_ours() -> None:
    css = "a{b:c}.ours{b:c}.ours .theirs{b:c}.theirs,.ours:hover{b:c}"
    assert prune(css, {"ours"}) == "a{b:c}.ours{b:c}.ours:hover{b:c}"


def test_what_is_not_ours_may_be_what_a_rule_is_not_for() -> None:
    assert prune(".ours:not(.theirs){b:c}", {"ours"}) == ".ours:not(.theirs){b:c}"


def test_a_selector_with_several_in_brackets_is_one() -> None:
    assert prune(":is(.ours,.theirs){b:c}", {"ours"}) == ""


def test_conditions_around_nothing_go_and_others_stay() -> None:
    css = "@media print{.theirs{b:c}}@media screen{.ours{b:c}.theirs{b:c}}@keyframes k{0%{b:c}}"
    assert prune(css, {"ours"}) == "@media screen{.ours{b:c}}@keyframes k{0%{b:c}}"


def test_a_property_stays_if_something_uses_it() -> None:
    css = ":root{--a:1;--b:var(--c);--c:2;--d:3}.ours{x:var(--a);--e:4}.theirs{x:var(--b)}"
    assert prune(css, {"ours", "--d"}) == ":root{--a:1;--d:3}.ours{x:var(--a);}"


def test_themes_by_an_attribute_go() -> None:
    assert prune(":root,[data-bs-theme=light]{b:c}[data-bs-theme=dark]{b:c}", set()) == ":root{b:c}"


def test_the_licence_stays() -> None:
    assert prune("/*! by getbootstrap.com */.theirs{b:c}", set()) == "/*! by getbootstrap.com */"


@pytest.mark.parametrize("path", BOOTSTRAP, ids=lambda path: path.name)
def test_all_that_bootstrap_knows_of_our_classes_stays_and_little_else(path: Path) -> None:
    whole = path.read_text()
    pruned = prune(whole, our_words())
    known, kept = (set(CLASS.findall(LICENCE.sub("", css))) for css in (whole, pruned))
    used = {
        name
        for template in TEMPLATES
        for names in CLASSES.findall(template.read_text())
        for name in WORD.findall(names)
    }
    assert {"btn", "alert-success", "form-control", "visually-hidden"} <= used & known <= kept
    assert len(gzip.compress(pruned.encode())) < 8_000


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(servers.PROJECT)))
def test_names_of_bootstraps_classes_are_written_whole(path: Path) -> None:
    together = {name for names in CLASSES.findall(path.read_text()) for name in re.findall(r"([a-z]+)-\{", names)}
    assert together <= {"is", "hue"}
