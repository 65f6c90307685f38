"""The real client in a real terminal, and a page: they talk both ways, also over a site that is killed."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import servers
from tests.browser.conftest import NewPerson
from tests.browser.rooms import go, open_room, say, wait_for_unsent, wait_for_words
from tests.client.people import Person
from tests.client.tmux import terminal

HOSTILE = "\x1b]52;c;cm0=\x07 \x1b[2J \x9b2J \u202egnp.exe `\x1b]0;x\x07`"


@pytest.mark.faults
def test_a_terminal_and_a_page_talk_over_a_killed_site(
    new_person: NewPerson, site: servers.Site, tmp_path: Path
) -> None:
    alice = new_person("alice")
    room = urlsplit(open_room(alice, "Tea")).path
    ann = Person.sign_up(site.url)
    environment = {
        "CHATSITE_CONFIG": str(tmp_path / "config"), "CHATSITE_TOKEN": ann.token, "CHATSITE_URL": ann.url,
    }  # fmt: skip
    with terminal(tmp_path, environment) as hers:
        hers.sees("Write here", "You are in no room")
        hers.say("/join Tea")
        hers.sees("Tea", "joined.", "2 here")
        for number in range(3):
            hers.say(f"terminal {number}")
            hers.sees(f"terminal {number}")
            say(alice.page, f"page {number}")
            hers.sees(f"page {number}")
        said = [words for _, words in wait_for_words(alice.page, 6)]
        assert said == [f"{who} {number}" for number in range(3) for who in ("terminal", "page")]
        say(alice.page, HOSTILE)
        hers.sees("gnp.exe")

        site.kill()
        hers.sees("The site is away")
        for number in range(5):
            hers.say(f"away {number}")
            say(alice.page, f"page away {number}")
        wait_for_unsent(alice.page, 5)
        hers.sees("sending…")
        hers.tmux("send-keys", "-l", "begun and kept")
        site.start()
        wait_for_words(alice.page, 17)
        hers.sees("page away 4", "away 4")
        hers.sees_no("The site is away")
        hers.sees_no("sending…")
        hers.sees("begun and kept")
        ordered = [words for _, words in wait_for_words(alice.page, 17)]
        assert len(ordered) == 17
        assert [words for words in ordered if words.startswith("away")] == [f"away {number}" for number in range(5)]
        # One order for both: what stands on the terminal is the end of what stands on the page.
        assert shown_words(hers.shown()) == ordered[-len(shown_words(hers.shown())) :]

        # Words of a terminal that was closed go out when it is open again.
        site.kill()
        hers.sees("The site is away")
        hers.press("C-u")
        hers.say("before it was closed")
        hers.sees("sending…")
        hers.press("C-q")
        hers.ends()
        site.start()
        assert b"gnp.exe" in hers.raw()
        for escape in (b"]52;", b"]0;x", "\u202e".encode(), "\x9b".encode()):
            assert not re.search(rb"\x1b" + re.escape(escape), hers.raw())
        assert "\u202e".encode() not in hers.raw()
    with terminal(tmp_path, environment) as hers:
        hers.sees("before it was closed", "Tea")
        assert wait_for_words(go(alice, room), 18)[-1][1] == "before it was closed"


def shown_words(shown: str) -> list[str]:
    return re.findall(r"│ ((?:page |terminal |away )[\w ]*\d)\s+│", shown)
