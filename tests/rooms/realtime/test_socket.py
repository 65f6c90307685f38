"""The socket: what a client is sent, in which order, and how it is answered."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from accounts.models import User
from rooms import limits
from rooms.actions.memberships import join_room, leave_room, remove_member
from rooms.actions.rooms import delete_room
from rooms.models import Membership, Room
from rooms.realtime import lifecycle, protocol
from tests.rooms.conftest import session_of
from tests.rooms.realtime.conftest import Connect
from tests.rooms.realtime.sockets import expect_bye, expect_ended, say

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]


async def test_a_post_is_acknowledged_and_reaches_everybody_once_in_order(
    room: Room, alice: User, bob: User, connect: Connect
) -> None:
    hers, his = await connect(room, alice, after=2), await connect(room, bob, after=2)
    for number in range(20):
        await (hers if number % 2 else his).post(f"m{number}", f"Message {number}")
    for line in (hers, his):
        rows = [await line.next("message") for _ in range(20)]
        assert [row["seq"] for row in rows] == list(range(3, 23))
    assert [row["id"] for row in hers.of("message")] == [row["id"] for row in his.of("message")]
    while len(hers.of("posted")) < 10:
        await hers.take()
    assert {event["client_id"] for event in hers.of("posted")} == {f"m{number}" for number in range(1, 20, 2)}


async def test_the_welcome_says_where_one_is_and_what_one_missed(room: Room, alice: User, connect: Connect) -> None:
    await say(room, alice, "one", "two", "three")
    line = await connect(room, alice, after=3)
    welcome = await line.next("welcome")
    assert line.greeting is not None
    assert (line.greeting["you"]["username"], line.greeting["mentions"], line.greeting["read_only"]) == (
        "alice",
        0,
        False,
    )
    assert (welcome["room"]["name"], welcome["room"]["role"], welcome["head"]) == ("Lobby", "admin", 5)
    assert welcome["resumed"] is True
    assert welcome["present"]["count"] == 1
    assert [(await line.next("message"))["body"] for _ in range(2)] == ["two", "three"]


async def test_without_after_the_newest_page_comes_as_a_reset(room: Room, alice: User, connect: Connect) -> None:
    await say(room, alice, *(str(number) for number in range(110)))
    line = await connect(room, alice)
    assert (await line.next("welcome"))["resumed"] is False
    reset = await line.next("reset")
    assert [row["seq"] for row in reset["messages"]] == list(range(13, 113))
    assert reset["more"] is True


async def test_a_hash_that_is_not_this_log_s_brings_a_reset(room: Room, alice: User, connect: Connect) -> None:
    await say(room, alice, "one")
    row = await room.messages.aget(seq=3)
    good = await connect(room, alice, after=3, hash=bytes(row.hash).hex())
    assert (await good.next("welcome"))["resumed"] is True
    for query in ({"after": 3, "hash": "00" * 32}, {"after": 99}, {"after": 99, "hash": "00" * 32}):
        line = await connect(room, alice, **query)
        assert (await line.next("welcome"))["resumed"] is False
        assert [row["seq"] for row in (await line.next("reset"))["messages"]] == [1, 2, 3]


async def test_a_client_too_far_behind_starts_from_the_newest_page(
    room: Room, alice: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "MAX_RESUME_ROWS", 3)
    await say(room, alice, "one", "two", "three", "four")
    assert (await (await connect(room, alice, after=3)).next("welcome"))["resumed"] is True
    assert (await (await connect(room, alice, after=2)).next("welcome"))["resumed"] is False


async def test_the_same_client_id_again_gets_the_same_answer(room: Room, bob: User, connect: Connect) -> None:
    line = await connect(room, bob, after=2)
    await line.post("same", "Once")
    first = await line.next("posted")
    await line.post("same", "Once")
    assert await line.next("posted") == first
    await line.post("same", "Twice?")
    error = await line.next("error")
    assert (error["code"], error["client_id"]) == ("client_id_reused", "same")
    assert len(line.of("message")) == 1


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ('{"type": "post", "room": 5, "client_id": "1", "body": "x"}', "bad_room"),
        ('{"type": "enter", "room": "Lobby"}', "bad_room"),
        ('{"type": "enter"}', "bad_room"),
        ('{"type": "enter", "room": ROOM, "after": "3"}', "bad_seq"),
        ('{"type": "enter", "room": ROOM, "after": 3, "hash": 5}', "bad_frame"),
        ('{"type": "leave"}', "bad_room"),
        ('{"type": "attend"}', "bad_room"),
        ('{"type": "attend", "room": "00000000-0000-4000-8000-000000000000"}', "not_entered"),
        ('{"type": "typing", "room": "00000000-0000-4000-8000-000000000000"}', "not_entered"),
        ('{"type": "read", "room": "00000000-0000-4000-8000-000000000000", "seq": 1}', "not_entered"),
        ("no json", "bad_json"),
        ("[]", "bad_frame"),
        ('"post"', "bad_frame"),
        ("{}", "bad_frame"),
        ('{"type": 5}', "bad_frame"),
        ('{"type": "dance"}', "unknown_type"),
        ('{"type": "post", "room": ROOM}', "bad_client_id"),
        ('{"type": "post", "room": ROOM, "client_id": "1"}', "bad_message"),
        ('{"type": "post", "room": ROOM, "client_id": "1", "body": 5}', "bad_message"),
        ('{"type": "post", "room": ROOM, "client_id": "1", "body": "  "}', "empty"),
        ('{"type": "post", "room": ROOM, "client_id": "1", "body": "%s"}' % ("x" * 10_001), "too_long"),
        (json.dumps({"type": "post", "client_id": "1", "body": "x" * 70_000}), "frame_too_long"),
        ('{"type": "ack", "room": ROOM, "seq": -1}', "bad_seq"),
        ('{"type": "read", "room": ROOM, "seq": "1"}', "bad_seq"),
        ('{"type": "read", "room": ROOM, "seq": true}', "bad_seq"),
        ('{"type": "post", "room": ROOM, "client_id": "1", "body": "\\ud83d"}', "bad_message"),
        ("[" * 50_000, "bad_json"),
    ],
)
async def test_a_bad_frame_gets_an_error_and_the_socket_lives(
    room: Room, bob: User, connect: Connect, frame: str, code: str
) -> None:
    line = await connect(room, bob, after=2)
    await line.send(frame.replace("ROOM", f'"{room.pk}"'))
    error = await line.next("error")
    assert error["code"] == code
    assert error["detail"].endswith(".")
    await line.post("good", "Still here")
    assert (await line.next("posted"))["seq"] == 3


async def test_a_binary_frame_gets_an_error(room: Room, bob: User, connect: Connect) -> None:
    line = await connect(room, bob, after=2)
    await line.communicator.send_to(bytes_data=b"\x00\x01")
    assert (await line.next("error"))["code"] == "bad_frame"


async def test_strangers_are_turned_away(room: Room, alice: User, charlie: User, connect: Connect) -> None:
    await expect_ended(await connect(room, charlie), 4403, "join_first")
    await expect_bye(await connect(room, None), 4401, "signed_out")
    await expect_ended(await connect(uuid4(), alice), 4404, "no_such_room")
    await sync_to_async(join_room)(room, actor=charlie)
    await sync_to_async(remove_member)(room, actor=alice, user=charlie)
    bye = await expect_ended(await connect(room, charlie), 4403, "removed")
    assert bye["retry_ms"] is None


async def test_a_page_of_another_version_is_told_to_reload(room: Room, alice: User, connect: Connect) -> None:
    await expect_bye(await connect(room, alice, v=1), 4404, "version")


async def test_an_unknown_address_is_refused(transactional_db: None) -> None:
    from channels.testing import WebsocketCommunicator

    from chatsite.asgi import application

    accepted, _ = await WebsocketCommunicator(application, "/ws/nowhere/").connect()
    assert not accepted


async def test_a_removed_member_is_sent_the_removal_and_nothing_after_it(
    room: Room, alice: User, bob: User, connect: Connect
) -> None:
    hers, his = await connect(room, alice, after=2), await connect(room, bob, after=2)
    await his.next("welcome")
    await say(room, alice, "before")
    await sync_to_async(remove_member)(room, actor=alice, user=bob)
    await say(room, alice, "after")
    await expect_ended(his, 4403, "removed")
    assert [row["kind"] for row in his.of("message")] == ["text", "removed"]
    assert [(await hers.next("message"))["body"] for _ in range(3)] == ["before", "", "after"]


async def test_leaving_in_one_tab_ends_the_room_in_the_others(room: Room, bob: User, connect: Connect) -> None:
    line = await connect(room, bob, after=2)
    await sync_to_async(leave_room)(room, actor=bob)
    await expect_ended(line, 4403, "left")


async def test_deleting_the_room_tells_everybody_in_it(room: Room, alice: User, bob: User, connect: Connect) -> None:
    hers, his = await connect(room, alice), await connect(room, bob)
    await sync_to_async(delete_room)(room, actor=alice)
    for line in (hers, his):
        await expect_ended(line, 4410, "room_deleted")


async def test_what_another_process_did_is_noticed_within_a_moment(
    room: Room, alice: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the hint is lost: the rows are committed, and nobody is told."""
    line = await connect(room, alice, after=2)
    await line.next("welcome")
    monkeypatch.setattr(lifecycle, "hubs", list)
    await say(room, alice, "one", "two")
    assert [(await line.next("message"))["body"] for _ in range(2)] == ["one", "two"]
    await sync_to_async(delete_room)(room, actor=alice)
    await expect_ended(line, 4410, "room_deleted")


