"""``bin/chatsite upgrade``, ``rollback`` and ``restart``: the site's processes one after the other, as root.

A version is a folder of its own with its own libraries, in ``/opt/chatsite-versions``; ``/opt/chatsite`` is a link to
the one that serves. So the version before stays whole beside it, and what still runs of it finds its own files.
It needs nothing but Python: the settings are for the commands that it has bin/chatsite run.
"""

import argparse
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

from chatsite import ready
from chatsite.ops import installed_files

# Where things are on a server. Another program than systemctl takes its words: list-units, restart, start and stop.
LINK = Path(os.environ.get("CHATSITE_HOME", "/opt/chatsite"))
VERSIONS = LINK.with_name(f"{LINK.name}-versions")
SOCKETS = Path(os.environ.get("CHATSITE_SOCKETS", "/run/chatsite"))
SYSTEMCTL = os.environ.get("CHATSITE_SYSTEMCTL", "systemctl")
# Seconds until a process that was started has to be ready, and in which its clients settle before the next one goes.
READY_SECONDS = float(os.environ.get("CHATSITE_READY_SECONDS", "60"))
SETTLE_SECONDS = 4.0
# What was done last, for rollback.
STATE = "last.json"
NEVER_COPIED = shutil.ignore_patterns(".venv*", ".git", "var", "__pycache__", "*.log")


class CannotUpgradeError(Exception):
    """Says what has not been done, and what to do."""


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="bin/chatsite", description="The site's processes, one after the other.")
    commands = parser.add_subparsers(dest="command", required=True)
    upgrade = commands.add_parser("upgrade", help="Go to a new version, and back at the first process that fails.")
    upgrade.add_argument("version", help="a tag or branch of the code's repository, or a folder with the new version")
    upgrade.add_argument("--stop", action="store_true", help="Stop all processes for migrations that need it.")
    upgrade.add_argument(
        "--read-only", action="store_true", help="Let nobody write from the backup on until the new version serves."
    )
    upgrade.add_argument("--replace", action="store_true", help="Replace units and nginx's files by the new ones.")
    upgrade.add_argument("--no-backup", action="store_true", help="There is one, or nothing to lose.")
    commands.add_parser("rollback", help="Go back to the version before.")
    commands.add_parser("restart", help="Restart each process once the one before is ready.")
    options = parser.parse_args(arguments)
    # What root makes here, the site's user reads.
    os.umask(0o022)
    try:
        with alone():
            if options.command == "upgrade":
                Upgrade(options).run()
            elif options.command == "rollback":
                roll_back()
            else:
                require_all_ready()
                restart_all()
    except (CannotUpgradeError, OSError) as problem:
        sys.exit(str(problem))


