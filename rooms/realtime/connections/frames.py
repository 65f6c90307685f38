"""Events joined into one WebSocket frame, which is made once for all the sockets that it goes to."""

import struct
from collections.abc import Callable
from functools import cached_property
from typing import Protocol

from rooms.realtime.protocol import frame

# The ASGI extension of our own server (chatsite/server/frame_writer.py).
EXTENSION = "chatsite.frame_writer"
# RFC 6455 §5.2: the last frame of a message (FIN) whose payload is text.
FIN_TEXT = 0x81


class FrameWriter(Protocol):
    """What the extension gives for each socket; nothing of it waits."""

    # The extension calls it when a full transport takes frames again, and when the transport is gone.
    on_ready: Callable[[], None]

    def write(self, frame: bytes, /) -> bool:
        """Take a whole frame; return whether there is room for more now."""

    def write_and_ping(self, frame: bytes, /) -> bool:
        """``write``, and send a ping in the same packet: two packets would cost twice as much."""

    def untaken(self) -> int:
        """Return how many bytes the client has not taken, beyond those that the kernel keeps."""

    def abort(self) -> None:
        """Hang up at once, and forget what was not taken."""


class Frame:
    """Encoded events on their way: as ``text`` for an ASGI ``send``, as ``wire`` for the extension.

    A frame that ``pings`` goes with a ping if there is the extension; other servers ping at times of their own.
    """

    def __init__(self, events: list[str], *, pings: bool = False) -> None:
        self.events = events
        self.pings = pings

    @cached_property
    def text(self) -> str:
        return frame(self.events)

    @cached_property
    def wire(self) -> bytes:
        return text_frame(self.text.encode())


def text_frame(payload: bytes) -> bytes:
    """Return a server's frame, which is not masked, around UTF-8 text (RFC 6455 §5.2)."""
    length = len(payload)
    if length < 126:
        return bytes((FIN_TEXT, length)) + payload
    if length < 65_536:
        return struct.pack("!BBH", FIN_TEXT, 126, length) + payload
    return struct.pack("!BBQ", FIN_TEXT, 127, length) + payload
