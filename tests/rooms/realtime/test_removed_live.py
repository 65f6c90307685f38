"""Removing somebody while everybody talks: nothing after the row reaches them, and nothing of theirs follows it."""

import asyncio
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from rooms.actions.memberships import add_member, remove_member
from rooms.actions.posts import clean_post
from rooms.models import Room
from rooms.realtime.writer import writer
from tests.rooms.facts import is_whole
from tests.rooms.realtime.conftest import Connect

pytestmark = [pytest.mark.rules, pytest.mark.security, pytest.mark.django_db(transaction=True)]

ROUNDS = 40


async def test_nothing_after_the_removal_reaches_the_removed(
    connect: Connect, room: Room, alice: User, bob: User
) -> None:
    remove, add = sync_to_async(remove_member), sync_to_async(add_member)

    def talk(times: int) -> None:
        for _ in range(times):
            post = clean_post(room_id=room.pk, author=alice, client_id=uuid4().hex, body="Do not tell bob")
            writer.submit(post, lambda _answer: None)

    watcher = await connect(room, alice)
    for number in range(ROUNDS):
        line = await connect(room, bob)
        await line.next("welcome")
        # What is said before, around and after the removal shares batches and frames with it.
        talk(number % 5)
        for count in range(3):
            await line.post(f"{number}-{count}", "I am here")
        removing = asyncio.create_task(remove(room, actor=alice, user=bob))
        await asyncio.sleep(0)
        talk(5)
        await removing
        talk(3)
        await line.next("ended")
        last_row = line.of("message")[-1]
        assert (last_row["kind"], last_row["subject"]["username"]) == ("removed", "bob")
        assert line.events[-1]["type"] == "ended"
        theirs = room.messages.filter(author=bob, kind="text", seq__gt=last_row["seq"])
        assert not await theirs.aexists()
        await line.post("late", "Still here?")
        while (refused := await line.next("error"))["client_id"] != "late":
            pass
        assert refused["code"] == "removed"
        await line.hang_up()
        await add(room, actor=alice, user=bob)
    await watcher.hang_up()
    await sync_to_async(writer.stop)()
    assert not await room.messages.filter(client_id="late").aexists()
    assert await sync_to_async(is_whole)(room)
