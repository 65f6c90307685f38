"""A room's log as a client has it: rows in the order of ``seq``, each once, without a gap, whatever brings them."""

from collections.abc import Iterable
from typing import NamedTuple

from chatsite_client.shapes import Message


class Cursor(NamedTuple):
    """Where a client goes on from: the last row that it has."""

    seq: int
    hash: str = ""


class Feed:
    """Takes rows in any order. Without a cursor it has none, and begins with the newest page (``reset``)."""

    def __init__(self, cursor: Cursor | None = None) -> None:
        self.cursor = cursor
        # Counts resets: an answer to a question from before one is about another log.
        self.age = 0
        self._ahead: dict[int, Message] = {}
        self._goal = 0

    def apply(self, rows: Iterable[Message]) -> list[Message]:
        """Take rows, and return those that are next: each once, in order. Those after a gap wait until it is filled."""
        if self.cursor is None:
            return []
        last = self.cursor.seq
        for row in rows:
            if row["seq"] > last:
                self._ahead[row["seq"]] = row
        following: list[Message] = []
        while row_or_none := self._ahead.pop(last + 1, None):
            following.append(row_or_none)
            last += 1
        if following:
            self.cursor = Cursor(last, following[-1]["hash"])
        if self._ahead:
            self.expect(max(self._ahead))
        return following

    def expect(self, seq: int) -> None:
        """The log has at least this row."""
        self._goal = max(self._goal, seq)

    @property
    def is_behind(self) -> bool:
        """Rows are missing: if they do not come by themselves, they have to be fetched."""
        return self.cursor is not None and self._goal > self.cursor.seq

    def reset(self, cursor: Cursor) -> None:
        """Forget everything and go on from here: the server's log is not the one that was known."""
        self.age += 1
        self._ahead.clear()
        self._goal = 0
        self.cursor = cursor
