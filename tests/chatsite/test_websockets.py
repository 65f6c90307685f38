"""What our sockets do otherwise than daphne's: they are pinged by one timer, and keep less."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol

from chatsite.server.frame_writer import PING, FrameWriter
from chatsite.server.websockets import INBOX_MAX, OF_THE_HANDSHAKE, Asked, Inbox, Protocol, share_options

# A client's answer to an empty ping, and one of its frames with text.
PONG = b"\x8a\x80mask"
HELLO = b"\x81\x85\0\0\0\0hello"


@pytest.fixture
def socket() -> Any:
    """An open socket that was heard of just now."""
    socket: Any = Protocol()
    socket.state, socket.data, socket.logOctets = Protocol.STATE_OPEN, b"", False
    socket.server = SimpleNamespace(ping_interval=10, ping_timeout=8, websocket_timeout=86_400)
    socket.written, socket.dropped, socket.taken = [], [], []
    socket.transport = SimpleNamespace(
        write=socket.written.append, registerProducer=lambda *_: None, unregisterProducer=lambda: None
    )
    socket.dropConnection = lambda **how: socket.dropped.append(how)
    socket.consumeData = lambda: socket.taken.append(socket.data)
    socket.last_ping = socket.socket_opened = time.time()
    return socket


def wait(socket: Any, seconds: float) -> None:
    """Let time pass for it, and daphne look."""
    socket.last_ping -= seconds
    socket.pinged_at = socket.pinged_at and socket.pinged_at - seconds
    socket.check_timeouts()


def test_a_quiet_client_is_pinged_once_and_cut_if_nothing_comes(socket: Any) -> None:
    wait(socket, 9)
    assert not socket.written
    wait(socket, 2)
    wait(socket, 7)
    assert (socket.written, socket.dropped) == ([PING], [])
    wait(socket, 2)
    assert socket.dropped == [{"abort": True}]


@pytest.mark.parametrize("answer", [PONG, HELLO], ids=["pong", "words"])
def test_whatever_comes_is_an_answer(socket: Any, answer: bytes) -> None:
    wait(socket, 11)
    socket.dataReceived(answer)
    wait(socket, 9)
    assert (len(socket.written), socket.dropped) == (1, [])
    wait(socket, 2)
    assert len(socket.written) == 2


def test_a_ping_that_came_with_a_frame_counts_like_one_alone(socket: Any) -> None:
    writer = FrameWriter(socket)
    wait(socket, 9)
    assert writer.write_and_ping(b"frame")
    wait(socket, 5)
    assert (socket.written, socket.dropped) == ([b"frame" + PING], [])
    socket.dataReceived(PONG)
    wait(socket, 9)
    assert (len(socket.written), socket.dropped) == (1, [])
    writer.write_and_ping(b"frame")
    wait(socket, 5)
    writer.write_and_ping(b"frame")
    wait(socket, 4)
    assert (len(socket.written), socket.dropped) == (3, [{"abort": True}])


def test_a_socket_says_when_to_check_it_again(socket: Any) -> None:
    def looked(seconds: float) -> float:
        wait(socket, 0)
        socket.last_ping -= seconds
        socket.pinged_at = socket.pinged_at and socket.pinged_at - seconds
        return float(round(socket.check_timeouts()))

    assert looked(4) == 6
    assert looked(7) == 8
    assert looked(3) == 5
    socket.dataReceived(PONG)
    assert looked(1) == 9
    socket.state = Protocol.STATE_CLOSED
    assert socket.check_timeouts() is None


def test_a_ping_goes_to_the_kernel_at_once_but_behind_what_waits(socket: Any) -> None:
    sent: list[bytes] = []

    def send(data: bytes) -> int:
        sent.append(data)
        return len(data)

    kernel = SimpleNamespace(send=send)
    vars(socket.transport).update(socket=kernel, _tempDataLen=0, offset=0, dataBuffer=b"")
    wait(socket, 11)
    assert (sent, socket.written) == ([PING], [])
    socket.dataReceived(PONG)
    socket.transport.dataBuffer = b"more"
    wait(socket, 11)
    assert (sent, socket.written) == ([PING], [PING])


def test_a_pong_is_parsed_only_where_it_may_be_part_of_another_frame(socket: Any) -> None:
    socket.dataReceived(PONG)
    assert not socket.taken
    socket.dataReceived(HELLO)
    assert socket.taken == [HELLO]
    socket.data = b"\x81"
    socket.dataReceived(PONG)
    assert socket.taken == [HELLO, b"\x81" + PONG]
    socket.data, socket.current_frame = b"", object()
    socket.dataReceived(PONG)
    assert socket.taken[2:] == [PONG]


def test_a_socket_lives_as_long_as_daphne_is_told(socket: Any) -> None:
    closed = []
    socket.serverClose = lambda: closed.append(True)
    socket.socket_opened -= 90_000
    socket.server.websocket_timeout = -1
    socket.check_timeouts()
    assert not closed
    socket.server.websocket_timeout = 86_400
    socket.check_timeouts()
    assert closed


def test_what_the_handshake_left_behind_is_let_go_when_the_socket_opens() -> None:
    socket: Any = Protocol()
    for name in OF_THE_HANDSHAKE:
        setattr(socket, name, "long ago")
    socket.server = SimpleNamespace(log_action=lambda *args: None)
    socket.request = SimpleNamespace(path="/ws/", headers={"cookie": "secret"})
    socket.client_addr, socket.wasClean, socket.closedByMe = None, False, True
    socket.onOpen()
    assert not vars(socket).keys() & {*OF_THE_HANDSHAKE, "wasClean"}
    assert socket.request == Asked("/ws/")
    assert (socket.wasClean, socket.closedByMe, socket.http_headers) == (False, True, None)


def test_options_are_shared_as_the_factory_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*WebSocketProtocol.CONFIG_ATTRS, "CONFIG_ATTRS"):
        monkeypatch.setattr(Protocol, name, getattr(Protocol, name, None), raising=False)
    factory = WebSocketFactory(None)
    factory.setProtocolOptions(failByDrop=False, maxFramePayloadSize=77)
    share_options(factory)
    socket: Any = Protocol()
    for name in WebSocketProtocol.CONFIG_ATTRS:
        assert getattr(socket, name) == getattr(factory, name), name
    assert (socket.failByDrop, socket.maxFramePayloadSize, Protocol.CONFIG_ATTRS) == (False, 77, [])


async def test_an_inbox_gives_in_order_what_it_was_given() -> None:
    inbox = Inbox(Line())
    waiting = asyncio.create_task(take(inbox, 3))
    await asyncio.sleep(0)
    for number in range(4):
        inbox.put_nowait({"number": number})
    assert await waiting == [0, 1, 2]
    assert (await inbox.get())["number"] == 3


async def test_what_nobody_waits_for_any_more_is_kept_for_the_next_one() -> None:
    inbox = Inbox(Line())
    waiting = inbox.get()
    waiting.cancel()
    inbox.put_nowait({"number": 1})
    assert (await inbox.get())["number"] == 1


async def test_a_line_is_not_read_while_more_waits_than_an_application_takes() -> None:
    line = Line()
    inbox = Inbox(line)
    for number in range(INBOX_MAX - 1):
        inbox.put_nowait({"number": number})
    assert line.is_read
    # What had come in already with the last bytes is kept.
    inbox.put_nowait({"number": INBOX_MAX - 1})
    inbox.put_nowait({"number": INBOX_MAX})
    assert not line.is_read
    assert await take(inbox, 2) == [0, 1]
    assert line.is_read
    assert await take(inbox, INBOX_MAX - 1) == list(range(2, INBOX_MAX + 1))


class Line:
    """What an inbox asks of the transport."""

    def __init__(self) -> None:
        self.is_read = True

    def pauseProducing(self) -> None:  # noqa: N802
        self.is_read = False

    def resumeProducing(self) -> None:  # noqa: N802
        self.is_read = True


async def take(inbox: Inbox, count: int) -> list[int]:
    return [(await inbox.get())["number"] for _ in range(count)]
