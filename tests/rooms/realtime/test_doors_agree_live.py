"""Posting and marking as read by socket and by API: the same rows, the same events, the same refusals."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from accounts.actions import block_user
from accounts.models import User
from rooms import errors
from rooms.actions.directs import open_direct
from rooms.actions.messages import post_message
from rooms.models import Membership, Room
from tests.api.caller import Caller
from tests.rooms.realtime.conftest import LOBBY, Connect

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]

VARYING = ("id", "seq", "talk", "at", "hash", "room", "type", "client_id")

POSTS: list[dict[str, Any]] = [
    {"body": "Hello"},
    {"body": " \n two\r\nlines \n"},
    {"body": "<b>&amp;</b> 👩\u200d👧"},
    {"body": ""},
    {"body": " \n "},
    {"body": "x" * 10_001},
    {"body": "zero \0 byte"},
    {"body": "words", "client_id": "no spaces"},
    {"body": "words", "client_id": ""},
    {"body": "other words", "client_id": "used"},
    {"body": "these words", "client_id": "used"},
]


def essence(message: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in message.items() if key not in VARYING}


async def test_a_post_is_the_same_by_socket_by_api_and_in_python(
    connect: Connect, room: Room, alice: User, bob: User
) -> None:
    post = sync_to_async(post_message)
    await post(room, actor=bob, client_id="used", body="these words")
    watcher, line = await connect(room, alice), await connect(room, bob)
    await watcher.next("welcome")
    call = await sync_to_async(Caller)(bob)

    async def by_socket(client_id: str, body: str) -> str | None:
        await line.post(client_id, body)
        while True:
            await line.take()
            if event := next((e for e in line.events[-1:] if e["type"] in ("posted", "error")), None):
                return event.get("code")

    async def by_api(client_id: str, body: str) -> str | None:
        data = {"client_id": client_id, "body": body}
        status, answer = await sync_to_async(call)("POST", f"rooms/{room.pk}/messages", data)
        return answer["code"] if status >= 400 else None

    async def in_python(client_id: str, body: str) -> str | None:
        try:
            await post(room, actor=bob, client_id=client_id, body=body)
        except errors.RoomError as refusal:
            return refusal.code
        return None

    for number, words in enumerate(POSTS):
        codes, shown = [], []
        for door in (by_socket, by_api, in_python):
            before = await sync_to_async(room.messages.count)()
            client_id = words.get("client_id", f"{number}-{door.__name__}")
            codes.append(await door(client_id, words["body"]))
            if await sync_to_async(room.messages.count)() > before:
                shown.append(essence(await watcher.next("message")))
        assert codes[0] == codes[1] == codes[2], words
        assert len(shown) in (0, 3), words
        assert all(event == shown[0] for event in shown), words


async def test_a_blocked_post_is_refused_alike_and_says_no_names(connect: Connect, alice: User, bob: User) -> None:
    talk = await sync_to_async(open_direct)(actor=alice, user=bob)
    await sync_to_async(block_user)(alice, actor=bob)
    line = await connect(talk, alice)
    await line.post("1", "Hello")
    refused = await line.next("error")
    call = await sync_to_async(Caller)(alice)
    status, answer = await sync_to_async(call)("POST", f"rooms/{talk.pk}/messages", {"client_id": "1", "body": "Hello"})
    assert (status, answer["code"], answer["detail"]) == (403, refused["code"], refused["detail"])
    assert "bob" not in refused["detail"]
    assert not await talk.messages.filter(kind="text").aexists()


async def test_reading_is_the_same_by_socket_and_by_api(connect: Connect, room: Room, alice: User, bob: User) -> None:
    seqs = [
        (await sync_to_async(post_message)(room, actor=alice, client_id=str(number), body="x")).row.seq
        for number in range(4)
    ]
    line, watcher = await connect(room, bob), await connect(LOBBY, bob)
    await line.next("welcome")
    await watcher.next("welcome")
    call = await sync_to_async(Caller)(bob)
    for seq, read_talk in ((seqs[1], 2), (seqs[2], 3)):
        if seq == seqs[1]:
            await line.send({"type": "read", "seq": seq})
        else:
            assert (await sync_to_async(call)("POST", f"rooms/{room.pk}/read", {"seq": seq}))[0] == 204
        heard = await watcher.next("read")
        assert (heard["room"], heard["read_talk"]) == (str(room.pk), read_talk)
        assert (await Membership.objects.aget(room=room, user=bob)).read_talk == read_talk
