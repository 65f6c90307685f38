"""Limits the memory and time of this process. Where the system has no limits (macOS), the parent's clock ends it."""

import resource
import signal
from contextlib import suppress
from pathlib import Path


def confine(*, memory: int) -> None:
    # It ends when its pipe does. A Ctrl-C or the stop of a service goes to it as well, and it may be needed until the
    # parent has finished what it does.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    limits = {
        resource.RLIMIT_AS: memory,
        # It writes no files, and leaves no image of its memory.
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    with suppress(OSError):
        # Where the machine runs short of memory, this goes first, and not the database.
        Path("/proc/self/oom_score_adj").write_text("1000")
    for limit, most in limits.items():
        with suppress(OSError, ValueError):
            resource.setrlimit(limit, (most, most))


def start_clock(*, cpu_seconds: float, wall_seconds: float) -> None:
    """End this process when one picture takes longer; not even a decoder that loops in C keeps the signal off."""
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    signal.setitimer(signal.ITIMER_REAL, wall_seconds)


def stop_clock() -> None:
    start_clock(cpu_seconds=0, wall_seconds=0)
