"""What somebody hears of their rooms while they are elsewhere."""

import pytest
from asgiref.sync import sync_to_async

from accounts.actions import block_user, suspend
from accounts.models import User
from rooms.actions.directs import open_direct
from rooms.actions.memberships import add_member, join_room, leave_room, mark_read, mute_room, remove_member
from rooms.actions.messages import post_message
from rooms.actions.rooms import delete_room, open_room, rename_room
from rooms.models import Room
from rooms.realtime import lifecycle
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


async def test_who_is_elsewhere_hears_how_much_was_said(connect: Connect, room: Room, alice: User, bob: User) -> None:
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


async def test_what_one_says_oneself_is_not_unread(connect: Connect, room: Room, bob: User) -> None:
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


async def test_the_lobby_takes_no_frames(connect: Connect, alice: User) -> None:
    line = await in_lobby(connect, alice)
    await line.communicator.send_json_to({"type": "post", "client_id": "x", "body": "hello"})
    assert (await line.next("error"))["code"] == "unknown_type"
