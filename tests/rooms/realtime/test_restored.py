"""A database that goes back under a running process: nobody sees a transcript that is part old, part new."""

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from rooms.log import triggers
from rooms.models import Message, Room
from rooms.realtime import lifecycle
from rooms.realtime.fanout import log_reader
from tests.rooms.realtime.conftest import Connect, Line
from tests.rooms.realtime.sockets import expect_bye, say

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]


@sync_to_async
def go_back(room: Room, seq: int) -> None:
    """Make the room's log what a backup had, taken when its last row was ``seq``."""
    last = Message.objects.get(room=room, seq=seq)
    with triggers.lifted():
        Message.objects.filter(room=room, seq__gt=seq).delete()
    talk = Message.objects.filter(room=room, talk__isnull=False).count()
    Room.objects.filter(pk=room.pk).update(last_seq=seq, talk_count=talk, head_hash=bytes(last.hash))


@pytest.fixture
def seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """No look at the heads by itself."""
    monkeypatch.setattr("rooms.realtime.hub.RECONCILE_EVERY", 1_000.0)


async def come_in(room: Room, user: User, connect: Connect) -> Line:
    line = await connect(room, user, after=2)
    await line.next("welcome")
    return line


async def hear(line: Line, room: Room, user: User, *bodies: str) -> None:
    for body in bodies:
        await say(room, user, body)
        assert (await line.next("message"))["body"] == body


@pytest.mark.parametrize("rows_since", [0, 1, 2])
async def test_the_head_check_finds_it(
    room: Room, alice: User, bob: User, connect: Connect, seldom: None, rows_since: int
) -> None:
    hers = await come_in(room, alice, connect)
    await hear(hers, room, alice, "Kept", "Lost", "Lost too")
    await go_back(room, 3)
    hub = lifecycle.hub()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lifecycle, "hubs", list)
        for number in range(rows_since):
            await say(room, bob, f"New {number}")
    await hub.reconciler.run_checks()
    await expect_bye(hers, 4412, "restored")
    assert [row["body"] for row in hers.of("message")] == ["Kept", "Lost", "Lost too"]


async def test_the_next_row_finds_it_where_new_ones_have_passed_the_old(
    room: Room, alice: User, bob: User, connect: Connect, seldom: None
) -> None:
    hers = await come_in(room, alice, connect)
    await hear(hers, room, alice, "Kept", "Lost", "Lost too")
    last = hers.of("message")[-1]
    await go_back(room, 3)
    for number in range(5):
        await say(room, bob, f"New {number}")
    await expect_bye(hers, 4412, "restored")
    assert [row["body"] for row in hers.of("message")] == ["Kept", "Lost", "Lost too"]
    again = await connect(room, alice, after=last["seq"], hash=last["hash"])
    reset = await again.next("reset")
    assert [row["body"] for row in reset["messages"]][-6:] == ["Kept", *(f"New {number}" for number in range(5))]


async def test_a_gap_that_is_read_finds_it(room: Room, alice: User, bob: User, connect: Connect, seldom: None) -> None:
    hers = await come_in(room, alice, connect)
    await hear(hers, room, alice, "Kept", "Lost")
    await go_back(room, 3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lifecycle, "hubs", list)
        for number in range(5):
            await say(room, bob, f"New {number}")
    await lifecycle.hub().reconciler.run_checks()
    await expect_bye(hers, 4412, "restored")
    assert [row["body"] for row in hers.of("message")] == ["Kept", "Lost"]


async def test_rows_know_the_hash_of_the_row_before(room: Room, alice: User) -> None:
    for number in range(3):
        await say(room, alice, f"{number}")
    events = await sync_to_async(log_reader.rows_after)(room.pk, 0)
    assert [event.previous for event in events] == [bytes(32).hex(), *(event.hash for event in events[:-1])]
    assert await sync_to_async(log_reader.rows_after)(room.pk, 2) == events[2:]
