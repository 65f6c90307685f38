"""The extension's writer: whole frames, in order, and back-pressure, whatever the kernel takes."""

import socket
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from chatsite.server.frame_writer import EXTENSION, UNSENT_BYTES, FrameWriter, limit_unsent
from rooms.realtime.connections import frames


def test_the_hub_asks_for_the_extension_that_the_server_gives() -> None:
    # Under another name every socket would still work, at many times the cost.
    assert frames.EXTENSION == EXTENSION


class Transport:
    """What the writer sees of Twisted's: bytes for the kernel, or for the buffer behind it."""

    def __init__(self, takes: Callable[[bytes], int]) -> None:
        self.options: list[int] = []
        self.socket = SimpleNamespace(send=takes, setsockopt=lambda *option: self.options.append(option[-1]))
        self._tempDataBuffer: list[bytes] = []
        self.dataBuffer = b""
        self.offset = self._tempDataLen = 0
        self.producer: Any = None

    def registerProducer(self, producer: Any, streaming: bool) -> None:  # noqa: N802
        self.producer = producer

    def unregisterProducer(self) -> None:  # noqa: N802
        self.producer = None

    def write(self, data: bytes) -> None:
        self.dataBuffer += data
        if len(self.dataBuffer) > 10:
            self.producer.pauseProducing()


def writer_on(transport: Any, state: int = 3) -> FrameWriter:
    return FrameWriter(SimpleNamespace(transport=transport, state=state, STATE_OPEN=3))


def kernel(*takes: int | type[OSError]) -> tuple[list[bytes], Callable[[bytes], int]]:
    """A kernel that takes so many bytes of each frame, and what it has taken."""
    taken: list[bytes] = []
    answers = iter(takes)

    def send(data: bytes) -> int:
        answer = next(answers)
        if not isinstance(answer, int):
            raise answer
        taken.append(data[:answer])
        return min(answer, len(data))

    return taken, send


def test_a_frame_that_the_kernel_takes_is_buffered_nowhere() -> None:
    taken, send = kernel(99, 99)
    transport = Transport(send)
    writer = writer_on(transport)
    assert writer.write(b"one")
    assert writer.write(b"two")
    assert (taken, transport.dataBuffer) == ([b"one", b"two"], b"")


@pytest.mark.parametrize("first", [2, 0, BlockingIOError, InterruptedError])
def test_bytes_that_the_kernel_refuses_are_sent_later_and_the_next_frame_after_them(first: Any) -> None:
    taken, send = kernel(first)
    transport = Transport(send)
    writer = writer_on(transport)
    assert writer.write(b"one")
    assert writer.write(b"two")
    assert b"".join(taken) + transport.dataBuffer == b"onetwo"


def test_a_full_transport_says_so_and_says_when_it_takes_frames_again() -> None:
    _taken, send = kernel(0)
    transport = Transport(send)
    writer = writer_on(transport)
    ready: list[bool] = []
    writer.on_ready = lambda: ready.append(True)
    assert not writer.write(b"x" * 11)
    assert not writer.write(b"more")
    transport.producer.resumeProducing()
    transport.producer.resumeProducing()
    assert ready == [True]


def test_a_transport_that_goes_while_it_is_full_says_so_once() -> None:
    _taken, send = kernel(0)
    transport = Transport(send)
    writer = writer_on(transport)
    ready: list[bool] = []
    writer.on_ready = lambda: ready.append(True)
    writer.write(b"x" * 11)
    transport.producer.stopProducing()
    transport.producer.stopProducing()
    assert ready == [True]


def test_a_line_that_is_gone_takes_everything_and_sends_nothing() -> None:
    taken, send = kernel(ConnectionResetError)
    assert writer_on(Transport(send)).write(b"one")
    closing = Transport(send)
    assert writer_on(closing, state=2).write(b"two")
    assert (taken, closing.dataBuffer) == ([], b"")


def test_with_tls_every_byte_passes_through_the_transport() -> None:
    transport: Any = Transport(kernel()[1])
    transport.TLS = True
    writer_on(transport).write(b"secret")
    assert transport.dataBuffer == b"secret"


def test_the_bytes_that_wait_for_a_client_are_counted() -> None:
    _taken, send = kernel(1)
    transport = Transport(send)
    writer = writer_on(transport)
    writer.write(b"x" * 12)
    assert writer.untaken() == 11
    transport.offset = 4
    assert writer.untaken() == 7


def test_hanging_up_keeps_nothing_of_it() -> None:
    _taken, send = kernel(0)
    transport: Any = Transport(send)
    ended: list[bool] = []
    transport.abortConnection = lambda: ended.append(True)
    writer = writer_on(transport)
    writer.write(b"x" * 100)
    writer.abort()
    assert ended == [True]
    assert (writer.untaken(), transport.dataBuffer) == (0, b"")


def test_of_who_does_not_keep_up_the_kernel_takes_no_more_than_a_little_ahead() -> None:
    transport = Transport(kernel()[1])
    writer = writer_on(transport)
    assert transport.options == []
    writer.pauseProducing()
    assert transport.options == [UNSENT_BYTES]


def test_a_line_of_which_the_kernel_knows_no_such_bound_is_a_line_all_the_same() -> None:
    here, there = socket.socketpair()
    with here, there:
        limit_unsent(here)
