"""The people at the sockets: storms of comings and goings, away, typing and new names."""

import asyncio
import json
from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async

from accounts.actions import delete_account
from accounts.models import User
from rooms.models import Membership, Room
from rooms.realtime import lifecycle, protocol
from rooms.realtime.connections.sockets import Socket
from rooms.realtime.fanout.typing import TYPING_MAX
from rooms.realtime.hub import Hub
from rooms.realtime.presence.tracker import presence
from tests.rooms.conftest import session_of
from tests.rooms.realtime.conftest import Connect

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]

STORM = 500


class Crowd:
    """Many sockets in one room, straight at the hub, and the frames of presence that each of them was sent."""

    def __init__(self, room: Room, users: list[User], session_key: str) -> None:
        self.room = room
        self.frames: Counter[UUID] = Counter()
        self.names: Counter[UUID] = Counter()
        self.most_welcomed = 0
        self.latest_count: dict[UUID, int] = {}
        self.sockets = [Socket(self.sender(user.pk), user=user, session_key=session_key) for user in users]

    def sender(self, user_id: UUID) -> Any:
        async def send(message: dict[str, Any]) -> None:
            for event in json.loads(message["text"]) if message["type"] == "websocket.send" else ():
                if event["type"] == "presence":
                    self.frames[user_id] += 1
                    self.names[user_id] = max(self.names[user_id], len(event["entered"]))
                    self.latest_count[user_id] = event["count"]
                elif event["type"] == "welcome" and "room" in event:
                    self.most_welcomed = max(self.most_welcomed, len(event["present"]["people"]))

        return send

    async def enter(self, hub: Hub) -> None:
        await asyncio.gather(*(self.attend(hub, socket) for socket in self.sockets))

    async def attend(self, hub: Hub, socket: Socket) -> None:
        hub.connect(socket, mentions=0)
        await hub.subscriptions.enter(socket, self.room.pk, after=None, known_hash=None, attends=True)

    async def wait_for_count(self, socket: Socket, count: int) -> None:
        for _ in range(300):
            if self.latest_count.get(socket.user_id) == count:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"The room counts {self.latest_count.get(socket.user_id)} people, not {count}.")


