"""Tells systemd how a process is: ready, alive, about to stop. It kills and starts anew what has stopped saying so.

systemd's own protocol, sd_notify(3): a datagram to the socket named in NOTIFY_SOCKET. Ours, because the library that
speaks it for Python (systemd-python) has to be compiled against libsystemd, for what is one call.
"""

import logging
import os
import socket
from collections.abc import Callable

logger = logging.getLogger(__name__)


def notify(state: str) -> None:
    """Send ``READY=1``, ``WATCHDOG=1`` or ``STOPPING=1`` to whoever started this process, if it wants to know."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
            # Without waiting, which would hold up every request: what cannot be sent now is sent again soon.
            line.setblocking(False)
            # A leading @ stands for the zero byte of Linux's abstract sockets.
            line.sendto(state.encode(), f"\0{address[1:]}" if address.startswith("@") else address)
    except OSError as error:
        logger.warning("systemd could not be told %s: %s.", state, error)


def interval() -> float | None:
    """Return how many seconds systemd waits for a sign of this process at most, or None if it does not watch it."""
    try:
        meant, seconds = int(os.environ.get("WATCHDOG_PID") or os.getpid()), int(os.environ["WATCHDOG_USEC"]) / 1e6
    except (KeyError, ValueError):
        return None
    # Inherited from a process that was watched itself.
    return seconds if seconds > 0 and meant == os.getpid() else None


def feed_from(call_later: Callable[[float, Callable[[], None]], object]) -> None:
    """Say ``WATCHDOG=1`` from the event loop, and from nowhere else: silence means that it hangs."""
    seconds = interval()
    if seconds is None:
        return

    def feed() -> None:
        notify("WATCHDOG=1")
        # Three times as often as necessary: the loop may be late, and a datagram may be lost.
        call_later(seconds / 3, feed)

    feed()
