"""What has gone wrong in other chat servers: each of it tried here."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from django.urls import reverse

from accounts.actions import delete_account, suspend
from accounts.models import User
from rooms.actions.directs import open_direct
from rooms.actions.memberships import add_member, leave_room, remove_member
from rooms.actions.posts import clean_post
from rooms.actions.rooms import delete_room, set_kind
from rooms.models import Room
from rooms.realtime.presence.tracker import presence
from rooms.realtime.writer import writer
from tests.api.caller import Caller
from tests.conftest import PASSWORD
from tests.rooms.realtime.conftest import LOBBY, Connect, Line
from tests.rooms.realtime.sockets import expect_ended

pytestmark = [pytest.mark.security, pytest.mark.rules, pytest.mark.django_db(transaction=True)]

# Everything in a room that is read.
READS = ("", "/messages", "/messages?after=0", "/messages?before=99", "/members", "/presence")


def in_room(user: User, room: Room) -> set[tuple[int, str]]:
    call = Caller(user)
    answers = [call("GET", f"rooms/{room.pk}{path}") for path in READS]
    asked = {"rooms": [{"room": str(room.pk), "after": 0}], "here": "tab", "attend": str(room.pk)}
    status, polled = call("POST", "v1/poll", asked)
    assert status == 200
    ended = [(news["ended"]["code"] - 4000, news["ended"]["reason"]) for news in polled["rooms"] if news["ended"]]
    return {*((status, body.get("code", "")) for status, body in answers), *ended}


async def say(room: Room, author: User, words: str) -> None:
    post = clean_post(room_id=room.pk, author=author, client_id=words.replace(" ", "-"), body=words)
    await sync_to_async(writer.post)(post)


# --- Who may be here no longer ---------------------------------------------------------------------------------------


async def test_a_removed_member_loses_everything_at_once(connect: Connect, den: Room, alice: User, bob: User) -> None:
    line, lobby = await connect(den, bob), await connect(LOBBY, bob)
    await line.next("welcome")
    await lobby.next("welcome")
    assert {person["username"] for person in presence.people(den.pk)} == {"bob"}

    await sync_to_async(remove_member)(den, actor=alice, user=bob)

    await expect_ended(line, 4403, "removed")
    assert presence.people(den.pk) == []
    assert await sync_to_async(in_room)(bob, den) == {(403, "removed")}
    await lobby.next("rooms")
    listed = await sync_to_async(lambda: Caller(bob)("GET", "rooms?scope=mine")[1])()
    assert listed["rooms"] == []
    assert (await sync_to_async(lambda: Caller(bob)("GET", "me"))())[1]["last_room"] is None
    await say(den, alice, "Now that bob has gone")
    assert await lobby.nothing()
    again = await connect(den, bob)
    await expect_ended(again, 4403, "removed")
    assert "gone" not in str([line.events, lobby.events, again.events])


@pytest.mark.parametrize("how", ["leave", "delete", "private"])
async def test_who_has_a_room_no_more_hears_nothing_of_it_in_the_lobby(
    connect: Connect, room: Room, alice: User, bob: User, how: str
) -> None:
    lobby = await connect(LOBBY, bob)
    await lobby.next("welcome")
    if how == "leave":
        await sync_to_async(leave_room)(room, actor=bob)
    elif how == "delete":
        await sync_to_async(delete_room)(room, actor=alice)
    else:
        await sync_to_async(leave_room)(room, actor=bob)
        await sync_to_async(set_kind)(room, actor=alice, kind="private")
    await lobby.next("rooms")
    if how != "delete":
        await say(room, alice, "Behind closed doors")
    while not await lobby.nothing():
        await lobby.take()
    assert lobby.of("unread") == []


async def signed_in(connect: Connect, room: Room, user: User) -> tuple[Client, Line]:
    """A browser of this person, and a socket of the same session."""
    client = Client()
    await sync_to_async(client.force_login)(user)
    key = await sync_to_async(lambda: client.session.session_key)()
    line = await connect(room, user, headers=[(b"x-session-token", str(key).encode())])
    await line.next("welcome")
    return client, line


@pytest.mark.parametrize("place", ["room", "lobby"])
async def test_no_socket_survives_a_log_out(connect: Connect, den: Room, bob: User, place: str) -> None:
    client, line = await signed_in(connect, den if place == "room" else LOBBY, bob)
    await sync_to_async(client.post)(reverse("account_logout"))
    assert await line.closed() == 4401


@pytest.mark.parametrize("place", ["room", "lobby"])
async def test_no_other_session_survives_a_change_of_password(
    connect: Connect, den: Room, bob: User, place: str
) -> None:
    where: Any = den if place == "room" else LOBBY
    client, own = await signed_in(connect, where, bob)
    other_client, other = await signed_in(connect, where, bob)
    new = "another correct horse battery"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    await sync_to_async(client.post)(reverse("account_change_password"), form)
    # Both come back to knock; of the two sessions, one still holds.
    for line in (own, other):
        if line.close_code is None:
            await line.closed()
    answers = [await sync_to_async(browser.get)("/api/me") for browser in (client, other_client)]
    assert [answer.status_code for answer in answers] == [200, 401]


@pytest.mark.parametrize("end", ["suspend", "delete"])
async def test_nothing_survives_the_end_of_an_account(
    connect: Connect, den: Room, bob: User, dana: User, end: str
) -> None:
    client, line = await signed_in(connect, den, bob)
    _same, lobby = await signed_in(connect, LOBBY, bob)
    await sync_to_async(suspend)(bob, actor=dana) if end == "suspend" else await sync_to_async(delete_account)(bob)
    assert await line.closed() == 4401
    assert await lobby.closed() == 4401
    assert (await sync_to_async(client.get)("/api/me")).status_code == 401
    page = await sync_to_async(client.get)(reverse("room", args=[den.pk]))
    assert "/login/" in page["Location"]


# --- What is private -------------------------------------------------------------------------------------------------


def test_a_private_room_is_in_nobody_else_s_lists(den: Room, alice: User, bob: User, charlie: User) -> None:
    direct = open_direct(actor=alice, user=bob)
    for query in ("", "?q=den", "?q=", "?scope=public&q=DEN", "?scope=mine", "?scope=mine&q=bob", "?q=alice"):
        assert Caller(charlie)("GET", f"rooms{query}")[1]["rooms"] == []
    page = Client()
    page.force_login(charlie)
    for query in ("", "?q=den", "?q=bob"):
        shown = page.get(reverse("room_list") + query).content.decode()
        assert str(den.pk) not in shown
        assert str(direct.pk) not in shown
        assert "Between us" not in shown


def test_who_is_added_again_has_the_whole_transcript(den: Room, alice: User, bob: User) -> None:
    remove_member(den, actor=alice, user=bob)
    writer.post(clean_post(room_id=den.pk, author=alice, client_id="1", body="While bob was out"))
    add_member(den, actor=alice, user=bob)
    rows = Caller(bob)("GET", f"rooms/{den.pk}/messages")[1]["messages"]
    assert [row["seq"] for row in rows] == list(range(1, rows[-1]["seq"] + 1))
    assert "While bob was out" in [row["body"] for row in rows]


async def test_a_private_room_s_talk_reaches_no_stranger_s_lobby(
    connect: Connect, den: Room, alice: User, charlie: User, dana: User
) -> None:
    lines = [await connect(LOBBY, user) for user in (charlie, dana)]
    for line in lines:
        await line.next("welcome")
    await say(den, alice, "Between us")
    for line in lines:
        assert await line.nothing()


@pytest.mark.parametrize("by", ["api", "page", "admin"])
def test_no_door_makes_a_direct_room_an_open_room(alice: User, bob: User, dana: User, charlie: User, by: str) -> None:
    direct = open_direct(actor=alice, user=bob)
    if by == "api":
        call = Caller(alice)
        for change in ({"kind": "public", "confirm": True}, {"kind": "private"}, {"name": "Open"}):
            assert call("PATCH", f"rooms/{direct.pk}", change)[0] == 409
        assert call("POST", f"rooms/{direct.pk}/members", {"username": "charlie"})[0] == 409
        assert call("POST", f"rooms/{direct.pk}/invitations", {})[0] == 409
        assert call("POST", "rooms", {"name": "Open", "kind": "direct"})[0] == 422
    else:
        client = Client()
        client.force_login(alice if by == "page" else dana)
        form = {"name": "Open", "topic": "", "kind": "public", "confirm": "on", "username": "charlie", "days": 7}
        pages = ("room_settings", "room_kind", "member_add", "invitation_new")
        rooms_admin = "/admin/rooms/room"
        addresses = [reverse(name, args=[direct.pk]) for name in pages]
        for address in (
            addresses
            if by == "page"
            else (f"{rooms_admin}/{direct.pk}/change/", f"{rooms_admin}/{direct.pk}/add-member/")
        ):
            client.post(address, form)
    direct.refresh_from_db()
    assert (direct.kind, direct.name, direct.member_count, direct.last_seq) == ("direct", "", 2, 1)
    assert not direct.invitations.exists()
    assert direct.membership_of(charlie) is None


# --- A person who is none --------------------------------------------------------------------------------------------


def test_nobody_is_not_taken_for_somebody(den: Room, alice: User) -> None:
    """An empty or made-up session, by header or by cookie, passes no check by being nobody."""
    for client in (
        Client(),
        Client(headers={"X-Session-Token": ""}),
        Client(headers={"X-Session-Token": "None"}),
        Client(headers={"Cookie": "sessionid="}),
        Client(headers={"Cookie": "sessionid=None"}),
        Client(headers={"Authorization": "Bearer null"}),
    ):
        for method, path in (("get", ""), ("get", "/messages"), ("post", "/join"), ("delete", "")):
            answer = getattr(client, method)(f"/api/rooms/{den.pk}{path}")
            assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")


@pytest.mark.parametrize("username", ["", " ", "\u200b", "None", "null", "\0", "x" * 500])
def test_a_name_of_nobody_adds_nobody(den: Room, alice: User, username: str) -> None:
    before = den.memberships.count()
    status, answer = Caller(alice)("POST", f"rooms/{den.pk}/members", {"username": username})
    assert (status, answer["code"]) == (404, "no_such_person")
    assert Caller(alice)("POST", "directs", {"username": username})[0] == 404
    assert den.memberships.count() == before
