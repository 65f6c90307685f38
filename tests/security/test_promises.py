"""That each test and file that docs/security.md and SECURITY.md point to is there."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.security

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`((?:accounts|chatsite|deploy|docs|rooms|static|tests)/[\w./-]*)`")
LINKED = re.compile(r"\]\(([\w./-]+)(?:#[\w-]+)?\)")


@pytest.mark.parametrize("page", ["SECURITY.md", "docs/security.md"])
def test_what_a_page_points_to_is_there(page: str) -> None:
    text = (ROOT / page).read_text()
    missing = [name for name in NAMED.findall(text) if not (ROOT / name).exists()]
    missing += [link for link in LINKED.findall(text) if not ((ROOT / page).parent / link).exists()]
    assert missing == []
    assert NAMED.findall(text)


def test_every_chapter_of_the_standard_has_its_place() -> None:
    text = (ROOT / "docs/security.md").read_text()
    assert [int(number) for number in re.findall(r"^### V(\d+) ", text, re.MULTILINE)] == list(range(1, 18))
