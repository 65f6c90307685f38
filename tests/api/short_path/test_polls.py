"""What is answered before Django: it says what Django would, and whatever ends it is noticed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.sessions.models import Session
from django.middleware.csrf import _get_new_csrf_string
from django.utils import timezone

from accounts.actions import set_display_name
from accounts.models import User
from chatsite.models import ReadOnly
from rooms import limits
from rooms.actions.memberships import add_member, remove_member
from rooms.actions.rooms import open_room
from rooms.log import triggers
from rooms.models import Message, Room
from rooms.realtime import lifecycle
from rooms.realtime.connections import pollers
from rooms.realtime.presence.tracker import presence
from tests.api.short_path.site import (
    TIMES,
    Headers,
    Site,
    asking,
    attending,
    chooses_another_password,
    closes_the_account,
    finds_it_deleted,
    is_removed,
    is_suspended,
    leaves,
    logs_out,
    page,
    token_of,
)
from tests.rooms.conftest import session_of
from tests.rooms.realtime.sockets import say

pytestmark = [pytest.mark.rules, pytest.mark.security, pytest.mark.django_db(transaction=True)]


async def test_a_poll_with_nothing_new_asks_no_database(site: Site, room: Room, bob: User) -> None:
    token = await token_of(bob)
    assert await site.becomes_short(token, attending(room))
    before = site.asked
    status, told, answer = await site.poll(token, attending(room, presence=presence.version(room.pk)))
    assert (site.asked, status, answer["rooms"], answer["moved"]) == (before, 200, [], None)
    assert answer["since"] > 0
    assert told["cache-control"] == "no-store"
    assert "default-src 'none'" in told["content-security-policy"]
    assert set(told) >= {"ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "ratelimit-policy"}


async def test_a_page_s_cookie_and_its_csrf_token_are_known_together(site: Site, room: Room, bob: User) -> None:
    secret = _get_new_csrf_string()
    key = await sync_to_async(session_of)(bob)
    cookie = (b"cookie", f"{settings.SESSION_COOKIE_NAME}={key}; {settings.CSRF_COOKIE_NAME}={secret}".encode())
    page = [cookie, (b"x-csrftoken", secret.encode()), (b"origin", b"http://localhost")]
    assert await site.becomes_short(page, asking(room))
    for other in ([cookie], [*page[:2], (b"origin", b"http://elsewhere.example")], [cookie, (b"x-csrftoken", b"x")]):
        assert (await site.poll(other, asking(room)))[0] == 403
    assert (await site.poll([*page, (b"sec-fetch-site", b"cross-site")], asking(room)))[0] == 403
    assert await site.is_short(page, asking(room))


@pytest.mark.parametrize(
    "headers",
    [[], [(b"x-session-token", b"nobodys")], [(b"authorization", b"Bearer nobodys")], [(b"cookie", b"sessionid=no")]],
)
async def test_a_stranger_is_answered_by_django(site: Site, room: Room, bob: User, headers: Headers) -> None:
    assert await site.becomes_short(await token_of(bob), asking(room))
    before = site.asked
    for _ in range(TIMES):
        assert (await site.poll(headers, asking(room)))[0] in (401, 403)
    assert site.asked == before + TIMES


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"rooms": []}', b'{"rooms": 1}', b"\xff", b'{"rooms": [{"room": "x"}]}', b" " * 300_000],
)
async def test_what_is_wrong_is_refused_as_ever(site: Site, room: Room, bob: User, body: bytes) -> None:
    token = await token_of(bob)
    assert await site.becomes_short(token, asking(room))
    assert (await site.poll(token, body))[0] >= 400


async def test_what_is_new_is_read_by_django(site: Site, room: Room, alice: User, bob: User) -> None:
    token = await token_of(bob)
    assert await site.becomes_short(token, asking(room))
    for other in (asking(room, 1), asking(room, 3), asking(room, 2, hash="00"), {"rooms": [{"room": str(room.pk)}]}):
        assert not await site.is_short(token, other)
    await say(room, alice, "Something new")
    before = site.asked
    answer = (await site.poll(token, asking(room)))[2]
    assert [row["body"] for row in answer["rooms"][0]["messages"]] == ["Something new"]
    assert site.asked == before + 1
    assert await site.becomes_short(token, asking(room, 3))


async def test_a_room_that_was_not_asked_for_is_judged_by_django(
    site: Site, room: Room, alice: User, bob: User
) -> None:
    other = await sync_to_async(open_room)(actor=alice, name="Not bob's")
    token = await token_of(bob)
    assert await site.becomes_short(await token_of(alice), asking(other, 1))
    assert await site.becomes_short(token, asking(room))
    both = {"rooms": [*asking(room)["rooms"], *asking(other, 1)["rooms"]]}  # type: ignore[misc]
    for _ in range(TIMES):
        status, _, answer = await site.poll(token, both)
        assert status == 200
        assert [news["ended"]["code"] for news in answer["rooms"]] == [4403]
    assert not await site.is_short(token, asking(other, 1))


@pytest.mark.parametrize("end", [logs_out, is_suspended, closes_the_account, chooses_another_password])
async def test_whose_session_has_ended_is_told_so(
    site: Site, room: Room, alice: User, bob: User, lost: Callable[[], Awaitable[None]], end: Callable[..., None]
) -> None:
    token = await token_of(bob)
    assert await site.becomes_short(token, asking(room))
    await sync_to_async(end)(bob, alice, room)
    await lost()
    assert (await site.poll(token, asking(room)))[0] == 401


async def test_a_session_that_runs_out_is_noticed(site: Site, room: Room, bob: User) -> None:
    token = await token_of(bob)
    assert await site.becomes_short(token, asking(room))
    await Session.objects.aupdate(expire_date=timezone.now())
    await lifecycle.hub().reconciler.run()
    assert (await site.poll(token, asking(room)))[0] == 401


@pytest.mark.parametrize(("end", "code"), [(is_removed, 4403), (leaves, 4403), (finds_it_deleted, 4410)])
async def test_who_is_no_longer_in_the_room_is_told_so(
    site: Site,
    room: Room,
    alice: User,
    bob: User,
    lost: Callable[[], Awaitable[None]],
    end: Callable[..., None],
    code: int,
) -> None:
    token = await token_of(bob)
    assert await site.becomes_short(token, attending(room))
    await sync_to_async(end)(bob, alice, room)
    await lost()
    for after in (2, 3, 4):
        for _ in range(2):
            news = (await site.poll(token, attending(room, after)))[2]["rooms"]
            assert [one["ended"]["code"] for one in news] == [code]


async def test_who_is_removed_while_the_room_is_closed_here_is_judged_anew(
    site: Site, room: Room, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, hers = await token_of(bob), await token_of(alice)
    assert await site.becomes_short(token, asking(room))
    assert await site.becomes_short(token, page(room))
    hub = lifecycle.hub()
    hub.rooms.close(hub.rooms.by_id[room.pk])
    with monkeypatch.context() as patch:
        patch.setattr(lifecycle, "hubs", list)
        await sync_to_async(remove_member)(room, actor=alice, user=bob)
    assert await site.becomes_short(hers, asking(room, 3))
    assert await site.becomes_short(hers, page(room))
    news = (await site.poll(token, asking(room, 3)))[2]["rooms"]
    assert [one["ended"]["code"] for one in news] == [4403]
    assert (await site.poll(token, page(room)))[0] == 403
    await sync_to_async(add_member)(room, actor=alice, user=bob)
    assert await site.becomes_short(token, asking(room, 4))


async def test_who_is_removed_while_django_looks_and_the_room_is_opened_is_not_taken_for_a_member(
    site: Site, room: Room, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await token_of(bob)
    hub = lifecycle.hub()
    django = site._django

    async def and_then_bob_is_removed(scope: Any, receive: Any, send: Any) -> None:
        await django(scope, receive, send)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lifecycle, "hubs", list)
            await sync_to_async(remove_member)(room, actor=alice, user=bob)
        await hub.rooms.hold(room.pk, hub.loop.time() + 60).opened

    with monkeypatch.context() as patch:
        patch.setattr(site, "_django", and_then_bob_is_removed)
        assert (await site.poll(token, asking(room)))[2]["rooms"] == []
    await hub.reconciler.run()
    assert len(hub.pollers.all()) == 1
    news = (await site.poll(token, asking(room, 3)))[2]["rooms"]
    assert [one["ended"]["code"] for one in news] == [4403]


async def test_who_is_signed_out_while_django_looks_is_not_recognised(
    site: Site, room: Room, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await token_of(bob)
    hub = lifecycle.hub()
    django = site._django

    async def and_then_bob_is_signed_out(scope: Any, receive: Any, send: Any) -> None:
        await django(scope, receive, send)
        hub.accounts.suspend(bob.pk)

    monkeypatch.setattr(site, "_django", and_then_bob_is_signed_out)
    await site.poll(token, asking(room))
    assert not hub.pollers.all()


async def test_a_log_that_is_another_one_is_a_reset(site: Site, room: Room, bob: User) -> None:
    token = await token_of(bob)
    assert await site.becomes_short(token, asking(room))

    @sync_to_async
    def go_back() -> None:
        last = Message.objects.get(room=room, seq=1)
        with triggers.lifted():
            Message.objects.filter(room=room, seq__gt=1).delete()
        Room.objects.filter(pk=room.pk).update(last_seq=1, head_hash=bytes(last.hash))

    await go_back()
    await lifecycle.hub().reconciler.run()
    (news,) = (await site.poll(token, asking(room)))[2]["rooms"]
    assert (news["reset"], news["head"]) == (True, 1)


async def test_another_name_is_present_at_once(
    site: Site, room: Room, bob: User, lost: Callable[[], Awaitable[None]]
) -> None:
    token = await token_of(bob)
    assert await site.becomes_short(token, attending(room))
    await sync_to_async(set_display_name)(bob, display_name="Robert")
    await lost()
    await site.poll(token, attending(room))
    assert [person["display_name"] for person in presence.people(room.pk)] == ["Robert"]


async def test_the_site_becomes_read_only(site: Site, room: Room, bob: User) -> None:
    token = await token_of(bob)
    assert await site.becomes_short(token, asking(room))
    await ReadOnly.objects.acreate()
    await lifecycle.hub().reconciler.run()
    assert not await site.is_short(token, asking(room))
    assert await site.becomes_short(token, asking(room))
    assert (await site.poll(token, asking(room)))[2]["read_only"] is True


# --- What it is not for longer than it may be -------------------------------------------------------------------------


async def test_who_is_known_for_a_minute_is_looked_up_anew(
    site: Site, room: Room, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await token_of(bob)
    assert await site.becomes_short(token, asking(room))
    hub = lifecycle.hub()
    now = hub.loop.time()
    monkeypatch.setattr(hub.pollers, "_clock", lambda: now + pollers.KNOWN_SECONDS + 1)
    assert not await site.is_short(token, asking(room))
    hub.rooms.close_unpolled(now + 2 * pollers.KNOWN_SECONDS + 2)
    assert not hub.rooms.by_id
    hub.pollers.forget_expired()


async def test_while_the_database_is_not_asked_django_answers(
    site: Site, room: Room, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await token_of(bob)
    assert await site.becomes_short(token, asking(room))
    monkeypatch.setattr("rooms.realtime.reconcile.reconciler.RECONCILE_EVERY", -1.0)
    assert not await site.is_short(token, asking(room))


async def test_who_asks_a_busy_process_waits_until_it_knows(
    site: Site, room: Room, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await token_of(bob)
    assert await site.becomes_short(token, asking(room))
    before, running = site.asked, lifecycle.hub().reconciler
    monkeypatch.setattr(running, "_true_at", float("-inf"))
    polls = [asyncio.create_task(site.poll(token, asking(room))) for _ in range(3)]
    await asyncio.sleep(0.05)
    assert not any(poll.done() for poll in polls)
    await running.run()
    assert [status for status, _, _ in await asyncio.gather(*polls)] == [200] * 3
    assert site.asked == before
    # Whoever is signed out while they wait is told so.
    monkeypatch.setattr(running, "_true_at", float("-inf"))
    poll = asyncio.create_task(site.poll(token, asking(room)))
    await asyncio.sleep(0.05)
    await sync_to_async(is_suspended)(bob, bob, room)
    await running.run()
    assert (await poll)[0] == 401


async def test_who_polls_too_often_is_told_by_django_when_to_come_back(
    site: Site, room: Room, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await token_of(bob)
    assert await site.becomes_short(token, asking(room))
    now = limits.tally._clock()
    monkeypatch.setattr(limits.tally, "_clock", lambda: now)
    for _ in range(limits.READING.burst + 1):
        status, told, _ = await site.poll(token, asking(room))
        if status != 200:
            break
    assert (status, told["ratelimit-remaining"]) == (429, "0")
    assert int(told["retry-after"]) >= 1


async def test_a_user_is_known_by_no_more_requests_than_tabs_may_poll(
    site: Site, room: Room, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, hers = await token_of(bob), await token_of(alice)
    monkeypatch.setattr(limits, "MAX_POLLING_TABS", 3)
    for number in range(5):
        await site.poll([*token, (b"x-number", b"%d" % number)], asking(room))
    assert len(lifecycle.hub().pollers.all()) == 3
    monkeypatch.setattr(pollers, "KEPT_BYTES", 3 * pollers.ENTRY_BYTES)
    await site.poll(hers, asking(room))
    assert [one.user.username for one in lifecycle.hub().pollers.all()] == ["bob", "bob", "alice"]
