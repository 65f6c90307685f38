"""Words on their way, kept on disk until the site has them: no lost line, and no closed terminal, loses one."""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from uuid import uuid4

# Words that were left for longer than this are not sent without their author. Seconds.
STALE = 12 * 60 * 60


@dataclass(frozen=True)
class Entry:
    """A message that the site may not have yet. ``at``: microseconds since 1970, and its place in the order."""

    client_id: str
    room: str
    body: str
    at: int
    attachment: str | None = None
    # Why the site does not take it; "": nothing is known against it.
    refusal: str = ""

    @property
    def is_stale(self) -> bool:
        return time.time() - self.at / 1e6 > STALE


class Outbox:
    """The unsent words of one account in a folder. ``with Outbox(folder) as outbox``.

    Each program that is open has a folder of its own in it, locked while it lives. Whoever opens the outbox takes over
    what programs that are gone have left: so words go out once, in order, however many terminals are open.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock: IO[str] | None = None
        self._own = folder / f"{time.time_ns()}-{uuid4().hex[:8]}"
        self._entries: dict[str, Entry] = {}
        self._last_at = 0

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        own_lock = _locked(self._own.with_suffix(".lock"))
        assert own_lock  # a name that nobody else has
        self._lock = own_lock
        self._own.mkdir(mode=0o700)
        self._adopt()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # there are unsent words in it
            self._own.rmdir()
            self._own.with_suffix(".lock").unlink()
        if self._lock:
            self._lock.close()

    @property
    def entries(self) -> list[Entry]:
        """In the order in which they were written."""
        return sorted(self._entries.values(), key=lambda entry: entry.at)

    def add(self, room: str, body: str, *, attachment: str | None = None) -> Entry:
        """Keep a message; it is on the disk when this returns. Raises OSError where the disk cannot take it."""
        # Two of one microsecond keep their order.
        self._last_at = max(time.time_ns() // 1000, self._last_at + 1)
        entry = Entry(uuid4().hex, room, body, self._last_at, attachment)
        self._write(entry)
        return entry

    def refuse(self, entry: Entry, why: str) -> Entry:
        """Note why the site does not take it. It stays until its author says what to do."""
        refused = replace(entry, refusal=why)
        self._write(refused)
        return refused

    def retry(self, entry: Entry) -> Entry:
        """Send it again, as if it had been written now."""
        fresh = replace(entry, refusal="", at=max(time.time_ns() // 1000, self._last_at + 1))
        self.remove(entry)
        self._write(fresh)
        return fresh

    def remove(self, entry: Entry) -> None:
        """The site has it, or its author has thrown it away."""
        self._entries.pop(entry.client_id, None)
        self._path(entry).unlink(missing_ok=True)

    def _write(self, entry: Entry) -> None:
        path = self._path(entry)
        fresh = path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(asdict(entry), file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        _sync_folder(path.parent)
        self._entries[entry.client_id] = entry

    def _path(self, entry: Entry) -> Path:
        return self._own / f"{entry.at:020}-{entry.client_id}.json"

    def _adopt(self) -> None:
        for folder in sorted(path for path in self._folder.iterdir() if path.is_dir() and path != self._own):
            lock_path = folder.with_suffix(".lock")
            lock = _locked(lock_path)
            if lock is None:
                continue  # its program is still open
            with lock:
                for path, entry in _read(folder):
                    self._entries[entry.client_id] = entry
                    path.replace(self._path(entry))
                with suppress(OSError):
                    folder.rmdir()
                    lock_path.unlink()
        self._last_at = max((entry.at for entry in self._entries.values()), default=0)


def _read(folder: Path) -> Iterator[tuple[Path, Entry]]:
    for path in sorted(folder.glob("*.json")):
        # One that cannot be read stays where it is, for its author to look at.
        with suppress(ValueError, TypeError):
            yield path, Entry(**json.loads(path.read_text(encoding="utf-8")))


def _locked(path: Path) -> IO[str] | None:
    """Return the open file with a lock on it, which ends with the program; None: another one has it."""
    file = path.open("a+", encoding="utf-8")
    try:
        if sys.platform == "win32":
            import msvcrt  # only Windows has it

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # Windows does not have it

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def _sync_folder(folder: Path) -> None:
    if sys.platform != "win32":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
