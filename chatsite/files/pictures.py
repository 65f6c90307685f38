"""Pictures made anew from people's pictures: what is shown holds pixels and nothing else.

Where a picture was taken, by whom and with what, and whatever a crafted file smuggles, stays behind. They are decoded
in a process of their own (decoder_process.py), which decides by their size first (decoder/images.py has the bounds).
"""

import atexit
import hashlib
import logging
import os
from collections.abc import Hashable
from dataclasses import dataclass
from typing import IO

from chatsite.files.decoder_process import Answer, BusyError, Decoder, FailedError

__all__ = ["BusyError", "NoPictureError", "PictureTooLargeError", "Shown", "portrait", "shown"]

logger = logging.getLogger(__name__)

# Seconds after which a slot may be free again for somebody who found none.
RETRY_AFTER = 5

decoder = Decoder()
atexit.register(decoder.end)


def _forget_after_fork() -> None:
    """After a fork, start a decoder of its own: two processes may not write to one pipe."""
    global decoder  # noqa: PLW0603 (there is one for each process)
    decoder = Decoder()


os.register_at_fork(after_in_child=_forget_after_fork)


class PictureTooLargeError(Exception):
    """The picture has too many pixels: a decompression bomb, or as good as one."""


class NoPictureError(Exception):
    """The file is no picture that can be shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What pages show of a picture: both are WebP, upright and in the colours of screens."""

    mime: str
    width: int
    height: int
    view: bytes
    thumbnail: bytes


def shown(file: IO[bytes], *, size: int, whose: Hashable) -> Shown:
    """Return what pages show of a file of ``size`` bytes; a large picture that costs too much is not shown."""
    answer, blobs = ask("shown", file, size=size, whose=whose)
    if answer.get("problem") == "bomb":
        raise PictureTooLargeError
    if "problem" in answer:
        raise NoPictureError
    view, thumbnail = blobs
    return Shown(str(answer["mime"]), int(answer["width"]), int(answer["height"]), view, thumbnail)


def portrait(file: IO[bytes], *, whose: Hashable) -> bytes:
    """Return the middle of a picture as a small square."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    answer, blobs = ask("portrait", file, size=size, whose=whose)
    if answer.get("problem") in {"bomb", "large"}:
        raise PictureTooLargeError
    if "problem" in answer:
        raise NoPictureError
    return blobs[0]


def ask(kind: str, file: IO[bytes], *, size: int, whose: Hashable) -> Answer:
    """Have a picture decoded, and wait for it; after ``BusyError`` the same picture may succeed in a moment."""
    try:
        answer = decoder.ask(kind, file, size=size, whose=whose)
    except FailedError as failure:
        logger.info("A picture could not be decoded: %s", failure)
        raise NoPictureError from failure
    if "problem" in answer[0]:
        logger.info("A picture could not be decoded: %s", answer[0])
    return answer


def digest_of(picture: bytes) -> str:
    """Return the short name by which a browser knows that it has this picture already."""
    return hashlib.sha256(picture).hexdigest()[:16]
