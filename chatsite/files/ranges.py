"""The part of a file that a request asks for (RFC 9110: Range, If-Range, If-None-Match).

Ours, because Django's FileResponse answers no Range, without which no player can seek.
"""

import re
from dataclasses import dataclass

# One range. No player or download asks for several, and the whole file is a valid answer to that.
RANGE = re.compile(r"bytes=\s*([0-9]*)-([0-9]*)\s*", re.ASCII)
# More digits than any file has bytes.
DIGITS = 18


class UnsatisfiableError(Exception):
    """The file has no such part."""


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes from ``start`` to before ``stop`` of a file of ``size``."""

    start: int
    stop: int
    size: int

    @property
    def content_range(self) -> str:
        return f"bytes {self.start}-{self.stop - 1}/{self.size}"


def asked_for(header: str | None, size: int) -> Part | None:
    """Return the part that a Range header asks for; None: the whole. Raise where the file has no such part."""
    found = RANGE.fullmatch(header or "")
    if not found or max(map(len, found.groups())) > DIGITS or not (found[1] or found[2]):
        # A header that cannot be understood is ignored.
        return None
    if not found[1]:
        start, stop = max(size - int(found[2]), 0), size
    else:
        start, stop = int(found[1]), min(int(found[2]) + 1, size) if found[2] else size
        if found[2] and int(found[2]) < start:
            return None
    if start >= stop:
        raise UnsatisfiableError
    return Part(start, stop, size)


def is_known(if_none_match: str | None, etag: str) -> bool:
    """Return whether the caller has this very file already (If-None-Match)."""
    known = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return etag in known or "*" in known


def still_holds(if_range: str | None, etag: str) -> bool:
    """Return whether the part may be sent: If-Range names this very file, or there is none."""
    return if_range is None or if_range.strip() == etag
