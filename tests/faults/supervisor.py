"""In the place of systemctl: starts, stops and restarts ``chatsite@N``, each the version that CHATSITE_HOME has.

Called as ``python supervisor.py restart chatsite@1``; the processes' environment is its own. It notes each call in
``calls`` of CHATSITE_SOCKETS, and each process's id beside its socket.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

HOME, SOCKETS = Path(os.environ.get("CHATSITE_HOME", "")), Path(os.environ.get("CHATSITE_SOCKETS", ""))
# Seconds, as in the unit.
STOP_SECONDS = 15


def start(number: str) -> None:
    home = HOME.resolve()
    command = [str(HOME / ".venv" / "bin" / "python"), "-m", "chatsite.serve", "--proxy-headers"]
    command += ["-u", str(SOCKETS / f"{number}.sock"), "chatsite.asgi:application"]
    with (SOCKETS / f"{number}.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=home, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    (SOCKETS / f"{number}.pid").write_text(str(process.pid))


def stop(number: str) -> None:
    note = SOCKETS / f"{number}.pid"
    if not note.exists():
        return
    process = int(note.read_text())
    deadline = time.monotonic() + STOP_SECONDS
    if is_alive(process):
        os.kill(process, signal.SIGTERM)
    while is_alive(process):
        if time.monotonic() > deadline:
            os.kill(process, signal.SIGKILL)
        time.sleep(0.05)
    note.unlink()


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def main(word: str, *units: str) -> None:
    if word == "list-units":
        print("chatsite@1.service loaded active running\nchatsite@2.service loaded active running")
        return
    with (SOCKETS / "calls").open("a") as calls:
        calls.write(f"{' '.join((word, *units))}\n")
    for unit in units:
        number = unit.partition("@")[2]
        if word in {"stop", "restart"}:
            stop(number)
        if word in {"start", "restart"}:
            start(number)


if __name__ == "__main__":
    main(*sys.argv[1:])
