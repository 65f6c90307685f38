"""The file of settings is read as systemd reads it, and what systemd would leave out is told."""

import re
import subprocess
from pathlib import Path

import pytest

from chatsite.config import environment_file

GENERATOR = Path("/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator")
# What each line says to systemd.
LINES = {
    "A=plain & more; ls": "plain & more; ls",
    "A = spaces around \t": "spaces around",
    r'A="double \"q\" \\ \x ; & #x" ': r'double "q" \ \x ; & #x',
    r"""A='single \n "x"'""": r'single \n "x"',
    'A="x" "y"': "xy",
    'A="x"y"z"': 'xy"z"',
    'A=x"y"': 'x"y"',
    "A=a\\\nb": "ab",
    'A="a\\\nb"': "ab",
    "A=a\\ \\ ": "a  ",
    "A='two\nlines'": "two\nlines",
    'A="x"y  z  ': "xy  z",
    "A=a # no comment": "a # no comment",
    r"A=\'q\'": "'q'",
    'A="kept  "': "kept  ",
    "A='postgresql://a/b?sslmode=verify-full&sslrootcert=c'": "postgresql://a/b?sslmode=verify-full&sslrootcert=c",
    "A=postgresql://a/b?sslmode=verify-full&sslrootcert=c": "postgresql://a/b?sslmode=verify-full&sslrootcert=c",
    "# A comment\n;A=other\n\nA=1\r\n": "1",
    "A=1\nA=2": "2",
}


def read(text: str, folder: Path) -> dict[str, str]:
    (folder / "environment").write_bytes(text.encode())
    return environment_file.read(folder / "environment")


@pytest.mark.parametrize(("line", "value"), LINES.items())
def test_a_value_is_what_systemd_takes_it_for(line: str, value: str, tmp_path: Path) -> None:
    assert read(line, tmp_path) == {"A": value}


def test_systemd_agrees(tmp_path: Path) -> None:
    if not GENERATOR.exists():
        pytest.skip("systemd is not installed: the rules are not held against it.")
    (tmp_path / "environment.d").mkdir()
    text = "\n".join(f"{chr(65 + number)}{line[1:]}" for number, line in enumerate(LINES) if line.startswith("A"))
    (tmp_path / "environment.d" / "a.conf").write_text(text)
    said = subprocess.check_output([GENERATOR], env={"XDG_CONFIG_HOME": str(tmp_path)}, text=True)
    theirs = dict(line.split("=", 1) for line in said.splitlines())
    for name, value in read(text, tmp_path).items():
        assert unquoted(theirs[name]) == value


def unquoted(value: str) -> str:
    """Undo how systemd quotes for a shell."""
    plain = value.removeprefix('"').removesuffix('"') if value.startswith('"') else value
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], plain)


@pytest.mark.parametrize("line", ["export SITE_URL=https://a", "SITE_URL https://a", "1A=b", "A-B=c", "=a", "nonsense"])
def test_a_line_that_systemd_would_leave_out_is_an_error(line: str, tmp_path: Path) -> None:
    with pytest.raises(environment_file.WrongFileError, match=r"\ALine 2 of .*systemd leaves it out"):
        read(f"A=1\n{line}\n", tmp_path)
