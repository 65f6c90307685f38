"""Reads a file of settings as systemd's ``EnvironmentFile=`` does, in which a shell would see commands.

After systemd's own parser (src/basic/env-file.c of version 254), state by state: no library of Python has its rules.
What it leaves out without a word is an error here: it would be a setting that somebody believes to have made.
"""

import os
import re
from collections.abc import Iterator
from enum import Enum, auto
from pathlib import Path

# Where the units of deploy/systemd have it.
PATH = os.environ.get("CHATSITE_ENVIRONMENT", "/etc/chatsite/environment")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
SPACE, NEWLINE, COMMENT, ESCAPED_IN_QUOTES = " \t\n\r", "\n\r", "#;", '"\\`$'


class State(Enum):
    BEFORE_KEY = auto()
    KEY = auto()
    BEFORE_VALUE = auto()
    VALUE = auto()
    ESCAPE = auto()
    SINGLE = auto()
    DOUBLE = auto()
    ESCAPE_IN_DOUBLE = auto()
    COMMENT = auto()


class WrongFileError(Exception):
    """Says in one sentence what in the file no program could read."""


def read(path: Path) -> dict[str, str]:
    """Return the settings in a file; raise ``OSError``, or ``WrongFileError`` with a sentence about a wrong line."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise WrongFileError(f"{path} is no text in UTF-8.") from None
    found = {}
    for line, name, value in assignments(text):
        if value is None:
            raise WrongFileError(f"Line {line} of {path} has no = in it, so systemd leaves it out: {name}")
        if not NAME.fullmatch(name):
            raise WrongFileError(f"Line {line} of {path} gives no setting, so systemd leaves it out: {name}=…")
        found[name] = value
    return found


def assignments(text: str) -> Iterator[tuple[int, str, str | None]]:  # noqa: C901, PLR0912 - one machine, read as one
    """Yield the number of the line, the name and the value; None for a line that is no assignment."""
    state, line, begun = State.BEFORE_KEY, 1, 1
    key = value = ""
    # Of the value, what stays whatever follows: spaces after it are cut off at the end of the line.
    kept = 0
    for character in text:
        match state:
            case State.BEFORE_KEY if character in COMMENT:
                state = State.COMMENT
            case State.BEFORE_KEY if character not in SPACE:
                state, key, value, kept, begun = State.KEY, character, "", 0, line
            case State.KEY if character in NEWLINE:
                yield begun, key.strip(SPACE), None
                state = State.BEFORE_KEY
            case State.KEY if character == "=":
                state = State.BEFORE_VALUE
            case State.KEY:
                key += character
            case State.BEFORE_VALUE | State.VALUE if character in NEWLINE:
                yield begun, key.strip(SPACE), ended(value, kept)
                state = State.BEFORE_KEY
            case State.BEFORE_VALUE | State.VALUE if character == "\\":
                state = State.ESCAPE
            case State.BEFORE_VALUE if character in "'\"":
                state = State.SINGLE if character == "'" else State.DOUBLE
            case State.BEFORE_VALUE if character in SPACE:
                pass
            case State.BEFORE_VALUE | State.VALUE:
                state, value = State.VALUE, value + character
            case State.ESCAPE:
                state, value = State.VALUE, value + character.strip(NEWLINE)
                kept = len(value)
            case State.SINGLE if character == "'":
                state, kept = State.BEFORE_VALUE, len(value)
            case State.DOUBLE if character == '"':
                state, kept = State.BEFORE_VALUE, len(value)
            case State.DOUBLE if character == "\\":
                state = State.ESCAPE_IN_DOUBLE
            case State.SINGLE | State.DOUBLE:
                value += character
            case State.ESCAPE_IN_DOUBLE:
                # A backslash before anything else stays; one at the end of a line goes, with that end.
                bare = character in ESCAPED_IN_QUOTES or character == "\n"
                state, value = State.DOUBLE, value + ("" if bare else "\\") + character.strip("\n")
            case State.COMMENT if character in NEWLINE:
                state = State.BEFORE_KEY
        line += character == "\n"
    if state is State.KEY:
        yield begun, key.strip(SPACE), None
    elif state not in {State.BEFORE_KEY, State.COMMENT}:
        yield begun, key.strip(SPACE), ended(value, kept)


def ended(value: str, kept: int) -> str:
    return value[:kept] + value[kept:].rstrip(SPACE)
