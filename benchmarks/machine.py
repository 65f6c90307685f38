"""The machine: which cores serve and load, what a process has used, and what is missing for a run."""

import os
import platform
import resource
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from tests import servers

CORES = sorted(os.sched_getaffinity(0))
# Server and client each have a core of their own where there are two.
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]
PEERS_VENV = servers.PROJECT / "var" / "bench-venv"
# Debian's package of a program, and what cannot be measured without it.
NEEDS = {
    "cc": ("build-essential", "the load generator cannot be compiled"),
    "taskset": ("util-linux", "server and client would share their cores"),
    "wrk": ("wrk", "single requests over HTTP cannot be measured"),
    "redis-server": ("redis-server", "neither the tutorial's layers nor several processes can be measured"),
    "postgresql": ("postgresql", "several processes cannot be measured"),
}


def missing(*names: str) -> list[str]:
    """Return a sentence for each of these programs, or any that a run needs, that is not here."""
    return [
        f"There is no {name}: {loss}. On Debian and Ubuntu, install the package {package}."
        for name, (package, loss) in NEEDS.items()
        if (not names or name in names) and not servers.find(name)
    ]


def on_core(core: int, *command: str | Path) -> list[str | Path]:
    # A machine without taskset still gives counts and CPU time.
    pin = ["taskset", "-c", str(core)] if shutil.which("taskset") else []
    return [*pin, *command]


def let_open_many_files() -> None:
    """Ten thousand sockets are as many files; what is started from here inherits the limit."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def cpu_seconds(pid: int) -> float:
    """Return what a process and its children have used: to the nanosecond, threads that have ended included."""
    # The clock of another process (clock_getcpuclockid), which Python has no name for.
    total = time.clock_gettime((~pid << 3) | 2)
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        # One may end meanwhile, such as a connection of PostgreSQL's.
        with suppress(OSError):
            total += cpu_seconds(int(child))
    return total


def pid_of(server: servers.Server) -> int:
    assert server.process is not None
    return server.process.pid


def resident_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def description() -> dict[str, str]:
    """What stands beside results."""
    cpu = next(line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name"))
    return {
        "cpu": f"{len(CORES)} × {cpu.partition(':')[2].strip()}",
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "python": platform.python_version(),
        **{name: version(name) for name in ("django", "channels", "daphne", "channels-redis", "redis", "uvicorn")},
        **versions_of_peers("flask-socketio", "gevent"),
    }


def peers_python() -> Path:
    return PEERS_VENV / "bin" / "python"


def versions_of_peers(*names: str) -> dict[str, str]:
    if not peers_python().exists():
        return {}
    code = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
    found = subprocess.run([peers_python(), "-c", code, *names], check=True, capture_output=True, text=True)
    return dict(zip(names, found.stdout.split(), strict=True))


if __name__ == "__main__":
    sys.exit("\n".join(missing()))
