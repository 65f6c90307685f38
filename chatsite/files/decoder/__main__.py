"""The process itself: it is sent one picture after the other, and ends when its pipe does."""

import os
import sys
from typing import IO

from chatsite.files.decoder import pipe
from chatsite.files.decoder.confinement import confine, start_clock, stop_clock
from chatsite.files.decoder.images import KINDS, BombError, Drawn, TooLargeError


def main(memory: int, cpu_seconds: float, wall_seconds: float, file_bytes: int) -> None:
    coming, going = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # A library may print to stdout, which must not mix with the answers.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    confine(memory=memory)
    pipe.write(going, {"ready": True})
    while True:
        try:
            kind = pipe.read_json(coming)["kind"]
            data = pipe.read(coming, file_bytes)
        except EOFError:
            return
        start_clock(cpu_seconds=cpu_seconds, wall_seconds=wall_seconds)
        answer, blobs = drawn(kind, data)
        del data
        answer_with(going, answer, blobs)
        stop_clock()


def drawn(kind: str, data: bytes) -> Drawn:
    try:
        return KINDS[kind](data)
    except BombError:
        return {"problem": "bomb"}, []
    except TooLargeError:
        return {"problem": "large"}, []
    except Exception as error:
        # A decoder may raise anything at a crafted file.
        return {"problem": "broken", "why": repr(error)[:200]}, []


def answer_with(going: IO[bytes], answer: dict[str, object], blobs: list[bytes]) -> None:
    try:
        pipe.write(going, {**answer, "blobs": len(blobs)}, *blobs)
    except BrokenPipeError:
        # The parent has ended.
        os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