async def test_a_suspended_person_s_sockets_close_without_any_signal(room: Room, bob: User, connect: Connect) -> None:
    line = await connect(room, bob)
    await User.objects.filter(pk=bob.pk).aupdate(is_active=False)
    await expect_bye(line, 4401, "signed_out")


async def test_an_ended_session_s_sockets_close(room: Room, alice: User, bob: User, connect: Connect) -> None:
    from django.contrib.sessions.models import Session

    hers, his = await connect(room, alice), await connect(room, bob)
    await his.next("welcome")
    await Session.objects.exclude(session_key=(await sync_to_async(session_of)(alice))).aget_or_create(
        session_key="x", defaults={"expire_date": "2100-01-01T00:00Z"}
    )
    await Session.objects.all().adelete()
    await expect_bye(hers, 4401, "signed_out")
    await expect_bye(his, 4401, "signed_out")


async def test_reading_is_stored(room: Room, alice: User, bob: User, connect: Connect) -> None:
    await say(room, alice, "one", "two")
    line = await connect(room, bob, after=2)
    await line.send({"type": "read", "seq": 4})
    await line.send({"type": "read", "seq": 3})
    for _ in range(100):
        if (await Membership.objects.aget(room=room, user=bob)).read_talk == 2:
            break
        await asyncio.sleep(0.05)
    assert (await Membership.objects.aget(room=room, user=bob)).read_talk == 2


