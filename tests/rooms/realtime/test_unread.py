"""What somebody hears of their rooms while they are elsewhere."""

import pytest
from asgiref.sync import sync_to_async

from accounts.actions import block_user, suspend
from accounts.models import User
from rooms.actions.directs import open_direct
from rooms.actions.memberships import add_member, join_room, leave_room, mark_read, mute_room, remove_member
from rooms.actions.messages import post_message
from rooms.actions.moderation import redact_message
from rooms.actions.rooms import delete_room, open_room, rename_room
from rooms.models import Room
from rooms.realtime import lifecycle
from tests.rooms import callers
from tests.rooms.realtime.conftest import LOBBY, Connect, Event, Line

pytestmark = pytest.mark.django_db(transaction=True)


async def say(room: Room, user: User, words: str) -> int:
    posted = await sync_to_async(post_message)(room, actor=user, client_id=words.replace(" ", "-"), body=words)
    return posted.row.seq


async def in_lobby(connect: Connect, user: User) -> Line:
    line = await connect(LOBBY, user)
    await line.next("welcome")
    return line


async def unread(line: Line, room: Room, talk: int) -> Event:
    """Wait until the line has been told that the room has so much talk."""
    while True:
        event = await line.next("unread")
        if (event["room"], event["talk_count"]) == (str(room.pk), talk):
            return event


async def test_a_member_outside_the_room_is_told_its_talk_count(
    connect: Connect, room: Room, alice: User, bob: User
) -> None:
    line = await in_lobby(connect, bob)
    await say(room, alice, "one")
    await unread(line, room, 1)
    await say(room, alice, "two")
    await say(room, alice, "three")
    await unread(line, room, 3)
    assert not line.of("message")


async def test_one_hears_of_other_rooms_in_a_room(connect: Connect, room: Room, alice: User, bob: User) -> None:
    other = await sync_to_async(open_room)(actor=bob, name="Other")
    line = await connect(other, bob)
    await line.next("welcome")
    await say(room, alice, "over here")
    await unread(line, room, 1)
    await say(other, bob, "here")
    await say(room, alice, "again")
    await unread(line, room, 2)
    # Of the room that one is in, the words themselves come.
    assert {event["room"] for event in line.of("unread")} == {str(room.pk)}


async def test_a_stranger_and_a_removed_member_hear_nothing(
    connect: Connect, room: Room, alice: User, bob: User, charlie: User
) -> None:
    removed, stranger, witness = [await in_lobby(connect, user) for user in (bob, charlie, alice)]
    await say(room, alice, "one")
    await unread(removed, room, 1)
    await sync_to_async(remove_member)(room, actor=alice, user=bob)
    await say(room, alice, "not for bob")
    await unread(witness, room, 2)
    assert [event["talk_count"] for event in removed.of("unread")] == [1]
    assert not stranger.of("unread")


async def test_reading_on_one_device_clears_it_on_the_other(
    connect: Connect, room: Room, alice: User, bob: User
) -> None:
    line = await in_lobby(connect, bob)
    seq = await say(room, alice, "one")
    await sync_to_async(mark_read)(room, actor=bob, seq=seq)
    event = await line.next("read")
    assert (event["room"], event["read_talk"]) == (str(room.pk), 1)


async def test_how_far_one_has_read_never_goes_back(connect: Connect, room: Room, den: Room, alice: User) -> None:
    """Whatever order the threads and processes are heard in that stored it."""
    in_the_den, line = await connect(den, alice), await in_lobby(connect, alice)
    await in_the_den.next("welcome")
    hub = lifecycle.hub()
    for talk in (2, 5, 3):
        hub.unread.read(alice.pk, room.pk, talk)
        hub.receive({"kind": "read", "read": [[alice.pk.hex, room.pk.hex, talk - 1]]})
    hub.receive({"kind": "read", "read": [[alice.pk.hex, den.pk.hex, 1], [alice.pk.hex, room.pk.hex, 7]]})
    # What the other processes are told is the furthest, too.
    assert hub.unread._read == {(alice.pk, room.pk): 5}
    while (await line.next("read"))["read_talk"] != 7:
        pass
    assert [event["read_talk"] for event in line.of("read") if event["room"] == str(room.pk)] == [2, 5, 7]
    assert [event["read_talk"] for event in line.of("read") if event["room"] == str(den.pk)] == [1]
    assert (await in_the_den.next("read"))["read_talk"] == 2


async def test_own_messages_are_not_unread_at_other_devices(connect: Connect, room: Room, bob: User) -> None:
    line = await in_lobby(connect, bob)
    await say(room, bob, "mine")
    event = await line.next("unread")
    assert [event["read_talk"] for event in line.of("read")] == [event["talk_count"]] == [1]


async def test_own_messages_are_not_unread(connect: Connect, room: Room, bob: User) -> None:
    await say(room, bob, "mine")
    await sync_to_async(room.refresh_from_db)()
    membership = await sync_to_async(room.membership_of)(bob)
    assert membership.read_talk == room.talk_count == 1


