"""A real terminal, of which every byte is kept that the program sent it: tmux."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from uuid import uuid4

from tests import servers
from tests.scripts import PATIENCE

STEP = 0.1


class Terminal:
    def __init__(self, socket: str, raw: Path) -> None:
        self._socket, self._raw = socket, raw

    def tmux(self, *words: str) -> str:
        command = [servers.need("tmux"), "-L", self._socket, "-f", "/dev/null", *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE).stdout

    def shown(self) -> str:
        return self.tmux("capture-pane", "-p")

    def raw(self) -> bytes:
        return self._raw.read_bytes()

    def sees(self, *words: str) -> str:
        """Wait until all of these are shown; return what is."""
        deadline = monotonic() + PATIENCE
        while not all(word in (shown := self.shown()) for word in words):
            assert monotonic() < deadline, f"{words} did not come. This did:\n{shown}"
            sleep(STEP)
        return shown

    def sees_no(self, word: str) -> None:
        deadline = monotonic() + PATIENCE
        while word in (shown := self.shown()):
            assert monotonic() < deadline, f"{word} stays:\n{shown}"
            sleep(STEP)

    def ends(self) -> None:
        """Wait until the program has ended, and with it the terminal."""
        deadline = monotonic() + PATIENCE
        with suppress(subprocess.CalledProcessError):
            while shown := self.shown():
                assert monotonic() < deadline, shown
                sleep(STEP)

    def say(self, line: str) -> None:
        self.tmux("send-keys", "-l", line)
        self.tmux("send-keys", "Enter")

    def press(self, *keys: str) -> None:
        self.tmux("send-keys", *keys)


@contextmanager
def terminal(folder: Path, environment: dict[str, str], *, size: tuple[int, int] = (100, 40)) -> Iterator[Terminal]:
    """Run ``chatsite`` in a terminal of its own."""
    raw = folder / "raw"
    raw.touch()
    one = Terminal(f"chatsite-{uuid4().hex[:8]}", raw)
    settings = {"PYTHONPATH": str(servers.PROJECT / "client" / "src"), "LC_ALL": "C.UTF-8", **environment}
    # What is sent from the first byte on: the program begins when somebody listens.
    program = f"read -r go; exec {sys.executable} -m chatsite_cli"
    width, height = map(str, size)
    words = [word for pair in settings.items() for word in ("-e", "=".join(pair))]
    one.tmux("new-session", "-d", "-x", width, "-y", height, *words, f"sh -c '{program}'")
    try:
        one.tmux("pipe-pane", f"cat >>{raw}")
        one.press("Enter")
        yield one
    finally:
        with suppress(subprocess.CalledProcessError):  # the program has ended, and with it the terminal
            one.tmux("kill-server")