async def test_entering_is_announced_and_remembered_as_the_last_visit(
    room: Room, alice: User, bob: User, connect: Connect
) -> None:
    hers = await connect(room, alice)
    assert [person["username"] for person in (await hers.next("presence"))["entered"]] == ["alice"]
    await connect(room, bob)
    presence = await hers.next("presence")
    assert ([person["username"] for person in presence["entered"]], presence["count"]) == (["bob"], 2)
    for _ in range(100):
        if (await Membership.objects.aget(room=room, user=bob)).visited_at is not None:
            break
        await asyncio.sleep(0.05)
    assert (await Membership.objects.aget(room=room, user=bob)).visited_at is not None


async def test_an_exit_is_announced_after_the_grace_period_and_a_reload_is_not(
    room: Room, alice: User, bob: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.realtime.presence.tracker.GRACE", 1.5)
    hers, his = await connect(room, alice), await connect(room, bob)
    while (await hers.next("presence"))["count"] < 2:
        pass
    await his.hang_up()
    again = await connect(room, bob)
    assert await again.next("welcome")
    await again.hang_up()
    gone = await hers.next("presence")
    assert [person["username"] for person in gone["exited"]] == ["bob"]
    assert gone["entered"] == []
    assert gone["count"] == 1


async def test_two_tabs_are_one_person(room: Room, alice: User, connect: Connect) -> None:
    await connect(room, alice)
    line = await connect(room, alice)
    assert (await line.next("welcome"))["present"]["count"] == 1


async def test_a_restart_tells_each_client_when_to_come_back(
    room: Room, alice: User, bob: User, connect: Connect
) -> None:
    lines = [await connect(room, alice), await connect(room, bob)]
    for line in lines:
        await line.next("welcome")
    await lifecycle.drain()
    for line in lines:
        assert (await expect_bye(line, 4412, "restarting"))["retry_ms"] >= 500


async def test_events_that_are_ready_together_travel_in_one_frame(room: Room, alice: User, connect: Connect) -> None:
    await say(room, alice, *(str(number) for number in range(50)))
    line = await connect(room, alice, after=2)
    await line.next("welcome")
    assert len(line.frames[0]) == 51


async def test_posts_over_socket_and_http_are_limited_together(
    room: Room, bob: User, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, spend = limits.Limit("posting", burst=3, per_second=2), limits.Limit.spend

    def spend_of_few(limit: limits.Limit, *what: Any) -> None:
        spend(few if limit.name == few.name else limit, *what)

    monkeypatch.setattr(limits.Limit, "spend", spend_of_few)
    line = await connect(room, bob, after=2)
    headers = {"X-Session-Token": await sync_to_async(session_of)(bob)}
    for number in range(2):
        answer = await AsyncClient().post(
            f"/api/rooms/{room.pk}/messages",
            {"client_id": f"http{number}", "body": "Quick"},
            content_type="application/json",
            headers=headers,
        )
        assert answer.status_code == 201
    for number in range(3):
        await line.post(f"m{number}", "Quicker")
    error = await line.next("error")
    assert (error["code"], error["client_id"]) == ("too_fast", "m1")
    assert 0 < error["retry_ms"] <= 500
    assert (await line.next("error"))["client_id"] == "m2"
    await asyncio.sleep(error["retry_ms"] / 1000)
    await line.post("m1", "Quicker")
    while len(line.of("posted")) < 2:
        await line.take()
    assert [posted["client_id"] for posted in line.of("posted")] == ["m0", "m1"]


async def test_a_flood_of_frames_closes_the_socket(room: Room, bob: User, connect: Connect) -> None:
    line = await connect(room, bob, after=2)
    for number in range(1_000):
        await line.send({"type": "ack", "seq": number})
    bye = await expect_bye(line, 4429, "too_fast")
    assert bye["retry_ms"] >= 1000
