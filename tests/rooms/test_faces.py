"""Faces on pages that the server writes."""

import pytest

from rooms.templatetags.faces import hue_of, initial_of


@pytest.mark.parametrize(
    ("name", "initial"),
    [
        ("alice", "A"),
        ("ärger", "Ä"),
        ("e\u0301mile", "E\u0301"),
        ("👩‍👩‍👧 family", "👩‍👩‍👧"),
        ("❤️ heart", "❤️"),
        ("سلمى", "س"),
        ("", "?"),
    ],
)
def test_the_initial_is_a_whole_letter(name: str, initial: str) -> None:
    assert initial_of(name) == initial


def test_the_colour_is_the_one_that_the_scripts_have() -> None:
    # tests/js/people.test.mjs has the same.
    assert [hue_of(letter * 8) for letter in "abcdefgh"] == HUES


HUES = [1, 2, 3, 4, 5, 6, 7, 0]
