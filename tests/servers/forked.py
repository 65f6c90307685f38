"""Python programs that are forked from a process with the site's libraries (``tests.forks``).

Loading those takes a second of a processor, and the tests start some hundred servers. Benchmarks, which weigh whole
processes, start theirs in full: only ``tests/conftest.py`` makes a ``Forks``.
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

PR_SET_CHILD_SUBREAPER = 36


class Fork:
    """What tests need of ``subprocess.Popen``."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        with self._lock:
            if self.returncode is None:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float = float("inf")) -> int:
        """Return the exit code; raise ``subprocess.TimeoutExpired`` after so many seconds."""
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(f"fork {self.pid}", timeout)
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Forks:
    """The process that forks, started at the first request."""

    current: "ClassVar[Forks | None]" = None

    def __init__(self, project: Path) -> None:
        self.project = project
        self.line, self.theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def can_run(self, command: Sequence[str], project: Path, env: Mapping[str, str]) -> bool:
        """Whether a fork does the same as this command. What PYTHON… variables say is read as Python starts only."""
        names = {name for name in (*env, *os.environ) if name.startswith("PYTHON")}
        as_here = project == self.project and all(env.get(name) == os.environ.get(name) for name in names)
        return as_here and command[:2] == [sys.executable, "-m"]

    def run(self, command: Sequence[str], env: Mapping[str, str], out: int, err: int) -> Fork:
        with self._lock:
            self.process = self.process or self._start()
            request = json.dumps({"command": command[2:], "env": dict(env)})
            socket.send_fds(self.line, [request.encode()], [out, err])
            return Fork(int.from_bytes(self.line.recv(4), "big"))

    def _start(self) -> subprocess.Popen[bytes]:
        # A fork's own parent ends at once; then the kernel makes it a child of this process.
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        theirs = self.theirs.fileno()
        command = [sys.executable, "-m", "tests.forks", str(theirs)]
        return subprocess.Popen(command, cwd=self.project, stdin=subprocess.DEVNULL, pass_fds=[theirs])

    def stop(self) -> None:
        self.line.close()
        self.theirs.close()
        if self.process:
            self.process.wait()
