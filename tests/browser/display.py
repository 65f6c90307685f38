"""A display that nobody sees, for browsers that want a window on one. Of Debian: ``xvfb openbox``."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests import servers


class Display:
    """An X server with a window manager; ``env`` is what a program needs to be there."""

    def __init__(self, folder: Path) -> None:
        self._running: list[subprocess.Popen[str]] = []
        self.env = {
            **os.environ,
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
        }
        for name in ("xvfb", "openbox"):
            servers.need(name)
        self.env["DISPLAY"] = (
            f":{self.answer_of('Xvfb', '-displayfd', '1', '-nolisten', 'tcp', '-screen', '0', '1600x1200x24')}"
        )
        self.start("openbox")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        for process in reversed(self._running):
            process.terminate()
        for process in self._running:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()

    def answer_of(self, *command: str) -> str:
        """Start a program, and return its first line."""
        process = self._popen(command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        with process.stdout as lines:
            return lines.readline().strip()

    def start(self, *command: str) -> None:
        self._popen(command, stdout=subprocess.DEVNULL)

    def _popen(self, command: Sequence[str], *, stdout: int) -> subprocess.Popen[str]:
        process = subprocess.Popen(command, env=self.env, stdout=stdout, stderr=subprocess.DEVNULL, text=True)
        self._running.append(process)
        return process