@contextmanager
def alone() -> Iterator[None]:
    if os.geteuid() != 0 and SYSTEMCTL == "systemctl":
        raise CannotUpgradeError("This is for root: sudo bin/chatsite …")
    if not LINK.is_symlink():
        raise CannotUpgradeError(
            f"{LINK} is no link to a version, so there could be no way back. Make it one: mkdir -p {VERSIONS} && "
            f"mv {LINK} {VERSIONS}/first && ln -s {VERSIONS}/first {LINK}"
        )
    VERSIONS.mkdir(exist_ok=True)
    with (VERSIONS / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotUpgradeError("Another upgrade, rollback or restart is running: wait until it ends.") from None
        yield


# --- To a new version ------------------------------------------------------------------------------------------------


class Upgrade:
    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.old = LINK.resolve()

    def run(self) -> None:
        """Change nothing that serves until the new version has its libraries and is known to fit."""
        require_all_ready()
        new = self.fetch()
        say(f"The new version is in {new}; its libraries:")
        call(new / "bin" / "venv", "requirements.txt")
        manage(new, "check")
        breaking = self.breaking_migrations(new)
        with self.read_only() if self.options.read_only else nullcontext():
            self.bring_up(new, breaking)
        (VERSIONS / STATE).write_text(json.dumps({"before": str(self.old), "now": str(new), "breaking": breaking}))
        say(f"All processes run {new.name}. {self.old.name} stays for `bin/chatsite rollback`.")

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Keep what is written from coming after the backup: people read meanwhile, and what they write waits."""
        manage(self.old, "readonly", "on")
        try:
            yield
        finally:
            try:
                manage(LINK.resolve(), "readonly", "off")
            except CannotUpgradeError:
                say("The site stays read-only: bin/chatsite readonly off ends it.")

    def bring_up(self, new: Path, breaking: list[str]) -> None:
        if not self.options.no_backup:
            manage(self.old, "backup")
        if breaking:
            supervise("stop", *units())
        try:
            manage(new, "migrate", "--noinput")
            manage(new, "createcachetable")
            manage(new, "collectstatic", "--noinput", "-v0")
            installed_files.compare(self.old, new, replace=self.options.replace, systemctl=SYSTEMCTL)
        except (CannotUpgradeError, OSError):
            # What serves has not changed; tables may have, on which it can run unless it was stopped for them.
            if breaking:
                raise CannotUpgradeError(
                    f"The migrations of {new} did not all pass, and the processes stay stopped: mend the cause and "
                    "upgrade once more, or restore the backup and start them again."
                ) from None
            raise
        lead_to(new)
        self.start(new, breaking=breaking)

    def fetch(self) -> Path:
        """Copy the new version, or clone its tag, into a new folder, and return that."""
        given = Path(self.options.version)
        name = f"{given.name}-{datetime.now(UTC):%Y%m%dT%H%M%S}"
        target = VERSIONS / name
        if (given / "manage.py").is_file():
            shutil.copytree(given, target, ignore=NEVER_COPIED)
            return target
        origin = call("git", "-C", self.old, "remote", "get-url", "origin", quiet=True).strip()
        call("git", "clone", "--quiet", "--branch", self.options.version, "--", origin, target)
        return target

    def breaking_migrations(self, new: Path) -> list[str]:
        """Return the waiting migrations on whose tables the old code cannot run; refuse them unless told to stop it."""
        names = manage(new, "breaking_migrations", quiet=True).split()
        if names and not self.options.stop:
            raise CannotUpgradeError(
                f"The version that serves cannot run on the tables of {', '.join(names)}. Nothing was changed. Give "
                "--stop to have all processes stopped meanwhile; the way back is then the backup."
            )
        return names

    def start(self, new: Path, *, breaking: list[str]) -> None:
        """Start all processes with the new version; if one does not get ready, go back to the old one if possible."""
        try:
            if breaking:
                supervise("start", *units())
                require_all_ready(READY_SECONDS)
            else:
                restart_all()
        except CannotUpgradeError as problem:
            if breaking:
                raise
            # First: a process of the old version that happens to be started anew must not get the new one.
            lead_to(self.old)
            manage(self.old, "collectstatic", "--noinput", "-v0")
            raise CannotUpgradeError(f"{problem} {restart_what_fails()} {new} is not used; its log says why.") from None


def restart_what_fails() -> str:
    """Bring those processes back that are not ready, now that the link leads to the version before."""
    back = []
    for number in numbers():
        if not ready.ask(str(SOCKETS / f"{number}.sock"))[0]:
            restart(number)
            back.append(number)
    return f"Back on the version before: {', '.join(f'chatsite@{number}' for number in back) or 'none was away'}."


def roll_back() -> None:
    try:
        state = json.loads((VERSIONS / STATE).read_text())
    except FileNotFoundError:
        raise CannotUpgradeError("There was no upgrade, so there is no version to go back to.") from None
    before, now = Path(state["before"]), Path(state["now"])
    if LINK.resolve() != now:
        raise CannotUpgradeError(
            f"{LINK} does not lead to {now}, which was installed last: it was rolled back, or moved."
        )
    if state["breaking"]:
        raise CannotUpgradeError(
            f"{before.name} cannot run on the tables of {', '.join(state['breaking'])}. Stop all processes, then "
            f"ln -sfn {before} {LINK} and bin/chatsite restore the backup that the upgrade took, and start them."
        )
    manage(before, "collectstatic", "--noinput", "-v0")
    lead_to(before)
    restart_all()
    (VERSIONS / STATE).unlink()
    say(f"All processes run {before.name}.")


def lead_to(version: Path) -> None:
    """Have the link lead there, at one moment: a process that starts finds the one or the other."""
    draft = LINK.with_name(f".{LINK.name}.new")
    draft.unlink(missing_ok=True)
    draft.symlink_to(version)
    draft.replace(LINK)


# --- One process after the other -------------------------------------------------------------------------------------


def numbers() -> list[str]:
    """Return what the processes are called, also those that are stopped: such a one has no socket."""
    told = call(SYSTEMCTL, "list-units", "--all", "--plain", "--no-legend", "chatsite@*.service", quiet=True)
    return sorted(set(re.findall(r"^chatsite@(\d+)\b", told, re.MULTILINE)), key=int)


def units() -> list[str]:
    return [f"chatsite@{number}" for number in numbers()]


def require_all_ready(seconds: float = 0) -> None:
    if not numbers():
        raise CannotUpgradeError("There is no process: systemctl enable --now chatsite@1 chatsite@2 makes two.")
    for number in numbers():
        wait_for(number, seconds)


def restart_all() -> None:
    for index, number in enumerate(numbers()):
        if index:
            time.sleep(SETTLE_SECONDS)
        restart(number)


def restart(number: str) -> None:
    """Restart one process and wait until it is ready; where it is not, no other is touched."""
    try:
        supervise("restart", f"chatsite@{number}")
    except CannotUpgradeError:
        raise CannotUpgradeError(f"chatsite@{number} does not start, and the others were left alone.") from None
    wait_for(number, READY_SECONDS)
    say(f"chatsite@{number} is ready.")


def wait_for(number: str, seconds: float) -> None:
    """Wait until a process is ready; raise ``CannotUpgradeError`` where it is not within so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        is_ready, words = ready.ask(str(SOCKETS / f"{number}.sock"))
        if is_ready:
            return
        if time.monotonic() >= deadline:
            raise CannotUpgradeError(f"chatsite@{number} is not ready, and the others were left alone: {words.strip()}")
        time.sleep(ready.AGAIN)


# --- Programs --------------------------------------------------------------------------------------------------------


def supervise(word: str, *names: str) -> None:
    call(SYSTEMCTL, word, *names)


def manage(version: Path, *arguments: str, quiet: bool = False) -> str:
    say(f"{version.name}: {' '.join(arguments)}")
    return call(version / "bin" / "chatsite", *arguments, quiet=quiet)


def call(*command: str | Path, quiet: bool = False) -> str:
    """Run a command to its end, without a time limit; return what it printed, if ``quiet``, or raise."""
    done = subprocess.run(
        [str(part) for part in command], cwd="/", stdin=subprocess.DEVNULL, check=False, text=True,
        stdout=subprocess.PIPE if quiet else None,
    )  # fmt: skip
    if done.returncode:
        raise CannotUpgradeError(f"This failed, and nothing after it was done: {' '.join(map(str, command))}")
    return done.stdout or ""


def say(sentence: str) -> None:
    print(sentence, flush=True)
