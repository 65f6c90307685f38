"""Archives that are made while they are fetched: nothing of them is kept, whatever they hold.

The standard library's ZipFile makes them; only where it writes to is ours.
"""

from collections.abc import Iterable, Iterator
from typing import IO, cast
from zipfile import ZipFile, ZipInfo

from django.utils import timezone

# The name of a file in the archive, and its bytes.
Member = tuple[str, Iterable[bytes]]


class Sink:
    """Takes what a ZipFile writes, for somebody else to take it from here."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._written.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        written, self._written = b"".join(self._written), []
        return written


def zipped(members: Iterable[Member]) -> Iterator[bytes]:
    """Yield an archive, piece by piece. It is not compressed: what is large in it is so already."""
    sink, now = Sink(), timezone.now().timetuple()[:6]
    # A file that can only be written to is enough for it, whatever its type says.
    with ZipFile(cast("IO[bytes]", sink), "w") as archive:
        for name, pieces in members:
            with archive.open(ZipInfo(name, now), "w", force_zip64=True) as member:
                for piece in pieces:
                    member.write(piece)
                    yield sink.take()
    yield sink.take()
