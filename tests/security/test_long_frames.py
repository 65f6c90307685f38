"""No frame, address or header of a socket costs more than 50 ms of CPU, however long the text in it is."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from rooms.models import BODY_MAX_LENGTH
from rooms.realtime.consumer import SocketConsumer
from rooms.realtime.protocol import MAX_FRAME_BYTES
from tests.rooms.realtime.conftest import Connect
from tests.security.cast import set_scene
from tests.security.frames import FRAMES, frame_types

pytestmark = [pytest.mark.security, pytest.mark.django_db(transaction=True)]

MOST_SECONDS = 0.050


def marks(count: int) -> str:
    """Two runs that Unicode wants in another order: what takes longest to normalise."""
    return "a" + "\u0301" * (count // 2) + "\u0323" * (count // 2)


# 60,000 marks, as many as a frame has bytes for, and as many as a message may have.
TEXTS = [marks(60_000), marks((MAX_FRAME_BYTES - 512) // 2), marks(BODY_MAX_LENGTH - 1)]


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The CPU that each frame took in the socket's own thread."""
    taken: list[float] = []
    receive = SocketConsumer.websocket_receive

    async def counted(consumer: SocketConsumer, message: dict[str, Any]) -> None:
        start = time.thread_time()
        await receive(consumer, message)
        taken.append(time.thread_time() - start)

    monkeypatch.setattr(SocketConsumer, "websocket_receive", counted)
    return taken


def long_frames(room: str, text: str) -> Iterator[dict[str, Any]]:
    """Frames with a long text in one place after the other, the type's own and a place that nobody reads among them."""
    yield {"type": text}
    # In the order in which they are all taken: the last one leaves the room.
    for kind in FRAMES:
        frame = {"type": kind, "room": room, **FRAMES[kind][0]}
        for name in dict.fromkeys([*frame, "attachment", "client_id", "seq", "after", "hash", "made up"]):
            if name != "type":
                yield {**frame, name: text}


async def test_no_long_frame_costs_much(connect: Connect, seconds: list[float]) -> None:
    scene = await sync_to_async(set_scene)()
    assert frame_types(SocketConsumer) == set(FRAMES)
    for number, text in enumerate(TEXTS):
        # A socket for each text: with all of them it would have sent too many frames.
        line = await connect(scene.room, scene.people["member"])
        await line.next("welcome")
        for frame in long_frames(str(scene.room.pk), text):
            for written in (json.dumps(frame), json.dumps(frame, ensure_ascii=False)):
                await line.send(written)
        await line.post(f"last-{number}", "All of them have been read")
        while (await line.next("posted"))["client_id"] != f"last-{number}":
            pass
        assert line.close_code is None
    assert len(seconds) > 150
    assert max(seconds) < MOST_SECONDS


@pytest.mark.parametrize("place", ["query", "token", "cookie", "origin"])
async def test_no_long_address_or_header_costs_much(connect: Connect, place: str) -> None:
    scene = await sync_to_async(set_scene)()
    room, member = scene.room, scene.people["member"]
    text = TEXTS[0].encode()
    # Warm.
    await (await connect(room, member)).next("welcome")
    start = time.process_time()
    if place == "query":
        line = await connect(room, member, after=TEXTS[2], hash=TEXTS[2], made_up=TEXTS[2])
        await line.next("welcome")
    else:
        headers = {
            "token": [(b"x-session-token", text)],
            "cookie": [(b"host", b"h"), (b"origin", b"http://h"), (b"cookie", b"sessionid=" + text)],
            "origin": [(b"host", b"h"), (b"origin", b"http://" + text)],
        }
        line = await connect(room, None, headers=headers[place])
        assert await line.closed() == 4401
    # The whole process: the test's own part, too, and the threads of the database.
    assert time.process_time() - start < 2 * MOST_SECONDS
