"""A server, whichever: it is started, stopped, killed, paused and started again."""

import os
import random
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.servers.forked import Fork, Forks

PROJECT = Path(__file__).resolve().parent.parent.parent
HOST = "127.0.0.1"
# Below the ports that Linux gives to outgoing connections, one of which could take ours while its server restarts.
PORTS = range(20_000, 32_000)
# Far more than it takes; a busy machine is no reason to fail.
START_SECONDS = 90
STOP_SECONDS = 40

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # A shell's background jobs ignore it, and so would every server that is started here, which is stopped by it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def free_port() -> int:
    for port in random.sample(PORTS, 100):
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)):
                return port
    raise RuntimeError("No port is free.")


Process = subprocess.Popen[bytes] | Fork


def launch(
    command: Sequence[str], *, project: Path = PROJECT, env: Mapping[str, str], out: IO[bytes], err: IO[bytes],
    user: str | None = None,
) -> Process:  # fmt: skip
    """Start a program with nothing to read; fork it where that is the same."""
    if Forks.current and not user and Forks.current.can_run(command, project, env):
        return Forks.current.run(command, env, out.fileno(), err.fileno())
    return subprocess.Popen(
        command, cwd=project, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
        user=user, extra_groups=[] if user else None,
    )  # fmt: skip


def run(command: Sequence[str], *, project: Path = PROJECT, env: Mapping[str, str]) -> str:
    """Run a program and return what it prints; a failure shows its errors as well."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        code = launch(command, project=project, env=env, out=out, err=err).wait()
        out.seek(0)
        err.seek(0)
        printed, errors = out.read().decode(), err.read().decode()
    assert code == 0, f"{command}: {printed}{errors}"
    return printed


class Server:
    """A program that listens on a port of its own and writes its log to a file."""

    running: "set[Server]" = set()
    # Where it runs: the code that it serves.
    project = PROJECT

    def __init__(
        self, command: Sequence[str | Path], *, port: int, folder: Path, env: Mapping[str, str] | None = None,
        user: str | None = None,
    ) -> None:  # fmt: skip
        self.command = [str(part) for part in command]
        self.port = port
        self.folder = folder
        self.env = dict(os.environ if env is None else env)
        self.user = user
        self.log_file = folder / f"{port}.log"
        self.process: Process | None = None

    def start(self) -> None:
        with self.log_file.open("ab") as log:
            self.process = launch(self.command, project=self.project, env=self.env, out=log, err=log, user=self.user)
        Server.running.add(self)
        wait_until(lambda: self.is_ready() or self.has_ended(), START_SECONDS)
        if self.has_ended():
            raise RuntimeError(f"{self.command} ended at once:\n{self.log()}")

    def is_ready(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0

    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        """Ask the server to end and return its exit code."""
        if self.process is None:
            return 0
        if not self.has_ended():
            self.process.send_signal(with_signal)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            Server.running.discard(self)

    def kill(self) -> None:
        """End the server as a crash or a power cut would."""
        self.stop(signal.SIGKILL)

    def pause(self) -> None:
        """Let the server hang: it keeps its connections and answers nothing."""
        assert self.process
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGCONT)

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")[-20_000:] if self.log_file.exists() else ""


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Waited {seconds} seconds in vain.")
        time.sleep(0.03)


@contextmanager
def temporary_folder(name: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=f"chatsite-{name}-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
