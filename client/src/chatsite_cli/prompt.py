"""Lines in and lines out: a terminal that only ever appends, for braille, speech, slow links and logs."""

import asyncio
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from chatsite_cli.notices import BELL

PROMPT = "> "


class Prompt:
    """``lines`` brings what is typed, None at its end. What is printed stands above the line that is typed."""

    def __init__(self) -> None:
        self.lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
        # A dumb terminal knows no way back to the beginning of a line.
        self._can_redraw = self._is_terminal and os.environ.get("TERM", "dumb") != "dumb"
        self._is_open = False

    @contextmanager
    def opened(self) -> Iterator[None]:
        with _terminal_kept():
            thread = threading.Thread(target=self._read, name="prompt", daemon=True)
            thread.start()
            yield

    def say(self, text: str) -> None:
        """Print a line, or several. What they hold has to be safe already (``safe``, ``drawing``)."""
        if self._can_redraw and self._is_open:
            sys.stdout.write(f"\r\x1b[K{text}\n{PROMPT}{_typed_so_far()}")
        else:
            sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def ring(self) -> None:
        if self._is_terminal:
            sys.stdout.write(BELL)
            sys.stdout.flush()

    def _read(self) -> None:
        if self._is_terminal:
            with suppress(ImportError):
                import readline  # noqa: F401 (input() has history and editing from then on)
        while True:
            try:
                if self._is_terminal:
                    self._is_open = True
                    line = input(PROMPT)
                    self._is_open = False
                else:
                    line = sys.stdin.readline()
                    if not line:
                        raise EOFError
            except (EOFError, OSError, ValueError):  # it was closed
                self._put(None)
                return
            self._put(line.rstrip("\r\n"))

    def _put(self, line: str | None) -> None:
        with suppress(RuntimeError):  # the program has ended
            self._loop.call_soon_threadsafe(self.lines.put_nowait, line)


def _typed_so_far() -> str:
    with suppress(ImportError):
        import readline

        return readline.get_line_buffer()
    return ""


@contextmanager
def _terminal_kept() -> Iterator[None]:
    """Leave the terminal as it was: who ends in the middle of a line leaves readline's settings behind otherwise."""
    try:
        import termios

        before = termios.tcgetattr(sys.stdin.fileno())
    except (ImportError, OSError, ValueError):  # Windows; no terminal
        yield
        return
    except Exception as error:
        if type(error).__module__ != "termios":
            raise
        yield
        return
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, before)
