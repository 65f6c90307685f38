"""What others wrote reaches a terminal as text, whatever it is."""

import json
import unicodedata

import pytest
from chatsite_cli.reading import file_name
from chatsite_client import drawing, safe

HOSTILE = {
    "an escape sequence": "\x1b[2J\x1b]0;title\x07",
    "a link of OSC 8": "\x1b]8;;http://evil.example\x1b\\bank\x1b]8;;\x1b\\",
    "the clipboard by OSC 52": "\x1b]52;c;cm0gLXJm\x07",
    "a C1 control": "\x9b31mred\x9d0;title\x9c",
    "an override of direction": "gnp.\u202eexe.txt",
    "an isolate": "\u2066a\u2069b\u061c",
    "a carriage return": "ann: hello\rben: bye",
    "a backspace": "abc\x08\x08\x08xyz\x7f",
    "a separator of lines": "a\u2028b\u2029c\x0bd\x0ce\x85f",
    "invisible tags": "hi\U000e0041\U000e0042",
    "half a character": "a\ud800b",
    "NUL": "a\x00b",
}


def is_tame(text: str) -> bool:
    """Nothing in it is a control, but for line ends, or turns the direction of text."""
    return all(
        sign == "\n"
        or (
            unicodedata.category(sign) not in {"Cc", "Cs", "Zl", "Zp"}
            and unicodedata.bidirectional(sign) not in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
        )
        for sign in text
    )


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_what_a_terminal_would_obey_is_shown_instead(words: str) -> None:
    assert is_tame(safe.text(words))
    assert "\n" not in safe.line(words)
    as_json = safe.as_json({"body": words})
    assert is_tame(as_json)
    assert json.loads(as_json) == {"body": words}


def test_what_people_write_stays_as_it_is() -> None:
    # The last one is the flag of England.
    for words in (
        "Grüße",
        "שלום",
        "مرحبا",
        "👩‍👩‍👧",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "日本語",
        "ไทย้",
    ):
        assert safe.text(words) == words


def test_marks_upon_marks_are_thinned() -> None:
    assert len(safe.text("a" + "\u0301" * 500)) == 1 + safe.MARKS


def test_a_message_cannot_pass_for_one_of_somebody_else() -> None:
    ann = {"id": "1", "username": "ann", "display_name": "ben\n12:00 dana"}
    row = {
        "kind": "text", "redacted": False, "body": "hi\n12:00 ben: I am ben", "at": "2026-11-20T12:00:00.000000Z",
        "author": ann, "subject": None, "attachment": None, "target_seq": None,
    }  # fmt: skip
    first, second = drawing.saved(row).split("\n")
    assert first == "12:00 ben⏎12:00 dana (ann): hi"
    assert second.startswith("    ")


def test_a_file_is_saved_where_one_is_and_not_hidden() -> None:
    assert file_name("../../.ssh/authorized_keys") == "authorized_keys"
    assert file_name("..\\..\\.bashrc") == "bashrc"
    assert file_name("...") == "file"
    assert is_tame(file_name("\x1b[31mred\u202efdp.exe"))
    assert len(file_name("ä" * 500).encode()) <= 200
