"""How the two processes speak: JSON and bytes, each with its length before it."""

import json
import struct
from typing import IO, Any

LENGTH = struct.Struct(">Q")
# Bytes of JSON, on either side.
JSON_MAX = 4096


def write(pipe: IO[bytes], message: dict[str, Any], *blobs: bytes) -> None:
    """Write a message and its bytes; waits while the pipe is full, and raises ``OSError`` once it is closed."""
    for part in (json.dumps(message).encode(), *blobs):
        pipe.write(LENGTH.pack(len(part)))
        pipe.write(part)
    pipe.flush()


def read_json(pipe: IO[bytes]) -> Any:
    return json.loads(read(pipe, JSON_MAX))


def read(pipe: IO[bytes], most: int) -> bytes:
    """Read one part; raise ``EOFError`` where the other side has ended, ``ValueError`` for more than ``most`` bytes."""
    (length,) = LENGTH.unpack(exactly(pipe, LENGTH.size))
    if length > most:
        raise ValueError(f"{length} bytes, and {most} are allowed")
    return exactly(pipe, length)


def exactly(pipe: IO[bytes], length: int) -> bytes:
    data = pipe.read(length)
    if len(data) < length:
        raise EOFError
    return data
