"""The command ``chatsite`` against a real site: what it prints, and with which code it ends."""

import io
import json
import stat
from pathlib import Path

import pytest
from chatsite_cli.chat import has_screen
from chatsite_cli.manual import manual

from tests import servers
from tests.client.conftest import Terminal
from tests.client.people import Person


def test_somebody_signs_up_talks_and_logs_out(terminal: Terminal) -> None:
    words = ["signup", terminal.url, "--user", "dora", "--email", "dora@example.org", "--password-stdin"]
    terminal.prints(*words, typed="correct horse battery\n")
    terminal.prints("create", "Den", "--topic", "Whatever comes up")
    terminal.prints("send", "den", "hello")
    terminal.prints("send", "Den", "-", typed="two\nlines\n")
    assert "Den  [admin]  Whatever comes up" in terminal.prints("rooms")
    assert terminal.prints("members", "Den") == "dora  [admin]\n"
    lines = terminal.prints("history", "Den").splitlines()
    assert [line[6:] for line in lines] == ["* dora opened the room.", "dora: hello", "dora: two", "  lines"]
    rows = [json.loads(line) for line in terminal.prints("tail", "Den", "--since", "2", "--json").splitlines()]
    assert [(row["seq"], row["body"]) for row in rows] == [(3, "two\nlines")]
    terminal.prints("logout")
    assert terminal.run("rooms").exit_code == 3


def test_two_accounts_side_by_side(terminal: Terminal, ann: Person, ben: Person) -> None:
    terminal.log_in(ann)
    terminal.prints("login", terminal.url, "--user", ben.name, "--password-stdin", "--as", "ben", typed=ben.password)
    listed = [json.loads(line) for line in terminal.prints("accounts", "--json").splitlines()]
    assert [account["username"] for account in listed] == [ben.name, ann.name]
    terminal.prints("msg", ann.name, "a word in private")
    first = listed[1]["name"]
    assert "a word in private" in terminal.prints("-a", first, "tail", f"@{ben.name}")
    assert "1 unread" in terminal.prints("-a", first, "rooms")
    terminal.prints("-a", "ben", "create", "Ours", "--private")
    assert terminal.run("-a", first, "join", "Ours").exit_code == 4
    terminal.prints("accounts", "--use", first)
    assert terminal.prints("accounts").startswith(first)


def test_what_is_secret_is_for_its_owner_alone(terminal: Terminal, ann: Person) -> None:
    terminal.log_in(ann)
    kept = [path for path in terminal.folder.rglob("*") if path.is_file()]
    assert kept
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in kept)
    assert not any(ann.password in path.read_text() for path in kept)


def test_a_token_and_a_site_work_alone(terminal: Terminal, ann: Person) -> None:
    env: dict[str, str | None] = {"CHATSITE_TOKEN": ann.token, "CHATSITE_URL": ann.url}
    assert terminal.run("create", f"Bots {ann.name}", env=env).exit_code == 0
    assert f"Bots {ann.name}" in terminal.run("rooms", env=env).stdout
    assert not (terminal.folder / "accounts.json").exists()


def test_files_go_and_come_and_transcripts_are_verified(terminal: Terminal, ann: Person, tmp_path: Path) -> None:
    terminal.log_in(ann)
    room = f"Files {ann.name}"
    terminal.prints("create", room)
    sent = tmp_path / "notes.txt"
    sent.write_text("Some notes.\n" * 1000)
    posted = json.loads(terminal.prints("send", room, "Look", "--file", str(sent), "--json"))
    folder = tmp_path / "saved"
    folder.mkdir()
    assert terminal.prints("get", posted["attachment"]["id"], "-o", str(folder)) == f"{folder / 'notes.txt'}\n"
    assert (folder / "notes.txt").read_bytes() == sent.read_bytes()
    assert terminal.run("get", posted["attachment"]["id"], "-o", str(folder)).exit_code == 7
    export = tmp_path / "room.jsonl"
    assert "whole" in terminal.run("save", room, str(export)).stderr
    assert f"row {posted['seq']} with the hash {posted['hash']}" in terminal.prints("verify", str(export))
    for name in ("room.md", "room.html", "room.txt"):
        terminal.prints("save", room, str(tmp_path / name))
        assert "Look" in (tmp_path / name).read_text()
    export.write_text(export.read_text().replace("Look", "Lock"))
    changed = terminal.run("verify", str(export))
    assert changed.exit_code == 8
    assert "Row 2 is not the one that was written." in changed.stderr


def test_a_member_saves_to_read_and_is_told_that_it_is_not_verified(
    terminal: Terminal, ann: Person, ben: Person, tmp_path: Path
) -> None:
    terminal.log_in(ann)
    terminal.prints("create", f"Hers {ann.name}")
    terminal.log_in(ben)
    terminal.prints("join", f"Hers {ann.name}")
    saved = terminal.run("save", f"Hers {ann.name}", str(tmp_path / "a.txt"))
    assert saved.exit_code == 0
    assert "not verified" in saved.stderr
    assert terminal.run("save", f"Hers {ann.name}", str(tmp_path / "a.jsonl")).exit_code == 1
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a.txt"]


