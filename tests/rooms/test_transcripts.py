"""A transcript to take away, and to verify without the site."""

import json
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from rooms.actions.messages import post_message
from rooms.models import Room
from tests import servers

pytestmark = [pytest.mark.rules, pytest.mark.django_db]


@pytest.fixture
def exported(room: Room, alice: User, tmp_path: Path) -> Path:
    for number, words in enumerate(["Hello", "<script>alert(1)</script>", "مرحبا 👋", "two\nlines"]):
        post_message(room, actor=alice, client_id=str(number), body=words)
    path = tmp_path / "transcript.jsonl"
    call_command("export_room", str(room.pk), "--output", str(path))
    return path


def verify(path: Path) -> tuple[int, str]:
    # -I: no site, no settings, nothing but the file itself and Python.
    command = [sys.executable, "-I", str(servers.PROJECT / "rooms" / "chain.py"), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.strip()


def test_an_export_holds_every_row_and_verifies_offline(exported: Path) -> None:
    head, *rows = map(json.loads, exported.read_text(encoding="utf-8").splitlines())
    assert (head["format"], head["room"]["name"], head["room"]["head"]) == ("chatsite-transcript", "Lobby", 6)
    assert [row["seq"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert verify(exported) == (0, "The transcript is whole and as it was written.")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("Hello", "Hallo", "Row 3 is not the one"),
        ('"kind":"joined"', '"kind":"left"', "Row 2 is not the one"),
        ("two\\nlines", "one line", "Row 6 is not the one"),
    ],
)
def test_a_changed_export_does_not_verify(exported: Path, old: str, new: str, fault: str) -> None:
    exported.write_text(exported.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    status, said = verify(exported)
    assert status == 1
    assert fault in said


def test_an_export_with_a_row_cut_out_or_off_does_not_verify(exported: Path) -> None:
    lines = exported.read_text(encoding="utf-8").splitlines(keepends=True)
    exported.write_text("".join(lines[:3] + lines[4:]), encoding="utf-8")
    assert verify(exported)[0] == 1
    exported.write_text("".join(lines[:-1]), encoding="utf-8")
    assert verify(exported) == (1, "The export ends at row 5; the room had 6.")


def test_the_page_to_read_holds_the_words_as_text(room: Room, exported: Path, tmp_path: Path) -> None:
    path = tmp_path / "transcript.html"
    call_command("export_room", str(room.pk), "--page", "--output", str(path))
    page = path.read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "مرحبا 👋" in page
    assert page.count("<li ") == 6


def test_a_room_that_is_not_there_is_named() -> None:
    with pytest.raises(CommandError, match="There is no room"):
        call_command("export_room", str(uuid4()))