@pytest.mark.parametrize("change", ["added", "renamed", "deleted", "muted", "left", "private"])
async def test_a_change_of_the_list_is_told(
    connect: Connect, room: Room, alice: User, bob: User, charlie: User, change: str
) -> None:
    person = charlie if change in {"added", "private"} else bob
    line = await in_lobby(connect, person)
    changes = {
        "added": lambda: add_member(room, actor=alice, user=charlie),
        "renamed": lambda: rename_room(room, actor=alice, name="Hall"),
        "deleted": lambda: delete_room(room, actor=alice),
        "muted": lambda: mute_room(room, actor=bob, muted=True),
        "left": lambda: leave_room(room, actor=bob),
        "private": lambda: open_direct(actor=alice, user=charlie),
    }
    # The lists have been read once the first second is over.
    await say(room, alice, "before")
    if person == bob:
        await unread(line, room, 1)
    else:
        await sync_to_async(join_room)(await sync_to_async(open_room)(actor=bob, name="Else"), actor=charlie)
        await line.next("rooms")
    await sync_to_async(changes[change])()
    await line.next("rooms")


async def test_the_first_words_of_a_private_talk_reach_the_other(connect: Connect, alice: User, bob: User) -> None:
    line = await in_lobby(connect, bob)
    talk = await sync_to_async(open_direct)(actor=alice, user=bob)
    await say(talk, alice, "psst")
    await unread(line, talk, 1)


async def test_blocking_is_told_to_ones_other_pages(connect: Connect, alice: User, bob: User) -> None:
    mine, theirs = await in_lobby(connect, alice), await in_lobby(connect, bob)
    await sync_to_async(block_user)(bob, actor=alice)
    await mine.next("blocks")
    assert await theirs.nothing()


async def test_a_suspended_person_s_lobby_is_closed(connect: Connect, alice: User, dana: User) -> None:
    line = await in_lobby(connect, alice)
    await sync_to_async(suspend)(alice, actor=dana)
    assert await line.closed() == 4401


async def test_a_stranger_gets_no_lobby(connect: Connect) -> None:
    line = await connect(LOBBY, None)
    assert await line.closed() == 4401


async def test_a_client_may_post_to_a_room_that_it_has_not_entered(connect: Connect, room: Room, alice: User) -> None:
    line = await in_lobby(connect, alice)
    await line.send({"type": "post", "room": str(room.pk), "client_id": "x", "body": "hello"})
    posted = await line.next("posted")
    assert (posted["room"], posted["client_id"]) == (str(room.pk), "x")
    assert line.of("message") == []


# --- Being called by name --------------------------------------------------------------------------------------------


async def told(line: Line, kind: str, room: Room, mentions: int) -> Event:
    """Return the event that told the line of so many mentions in the room, once it is there."""
    while True:
        for event in line.of(kind):
            if (event["room"], event["mentions"]) == (str(room.pk), mentions):
                return event
        await line.next(kind)


async def test_a_greeting_has_the_mentions_of_all_rooms(
    connect: Connect, room: Room, den: Room, alice: User, bob: User
) -> None:
    for place in (room, den, den):
        await sync_to_async(callers.say)(place, alice, bob)
    line = await connect(LOBBY, bob)
    assert (await line.next("welcome"))["mentions"] == 3


async def test_a_member_called_outside_the_room_is_told_how_often(
    connect: Connect, room: Room, alice: User, bob: User
) -> None:
    line = await in_lobby(connect, bob)
    await say(room, alice, "nobody")
    assert (await unread(line, room, 1))["mentions"] == 0
    await sync_to_async(callers.say)(room, alice, bob)
    assert (await unread(line, room, 2))["mentions"] == 1
    assert (await told(line, "read", room, 1))["read_talk"] == 0


async def test_who_is_called_in_the_room_hears_it_and_that_it_was_read_at_another_device(
    connect: Connect, room: Room, alice: User, bob: User
) -> None:
    here, lobby, other = await connect(room, bob), await in_lobby(connect, bob), await in_lobby(connect, alice)
    await here.next("welcome")
    rows = [await sync_to_async(callers.say)(room, alice, bob) for _ in range(3)]
    for line in (here, lobby):
        await told(line, "read", room, 3)
    for row, left in ((rows[0], 2), (rows[2], 0)):
        await sync_to_async(mark_read)(room, actor=bob, seq=row.seq)
        for line in (here, lobby):
            assert (await told(line, "read", room, left))["read_talk"] == row.talk
    assert not other.of("read")


async def test_words_that_are_erased_are_told_of_no_more(
    connect: Connect, room: Room, alice: User, bob: User, dana: User
) -> None:
    line = await in_lobby(connect, bob)
    row = await sync_to_async(callers.say)(room, alice, bob)
    await told(line, "read", room, 1)
    await sync_to_async(redact_message)(room, actor=dana, seq=row.seq)
    await told(line, "read", room, 0)


async def test_another_process_says_who_was_called(connect: Connect, room: Room, alice: User, bob: User) -> None:
    line, other = await in_lobby(connect, bob), await in_lobby(connect, alice)
    await sync_to_async(callers.say)(room, alice, bob)
    await told(line, "read", room, 1)
    hub = lifecycle.hub()
    # As it was stored by that process: the number itself is read from the database.
    await room.memberships.filter(user=bob).aupdate(unread_mentions=5)
    hub.receive({"kind": "mentions", "mentions": [[room.pk.hex, bob.pk.hex]]})
    await told(line, "read", room, 5)
    assert not other.of("read")


async def test_a_client_greeted_with_an_old_number_asks_for_the_list(connect: Connect, room: Room, bob: User) -> None:
    line = await in_lobby(connect, bob)
    # It was read, and changed, before the socket could be told of it.
    lifecycle.hub().unread.greeted(bob.pk, 1)
    await line.next("rooms")
