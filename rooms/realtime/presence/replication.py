"""How far each other process's records have been read, and which to read next. Pure: it knows no network.

A process counts its writes (``rev``). After each write it sends a hint: the keys that it wrote and the ``rev``. Hints
may be lost, doubled or out of order: a hint that does not continue the one before makes everything be read. Once in a
while every process's ``rev`` and number of records are compared with what was read (``compare``), which finds what no
hint told of.
"""

from dataclasses import dataclass

from rooms.realtime.presence.occupants import PresenceKey


@dataclass(frozen=True, slots=True)
class Hint:
    """Which records to read: those written after the rev ``since`` and up to ``rev``; ``keys`` None means all."""

    since: int
    rev: int
    keys: frozenset[PresenceKey] | None

    def join(self, later: "Hint") -> "Hint":
        if self.keys is None or later.keys is None or later.since != self.rev:
            return READ_ALL
        return Hint(self.since, later.rev, self.keys | later.keys)


READ_ALL = Hint(0, 0, None)


@dataclass(frozen=True, slots=True)
class Read:
    """The next thing to read: these keys of a process, which bring it to ``rev``; ``keys`` None means all."""

    process: str
    keys: frozenset[PresenceKey] | None
    rev: int


class Replication:
    def __init__(self) -> None:
        # The rev up to which each process has been read.
        self._revs: dict[str, int] = {}
        self._hints: dict[str, Hint] = {}

    @property
    def is_behind(self) -> bool:
        return bool(self._hints)

    def processes(self) -> list[str]:
        return list(self._revs)

    def hint(self, process: str, hint: Hint) -> None:
        before = self._hints.get(process)
        self._hints[process] = before.join(hint) if before else hint

    def compare(self, process: str, *, rev: int | None, records: int, known: int) -> None:
        """Compare what a process has (None: nothing any more) with what was read and merged of it.

        More or fewer records than known mean a difference too: a late move or expulsion has removed a user here.
        """
        if rev != self._revs[process] or records != known:
            # A hint that waits is followed first; the next comparison sees whether that was all.
            self._hints.setdefault(process, READ_ALL)

    def discover(self, processes: set[str]) -> None:
        """Read everything of processes that are not known yet."""
        for process in processes - self._revs.keys():
            self._hints.setdefault(process, READ_ALL)

    def next_read(self) -> Read | None:
        """Take one hint; return what to read for it, or None if that has been read already."""
        process, hint = self._hints.popitem()
        rev = self._revs.get(process)
        if hint.keys is None or rev is None or rev < hint.since:
            return Read(process, None, 0)
        return Read(process, hint.keys, hint.rev) if rev < hint.rev else None

    def read_up_to(self, process: str, rev: int) -> None:
        """Note that all that the process wrote up to ``rev`` has been merged."""
        self._revs[process] = rev

    def lose(self, process: str) -> None:
        """Forget a process that has no records any more."""
        self._revs.pop(process, None)