def test_every_refusal_is_a_sentence_and_a_code(terminal: Terminal, ann: Person, tmp_path: Path) -> None:
    away = f"http://{servers.HOST}:{servers.free_port()}"
    wrong = ["login", terminal.url, "--user", ann.name, "--password-stdin"]
    said = {
        ("rooms",): (3, "not logged in"),
        tuple(wrong): (3, "password"),
        ("login", away, "--user", "x", "--password-stdin"): (5, "cannot be reached"),
        ("login", "http://chat.example.org", "--user", "x", "--password-stdin"): (1, "plain http"),
        ("login", "ftp://chat.example.org", "--user", "x", "--password-stdin"): (5, "no address"),
        ("verify", str(tmp_path)): (2, "directory"),
        ("frobnicate",): (2, "No such command"),
    }
    for words, (code, part) in said.items():
        result = terminal.run(*words, typed="guess\n")
        assert (result.exit_code, part in result.stderr) == (code, True), (words, result.stderr)
        if code != 2:
            assert len(result.stderr.splitlines()) == 1
    terminal.log_in(ann)
    terminal.prints("create", f"Mine {ann.name}")
    (tmp_path / "virus.exe").write_bytes(b"MZ")
    said = {
        ("send", "nowhere", "hello"): (4, "no room called nowhere"),
        ("msg", "nobody-there", "hello"): (4, ""),
        ("get", "00000000-0000-4000-8000-000000000000"): (4, ""),
        ("send", f"Mine {ann.name}", "x" * 10_001): (1, "10,000 characters"),
        ("send", f"Mine {ann.name}", "--file", str(tmp_path / "virus.exe")): (1, ""),
        ("send", f"Mine {ann.name}", ""): (1, "nothing to send"),
        ("create", f"Mine {ann.name}"): (1, ""),
        ("save", f"Mine {ann.name}", str(tmp_path / "no" / "folder")): (7, "No such file"),
    }
    for words, (code, part) in said.items():
        result = terminal.run(*words)
        assert (result.exit_code, part in result.stderr) == (code, True), (words, result.stderr)
        assert len(result.stderr.splitlines()) == 1
    assert terminal.prints("outbox") == ""
    revoked: dict[str, str | None] = {"CHATSITE_TOKEN": "revoked", "CHATSITE_URL": terminal.url}
    assert terminal.run("rooms", env=revoked).exit_code == 3


def test_words_for_a_site_that_is_away_are_kept(tmp_path: Path) -> None:
    with servers.site() as site:
        terminal = Terminal(tmp_path, site.url)
        ann = Person.sign_up(site.url)
        terminal.log_in(ann)
        room = terminal.prints("create", "Den").strip()
        terminal.prints("send", "Den", "first")
        site.pause()
        try:
            # The room is looked up before; so it is told by its id.
            result = terminal.run("send", room, "second", "--wait", "0.5")
        finally:
            site.resume()
        assert result.exit_code == 5, result.output
        terminal.prints("send", "Den", "third")
        bodies = [json.loads(line)["body"] for line in terminal.prints("history", "Den", "--json").splitlines()]
        assert bodies[1:] == ["first", "second", "third"]


@pytest.mark.security
def test_hostile_names_and_words_never_reach_the_terminal_raw(terminal: Terminal, ann: Person, tmp_path: Path) -> None:
    hostile = "\x1b]52;c;cm0=\x07\x1b[2J\u202egnp.exe \x9b31m"
    terminal.log_in(ann)
    room = terminal.prints("create", f"Wild {ann.name}", "--topic", "a\u202eb").strip()
    terminal.prints("send", room, "-", typed=hostile)
    (tmp_path / "x\x1b[2Jy\u202e.txt").write_text("x")
    terminal.run("send", room, "--file", str(tmp_path / "x\x1b[2Jy\u202e.txt"))
    shown = "".join(
        terminal.run(*words).output
        for words in (
            ("tail", room), ("tail", room, "--json"), ("history", room), ("rooms",), ("rooms", "--json"),
            ("members", room), ("send", f"nowhere {hostile}", "x"),
        )
    )  # fmt: skip
    terminal.prints("save", room, str(tmp_path / "saved.txt"))
    terminal.prints("save", room, str(tmp_path / "saved.md"))
    shown += (tmp_path / "saved.txt").read_text() + (tmp_path / "saved.md").read_text()
    assert "gnp.exe" in shown
    assert not {sign for sign in shown if sign in "\x1b\x07\x9b\u202e\r\x08"}


def test_the_man_page_says_what_the_commands_say() -> None:
    page = servers.PROJECT / "client" / "man" / "chatsite.1"
    assert page.read_text() == manual(), "Make it anew: python -m chatsite_cli.manual > client/man/chatsite.1"


def test_a_terminal_without_a_screen_is_talked_to_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tty(io.StringIO):
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr("sys.stdin", Tty())
    monkeypatch.setattr("sys.stdout", Tty())
    assert has_screen()
    monkeypatch.setenv("TERM", "dumb")
    assert not has_screen()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stdout", io.StringIO())
    assert not has_screen()
    ascii_only = Tty()
    ascii_only.encoding = "ascii"
    monkeypatch.setattr("sys.stdout", ascii_only)
    assert not has_screen()
