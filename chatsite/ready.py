"""``python -m chatsite.ready /run/chatsite/1.sock``: asks one process, by its socket or port, whether it is ready.

Ends with 0 where it is. ``--wait 30`` asks for so many seconds until it is. For systemd, containers and scripts: it
needs nothing but Python, and SITE_URL for the name by which the site answers, from the environment or the site's file.
"""

import argparse
import http.client
import os
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from chatsite.config import environment_file

# Seconds for one answer, and between two questions.
TIMEOUT = 5.0
AGAIN = 0.2


class Connection(http.client.HTTPConnection):
    """To a port of this machine, or to a socket in its file system."""

    def __init__(self, address: str) -> None:
        super().__init__("127.0.0.1", int(address) if address.isdigit() else 0, timeout=TIMEOUT)
        self.path = "" if address.isdigit() else address

    def connect(self) -> None:
        if not self.path:
            super().connect()
            return
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def ask(address: str) -> tuple[bool, str]:
    """Return whether the process is ready, and what it says."""
    connection = Connection(address)
    # As the proxy would ask: a public site redirects what did not come encrypted.
    headers = {"Host": urlsplit(site_url()).netloc or "127.0.0.1", "X-Forwarded-Proto": "https"}
    try:
        connection.request("GET", "/readyz", headers=headers)
        answer = connection.getresponse()
        if answer.headers.get_content_type() != "application/json":
            return False, (
                f"{address} answers {answer.status}, as it does to another host than its own: set SITE_URL to the "
                "site's address, as its process has it."
            )
        return answer.status == http.client.OK, answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return False, f"There is no answer at {address}: {error}."
    finally:
        connection.close()


def site_url() -> str:
    if given := os.environ.get("SITE_URL"):
        return given
    try:
        return environment_file.read(Path(environment_file.PATH)).get("SITE_URL", "")
    except (OSError, environment_file.WrongFileError):
        # No site of this machine, or not for this user to read.
        return ""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m chatsite.ready", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("address", help="the path of its socket, or its port on this machine")
    parser.add_argument("--wait", type=float, default=0, metavar="SECONDS")
    options = parser.parse_args(arguments)
    deadline = time.monotonic() + options.wait
    is_ready, words = ask(options.address)
    while not is_ready and time.monotonic() < deadline:
        time.sleep(AGAIN)
        is_ready, words = ask(options.address)
    print(words, file=sys.stdout if is_ready else sys.stderr)
    return 0 if is_ready else 1


if __name__ == "__main__":
    sys.exit(main())