async def test_500_who_come_and_go_together_are_told_of_in_a_few_frames(
    room: Room, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.realtime.presence.tracker.GRACE", 0.5)
    users = await User.objects.abulk_create(
        User(username=f"person{number}", username_folded=f"person{number}", email=f"{number}@example.org")
        for number in range(STORM)
    )
    await Membership.objects.abulk_create(Membership(room=room, user=user) for user in users)
    crowd = Crowd(room, users, await sync_to_async(session_of)(alice))
    hub = lifecycle.hub()
    try:
        await crowd.enter(hub)
        remaining, *others = crowd.sockets
        await crowd.wait_for_count(remaining, STORM)
        arrived = crowd.frames.copy()
        late = Socket(crowd.sender(remaining.user_id), user=remaining.user, session_key=remaining.session_key)
        await crowd.attend(hub, late)
        for socket in (late, *others):
            hub.subscriptions.disconnect(socket)
        await crowd.wait_for_count(remaining, 1)
    finally:
        await lifecycle.stop()
    # One frame for each coming would be 250,000 of them.
    assert sum(arrived.values()) < STORM * 20
    assert max(arrived.values()) < 20
    assert crowd.frames[remaining.user_id] - arrived[remaining.user_id] < 10
    assert crowd.most_welcomed == protocol.MAX_PRESENT
    assert max(crowd.names.values()) <= protocol.MAX_PRESENT
    assert presence.rooms() in ([], [room.pk])


async def test_away_and_back_are_shown(room: Room, alice: User, bob: User, connect: Connect) -> None:
    hers, his = await connect(room, alice), await connect(room, bob)
    while (event := await hers.next("presence"))["count"] < 2:
        pass
    assert [person["away"] for person in event["entered"]] == [False] * len(event["entered"])
    await his.send({"type": "away", "away": True})
    event = await hers.next("presence")
    assert (event["away"], event["back"], event["entered"]) == ([str(bob.pk)], [], [])
    later = await connect(room, alice)
    people = (await later.next("welcome"))["present"]["people"]
    assert {person["username"]: person["away"] for person in people} == {"alice": False, "bob": True}
    await his.send({"type": "away", "away": False})
    assert (await hers.next("presence"))["back"] == [str(bob.pk)]
    await his.send({"type": "away"})
    assert (await his.next("error"))["code"] == "bad_frame"


async def test_typing_is_told_to_the_others_once_in_a_while(
    room: Room, alice: User, bob: User, connect: Connect
) -> None:
    hers, his, his_other = await connect(room, alice), await connect(room, bob), await connect(room, bob)
    for line in (hers, his, his_other):
        await line.next("welcome")
    for line in (his, his, his_other):
        await line.send({"type": "typing"})
    assert (await hers.next("typing"))["user"]["username"] == "bob"
    await his.post("1", "There")
    await hers.next("message")
    await his_other.next("message")
    assert len(hers.of("typing")) == 1
    assert his.of("typing") + his_other.of("typing") == []


async def test_a_room_is_told_of_a_few_who_type_at_once(room: Room, alice: User, connect: Connect) -> None:
    users = await User.objects.abulk_create(
        User(username=f"typist{number}", username_folded=f"typist{number}", email=f"{number}@example.org")
        for number in range(TYPING_MAX + 5)
    )
    await Membership.objects.abulk_create(Membership(room=room, user=user) for user in users)
    hers = await connect(room, alice, after=2)
    lines = [await connect(room, user, after=2) for user in users]
    for line in lines:
        await line.next("welcome")
        await line.send({"type": "typing"})
    await lines[-1].post("1", "Who is typing?")
    await hers.next("message")
    assert len(hers.of("typing")) == TYPING_MAX


async def test_a_new_display_name_is_shown_at_once_to_those_who_share_a_room(
    room: Room, alice: User, bob: User, charlie: User, connect: Connect
) -> None:
    from rooms.actions.rooms import open_room

    elsewhere = await sync_to_async(open_room)(actor=charlie, name="Elsewhere")
    hers, his, not_his = await connect(room, alice), await connect(room, bob), await connect(elsewhere, charlie)
    for line in (hers, his, not_his):
        await line.next("welcome")
    bob.display_name = "Robert"
    await bob.asave()
    for line in (hers, his):
        person = await line.next("person")
        assert (person["id"], person["username"], person["display_name"]) == (str(bob.pk), "bob", "Robert")
    assert {person["display_name"] for person in presence.people(room.pk)} == {"alice", "Robert"}
    await his.send({"type": "typing"})
    assert (await hers.next("typing"))["user"]["display_name"] == "Robert"
    assert not_his.of("person") == []


async def test_a_deleted_account_s_name_goes_from_open_pages(
    room: Room, alice: User, bob: User, connect: Connect
) -> None:
    hers = await connect(room, alice)
    await hers.next("welcome")
    await sync_to_async(delete_account)(bob)
    person = await hers.next("person")
    assert (person["id"], person["display_name"]) == (str(bob.pk), "deleted account")


async def test_notices_of_other_processes_are_shown_here(room: Room, alice: User, bob: User, connect: Connect) -> None:
    hers, his = await connect(room, alice), await connect(room, bob)
    for line in (hers, his):
        await line.next("welcome")
    hub = lifecycle.hub()
    text = protocol.encode({"type": "typing", "user": {"id": str(bob.pk)}})
    hub.receive({"kind": "typing", "room": room.pk.hex, "user": bob.pk.hex, "text": text})
    assert (await hers.next("typing"))["user"]["id"] == str(bob.pk)
    await User.objects.filter(pk=bob.pk).aupdate(display_name="Robert")
    hub.receive({"kind": "renamed", "user": bob.pk.hex})
    assert (await hers.next("person"))["display_name"] == "Robert"
    place = {"id": "00000000-0000-4000-8000-000000000000"}
    at = presence.entered_at(room.pk, bob.pk)
    hub.receive({"kind": "moved", "user": bob.pk.hex, "room": place, "at": at - 1, "tab": None})
    hub.receive({"kind": "moved", "user": bob.pk.hex, "room": place, "at": at + 1, "tab": None})
    assert await his.next("moved") == {"type": "moved", "room": place["id"]}
    await his.post("1", "I read on")
    assert (await hers.next("message"))["seq"] == (await his.next("message"))["seq"]
    assert len(his.of("moved")) == 1
