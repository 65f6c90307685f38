"""Pins over sockets: told by rows to who is there, and by the greeting to who comes."""

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from rooms.actions.moderation import redact_message
from rooms.actions.pins import pin_message, unpin_message
from rooms.models import Room
from tests.rooms.realtime.conftest import Connect
from tests.rooms.realtime.sockets import say

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]

pin, unpin, redact = map(sync_to_async, (pin_message, unpin_message, redact_message))


async def test_all_in_the_room_hear_of_it_at_once(
    room: Room, alice: User, bob: User, dana: User, connect: Connect
) -> None:
    await say(room, bob, "one", "two")
    hers, his = await connect(room, alice, after=4), await connect(room, bob, after=4)
    await pin(room, actor=alice, seq=3)
    await pin(room, actor=alice, seq=4)
    await unpin(room, actor=alice, seq=3)
    await redact(room, actor=dana, seq=4)
    for line in (hers, his):
        assert (await line.next("welcome"))["pins"] == []
        rows = [await line.next("message") for _ in range(4)]
        assert [(row["seq"], row["kind"], row["target_seq"]) for row in rows] == [
            (5, "pinned", 3),
            (6, "pinned", 4),
            (7, "unpinned", 3),
            (8, "redacted", 4),
        ]
        assert rows[0]["author"]["username"] == "alice"
    # Nothing is left of it, which the next greeting says, too.
    assert (await (await connect(room, bob, after=8)).next("welcome"))["pins"] == []


async def test_a_client_that_enters_is_told_the_pins(room: Room, alice: User, bob: User, connect: Connect) -> None:
    await say(room, bob, "one", "two")
    await pin(room, actor=alice, seq=4)
    await pin(room, actor=alice, seq=3)
    anew = await connect(room, bob)
    welcome, reset = await anew.next("welcome"), await anew.next("reset")
    assert [(told["seq"], told["by"]["username"]) for told in welcome["pins"]] == [(3, "alice"), (4, "alice")]
    assert [(row["seq"], row["pinned"]) for row in reset["messages"]] == [(1, False), (2, False), (3, True), (4, True)]
    await room.arefresh_from_db()
    assert (reset["head"], reset["hash"]) == (6, bytes(room.head_hash).hex())
    # From there on it goes on without a gap.
    back = await connect(room, bob, after=reset["head"], hash=reset["hash"])
    assert (await back.next("welcome"))["resumed"] is True
    await say(room, alice, "three")
    assert (await back.next("message"))["seq"] == 7


async def test_a_client_that_comes_back_gets_undrawn_rows_too(
    room: Room, alice: User, bob: User, connect: Connect
) -> None:
    await say(room, bob, "one")
    await pin(room, actor=alice, seq=3)
    await say(room, bob, "two")
    line = await connect(room, bob, after=3)
    assert [told["seq"] for told in (await line.next("welcome"))["pins"]] == [3]
    assert [(await line.next("message"))["kind"] for _ in range(2)] == ["pinned", "text"]
