"""``chatsite chat`` in a real terminal (a pty), beside somebody who has another program."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from select import select
from time import monotonic

from chatsite_client import Site

from tests import servers
from tests.client.people import Person
from tests.scripts import PATIENCE

HOSTILE = "\x1b]52;c;cm0=\x07\x1b[2J\u202egnp.exe"


class Screen:
    """A terminal of which every byte is kept that the program sent it."""

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal
        self.shown = b""

    def type(self, line: str) -> None:
        os.write(self._terminal, f"{line}\n".encode())

    def until(self, pattern: str) -> None:
        deadline = monotonic() + PATIENCE
        while not re.search(pattern, self.text):
            assert monotonic() < deadline, f"{pattern} did not come. This did: {self.text}"
            if select([self._terminal], [], [], 0.2)[0]:
                self.shown += os.read(self._terminal, 65536)

    @property
    def text(self) -> str:
        return self.shown.decode(errors="replace")


@contextmanager
def chatting(person: Person, room: str, folder: str, term: str) -> Iterator[tuple[Screen, subprocess.Popen[bytes]]]:
    terminal, end = pty.openpty()
    environment = {
        **os.environ, "CHATSITE_CONFIG": folder, "CHATSITE_TOKEN": person.token, "CHATSITE_URL": person.url,
        "PYTHONPATH": str(servers.PROJECT / "client" / "src"), "TERM": term,
    }  # fmt: skip
    command = [sys.executable, "-m", "chatsite_cli", "chat", room]
    with subprocess.Popen(
        command, env=environment, stdin=end, stdout=end, stderr=end, start_new_session=True
    ) as program:
        os.close(end)
        try:
            yield Screen(terminal), program
        finally:
            with suppress(ProcessLookupError):
                program.kill()
            os.close(terminal)


def test_somebody_talks_line_by_line(site: servers.Site, tmp_path: object) -> None:
    ann, ben = Person.sign_up(site.url), Person.sign_up(site.url)
    with Site(ben.url, token=ben.token) as his:
        room = his.run(his.api.open_room(f"Plain {ben.name}"))
        his.post(room, "Is anybody here?")
        with Site(ann.url, token=ann.token) as hers:
            hers.run(hers.api.join(room["id"]))
        with chatting(ann, room["id"], str(tmp_path), "dumb") as (screen, program):
            screen.until(f"{ben.name}: Is anybody here")
            screen.type("I am")
            screen.until(f"{ann.name}: I am")
            his.post(room, HOSTILE)
            screen.until("gnp.exe")
            screen.type("/who")
            screen.until(rf"\* {ann.name}")
            screen.type("/nonsense")
            screen.until("There is no command /nonsense")
            screen.type("/topic Braille")
            screen.until("admin")
            site.kill()
            screen.until("connection is lost")
            screen.type("Kept")
            site.start()
            screen.until(f"{ann.name}: Kept")
            screen.type("/quit")
            assert program.wait(PATIENCE) == 0
        assert [row["body"] for row in his.history(room) if row["kind"] == "text"] == [
            "Is anybody here?", "I am", HOSTILE, "Kept",
        ]  # fmt: skip
    # Only ever appended: nothing that a terminal obeys, but for line ends.
    assert not re.search(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f\u202e]", screen.text)
