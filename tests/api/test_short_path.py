"""What is answered before Django: it says what Django would, and whatever ends it is noticed."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.sessions.models import Session
from django.middleware.csrf import _get_new_csrf_string
from django.utils import timezone

from accounts.actions import delete_account, set_display_name, suspend
from accounts.models import User
from accounts.sessions import end_sessions
from api import kept_answers
from api.short_pages import ShortPages
from api.short_path import ShortPath
from chatsite import readonly
from chatsite.models import ReadOnly
from chatsite.server.handler import Handler
from rooms import limits
from rooms.actions.memberships import add_member, leave_room, remove_member
from rooms.actions.messages import post_message
from rooms.actions.moderation import redact_message
from rooms.actions.pins import pin_message
from rooms.actions.rooms import delete_room, open_room
from rooms.log import triggers
from rooms.models import Message, Room
from rooms.realtime import lifecycle
from rooms.realtime.connections import pollers
from rooms.realtime.metrics import counts
from rooms.realtime.presence.tracker import presence
from tests.rooms.conftest import session_of
from tests.rooms.realtime.sockets import say
from tests.security.cast import set_scene

pytestmark = [pytest.mark.rules, pytest.mark.security, pytest.mark.django_db(transaction=True)]

# A request is recognised once the room is open here, and its head known: three at most.
TIMES = 4
Headers = list[tuple[bytes, bytes]]
Answer = tuple[int, dict[str, str], Any]


class Site:
    """The application, and how often Django was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self._django = Handler()
        self._application = ShortPath(self._count)

    async def _count(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        await self._django(scope, receive, send)

    async def poll(self, headers: Headers, asked: object, application: Any = None) -> Answer:
        """Send a poll; or, where what is asked is an address, GET it; or POST something to one."""
        to = "/api/v1/poll"
        if isinstance(asked, tuple):
            to, asked = asked
        text = b"" if isinstance(asked, str) else asked if isinstance(asked, bytes) else json.dumps(asked).encode()
        path, _, query = asked.partition("?") if isinstance(asked, str) else (to, "", "")
        scope: dict[str, Any] = {
            "type": "http", "method": "GET" if isinstance(asked, str) else "POST", "path": path, "scheme": "http",
            "raw_path": path.encode(), "query_string": query.encode(), "extensions": {},
            "client": ["127.0.0.1", 1], "server": ["127.0.0.1", 80],
            "headers": [(b"host", b"localhost"), (b"content-type", b"application/json"), *headers,
                        (b"content-length", b"%d" % len(text))],
        }  # fmt: skip
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": text}

        async def send(message: Any) -> None:
            sent.append(message)

        await (application or self._application)(scope, receive, send)
        told: dict[str, str] = {}
        for name, value in sent[0]["headers"]:
            lower = name.decode().lower()
            told[lower] = f"{told[lower]}, {value.decode()}" if lower in told else value.decode()
        answer = b"".join(message.get("body", b"") for message in sent[1:])
        if told.get("content-encoding") == "gzip":
            answer = gzip.decompress(answer)
        return sent[0]["status"], told, json.loads(answer) if answer else None

    async def is_short(self, headers: Headers, asked: object) -> bool:
        """Poll; return whether it was answered without Django, which would have said the same."""
        before = self.asked
        status, told, answer = await self.poll(headers, asked)
        if self.asked > before:
            return False
        expected = await self.poll(headers, asked, self._django)
        for names in (told, expected[1]):
            names.pop("ratelimit-remaining", None)
            names.pop("ratelimit-reset", None)
            # Said of the longer answers, which Django compresses.
            names["vary"] = names["vary"].removesuffix(", Accept-Encoding")
            # Django pads what it compresses.
            if "content-encoding" in names:
                names.pop("content-length")
        assert (status, told, answer) == expected
        return True

    async def becomes_short(self, headers: Headers, asked: object) -> bool:
        for _ in range(TIMES):
            if await self.is_short(headers, asked):
                return True
            for room in list(lifecycle.hub().rooms.by_id.values()):
                await room.opened
            await lifecycle.hub().reconciler.run()
        return False


@pytest.fixture
async def site(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    """Nothing is compared with the database but when a test does it."""
    monkeypatch.setattr("rooms.realtime.hub.RECONCILE_EVERY", 1_000.0)
    monkeypatch.setattr("rooms.realtime.reconcile.reconciler.RECONCILE_EVERY", 1_000.0)
    monkeypatch.setattr("rooms.realtime.hub.UPKEEP_EVERY", 1_000.0)
    presence.clear()
    # As the application does it at each request.
    await lifecycle.hub().reconciler.run()
    yield Site()
    await lifecycle.stop()
    presence.clear()


@pytest.fixture(params=["told", "not told"])
def lost(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Awaitable[None]]:
    """Return what has to happen before a change is known: nothing if signals come, a run of the reconciler if not."""
    if request.param == "told":

        async def nothing() -> None:
            # The signal's call waits its turn on this loop.
            await sync_to_async(int)()

        return nothing
    monkeypatch.setattr(lifecycle, "hubs", list)

    async def run() -> None:
        await lifecycle.hub().reconciler.run()
        for task in list(lifecycle.hub().tasks._tasks):
            if "_read_up" in repr(task):
                await task

    return run


async def token_of(user: User) -> Headers:
    return [(b"x-session-token", (await sync_to_async(session_of)(user)).encode())]


def asking(room: Room, after: int = 2, **more: object) -> dict[str, object]:
    return {"rooms": [{"room": str(room.pk), "after": after, **more}]}


def attending(room: Room, after: int = 2, **more: object) -> dict[str, object]:
    return {**asking(room, after, **more), "here": "tab", "attend": str(room.pk)}


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


# --- What ends it -----------------------------------------------------------------------------------------------------


def logs_out(user: User, actor: User, room: Room) -> None:
    sessions = list(UserSession.objects.filter(user=user))
    assert sessions
    end_sessions(sessions)


def is_suspended(user: User, actor: User, room: Room) -> None:
    suspend(user, actor=User.objects.create_superuser("dana", "dana@example.org"))


def closes_the_account(user: User, actor: User, room: Room) -> None:
    delete_account(user)


def chooses_another_password(user: User, actor: User, room: Room) -> None:
    user.set_password("another one, as long as it has to be")
    user.save()


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


def is_removed(user: User, actor: User, room: Room) -> None:
    remove_member(room, actor=actor, user=user)


def leaves(user: User, actor: User, room: Room) -> None:
    leave_room(room, actor=user)


def finds_it_deleted(user: User, actor: User, room: Room) -> None:
    delete_room(room, actor=actor)


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


# --- Pages of messages -----------------------------------------------------------------------------------------------


def page(room: Room, query: str = "") -> str:
    return f"/api/v1/rooms/{room.pk}/messages{query}"


@pytest.mark.parametrize("query", ["", "?after=1", "?before=2", "?around=2&limit=1", "?after=2"])
async def test_a_page_is_read_once_for_all_members(site: Site, room: Room, alice: User, bob: User, query: str) -> None:
    compressed = (b"accept-encoding", b"gzip")
    his, hers = [*await token_of(bob), compressed], [*await token_of(alice), compressed]
    assert await site.becomes_short(his, page(room, query))
    assert await site.becomes_short(hers, page(room, "?limit=100"))
    assert await site.is_short(hers, page(room, query))


async def test_a_page_that_one_has_already_is_not_sent_again(site: Site, room: Room, bob: User) -> None:
    token = await token_of(bob)
    assert await site.becomes_short(token, page(room))
    etag = (await site.poll(token, page(room)))[1]["etag"].encode()
    before = site.asked
    status, told, answer = await site.poll([*token, (b"if-none-match", etag)], page(room))
    assert (status, told["etag"].encode(), answer, site.asked) == (304, etag, None, before)
    assert "content-length" not in told
    assert (await site.poll([*token, (b"if-none-match", b'"other"')], page(room)))[0] == 200
    assert (await site.poll([*token, (b"if-none-match", b'"other", ' + etag)], page(room)))[0] == 304
    assert (await site.poll([*token, (b"if-match", b'"other"')], page(room)))[0] == 412


def is_said(user: User, actor: User, room: Room) -> None:
    post_message(room, actor=actor, client_id="1", body="Something new")


def is_erased(user: User, actor: User, room: Room) -> None:
    redact_message(room, actor=User.objects.create_superuser("dana", "dana@example.org"), seq=3)


def is_renamed(user: User, actor: User, room: Room) -> None:
    set_display_name(actor, display_name="Alicia")


def is_pinned(user: User, actor: User, room: Room) -> None:
    pin_message(room, actor=actor, seq=3)


async def test_a_row_is_read_once_for_all_who_poll(site: Site, room: Room, alice: User, bob: User) -> None:
    his, hers = await token_of(bob), await token_of(alice)
    for token in (his, hers):
        assert await site.becomes_short(token, attending(room, hash=None))
    await say(room, alice, "Something new")
    for asked in (asking(room), attending(room), asking(room, presence=1)):
        await site.poll(his, asked)
        assert await site.is_short(his, asked)
        assert await site.is_short(hers, asked)
    assert [row["body"] for row in (await site.poll(hers, asking(room)))[2]["rooms"][0]["messages"]] == [
        "Something new"
    ]
    # A whole log, and one that is another one, are read anew each time.
    others: list[object] = [asking(room, 9), asking(room, 2, hash="00"), {"rooms": [{"room": str(room.pk)}]}]
    for other in others:
        await site.poll(his, other)
        assert not await site.is_short(his, other)


@pytest.mark.parametrize("change", [is_said, is_erased, is_renamed, is_pinned, is_removed, leaves, finds_it_deleted])
async def test_what_a_page_shows_is_never_what_it_was(
    site: Site,
    room: Room,
    alice: User,
    bob: User,
    lost: Callable[[], Awaitable[None]],
    change: Callable[..., None],
) -> None:
    await say(room, alice, "To be changed")
    token = await token_of(bob)
    all_asked = [page(room), page(room, "?after=2"), page(room, "?around=3"), asking(room), asking(room, 3)]
    for asked in all_asked:
        assert await site.becomes_short(token, asked)
        assert "To be changed" in str((await site.poll(token, asked))[2]) or asked == asking(room, 3)
    await sync_to_async(change)(bob, alice, room)
    await lost()
    for asked in all_asked:
        # As Django says it now, whatever that is.
        status, _, answer = await site.poll(token, asked)
        assert (status, answer) == (await site.poll(token, asked, site._django))[::2]


async def test_a_page_speaks_the_language_of_its_reader(site: Site, room: Room, alice: User, bob: User) -> None:
    await say(room, bob, "Words that stay")
    await sync_to_async(delete_account)(bob)
    token = await token_of(alice)
    for language, name in ((b"en", "deleted account"), (b"de", "gelöschtes Konto"), (b"en", "deleted account")):
        asked = [*token, (b"accept-language", language)]
        assert await site.becomes_short(asked, page(room))
        rows = (await site.poll(asked, page(room)))[2]["messages"]
        assert name in {row["author"]["display_name"] for row in rows}


async def test_a_page_of_a_room_that_is_not_one_s_own_is_refused(
    site: Site, room: Room, bob: User, charlie: User
) -> None:
    assert await site.becomes_short(await token_of(bob), page(room))
    for headers in (await token_of(charlie), [], [(b"x-session-token", b"nobodys")]):
        for _ in range(TIMES):
            assert (await site.poll(headers, page(room)))[0] in (401, 403, 404)


async def test_pages_are_kept_up_to_a_size(site: Site, room: Room, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await token_of(bob)
    assert await site.becomes_short(token, page(room))
    monkeypatch.setattr(kept_answers, "KEPT_BYTES", 3 * kept_answers.OVERHEAD_BYTES)
    for limit in range(1, 10):
        assert (await site.poll(token, page(room, f"?limit={limit}")))[0] == 200
    door = site._application._doors[1]
    assert isinstance(door, ShortPages)
    kept = door._pages
    assert 0 < len(kept) < 3
    assert kept.bytes == sum(kept_answers.OVERHEAD_BYTES + len(page.body) for page, *_ in kept._kept.values())


@pytest.mark.parametrize("kind", [Room.Kind.PRIVATE, Room.Kind.PUBLIC])
async def test_to_everybody_the_short_path_says_what_django_does(site: Site, kind: str) -> None:
    scene = await sync_to_async(set_scene)(kind)
    head = (await Room.objects.aget(pk=scene.room.pk)).last_seq
    shortened = set()
    for _ in range(2):
        for role, key in scene.keys.items():
            token = [(b"x-session-token", key.encode())]
            for asked in (asking(scene.room, head), page(scene.room), page(scene.room, f"?after={head}")):
                for _ in range(TIMES):
                    status, _told, answer = await site.poll(token, asked)
                    assert (status, answer) == (await site.poll(token, asked, site._django))[::2]
                if await site.becomes_short(token, asked):
                    shortened.add(role)
    assert shortened == {"member", "admin"}


# --- Posts ------------------------------------------------------------------------------------------------------------


def words(room: Room, client_id: object, body: object = "Words") -> tuple[str, object]:
    return page(room), {"client_id": client_id, "body": body}


async def knows(site: Site, token: Headers, room: Room) -> bool:
    """Post until it is answered without Django."""
    for number in range(TIMES):
        before = site.asked
        assert (await site.poll(token, words(room, f"known-{number}")))[0] == 201
        if site.asked == before:
            return True
        await lifecycle.hub().reconciler.run()
    return False


async def test_a_post_is_stored_once_and_answered_as_by_django(site: Site, room: Room, bob: User) -> None:
    token = await token_of(bob)
    assert await knows(site, token, room)
    status, told, row = await site.poll(token, words(room, "third", "Some words"))
    assert (status, row["body"], row["author"]["username"]) == (201, "Some words", "bob")
    again = await site.poll(token, words(room, "third", "Some words"))
    by_django = await site.poll(token, words(room, "third", "Some words"), site._django)
    assert (again[0], again[2]) == (by_django[0], by_django[2]) == (200, row)
    assert told["cache-control"] == by_django[1]["cache-control"]
    assert told["content-security-policy"] == by_django[1]["content-security-policy"]
    assert told["ratelimit-limit"] == str(limits.POSTING.burst)
    assert await room.messages.filter(client_id="third").acount() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"body": ""},
        {"body": " \n"},
        {"body": "x" * 10_001},
        {"body": "a\0b"},
        {"body": None},
        {"client_id": ""},
        {"client_id": 1},
        {"client_id": "known-0", "body": "other words than those"},
        {"attachment": "00000000-0000-4000-8000-000000000000"},
    ],
)
async def test_a_post_that_is_refused_is_refused_by_django(
    site: Site, room: Room, bob: User, wrong: dict[str, object]
) -> None:
    token = await token_of(bob)
    assert await knows(site, token, room)
    asked = page(room), {"client_id": "3", "body": "Words", **wrong}
    status, _, answer = await site.poll(token, asked)
    assert status >= 400
    assert (status, answer) == (await site.poll(token, asked, site._django))[::2]


async def test_a_post_that_is_refused_counts_once(site: Site, room: Room, bob: User) -> None:
    token = await token_of(bob)
    assert await knows(site, token, room)
    before, refused = limits.POSTING.remaining(bob.pk)[0], counts.posts["client_id_reused"]
    status, headers, _ = await site.poll(token, (page(room), {"client_id": "known-0", "body": "other words"}))
    assert status == 409
    assert limits.POSTING.remaining(bob.pk)[0] == before - 1 == int(headers["ratelimit-remaining"])
    assert counts.posts["client_id_reused"] == refused + 1


@pytest.mark.parametrize("end", [is_removed, leaves, finds_it_deleted, logs_out, is_suspended, closes_the_account])
async def test_who_may_not_post_any_more_is_told_so(
    site: Site, room: Room, alice: User, bob: User, lost: Callable[[], Awaitable[None]], end: Callable[..., None]
) -> None:
    token = await token_of(bob)
    assert await knows(site, token, room)
    await sync_to_async(end)(bob, alice, room)
    await lost()
    status, _, answer = await site.poll(token, words(room, "late"))
    assert status in (401, 403, 404, 410)
    assert (status, answer) == (await site.poll(token, words(room, "late"), site._django))[::2]
    assert not await room.messages.filter(client_id="late").aexists()


async def test_a_foreign_page_cannot_post(site: Site, room: Room, bob: User) -> None:
    secret = _get_new_csrf_string()
    key = await sync_to_async(session_of)(bob)
    cookie = (b"cookie", f"{settings.SESSION_COOKIE_NAME}={key}; {settings.CSRF_COOKIE_NAME}={secret}".encode())
    own = [cookie, (b"x-csrftoken", secret.encode()), (b"origin", b"http://localhost")]
    assert await knows(site, own, room)
    for other in ([cookie], [*own[:2], (b"origin", b"http://elsewhere.example")], [cookie, (b"x-csrftoken", b"x")]):
        assert (await site.poll(other, words(room, "foreign")))[0] == 403
    assert not await room.messages.filter(client_id="foreign").aexists()


async def test_while_the_site_is_read_only_nobody_posts(site: Site, room: Room, bob: User) -> None:
    token = await token_of(bob)
    assert await knows(site, token, room)
    await ReadOnly.objects.acreate()
    await sync_to_async(readonly.switch.refresh)()
    status, _, answer = await site.poll(token, words(room, "late"))
    assert (status, answer["code"]) == (503, "read_only")


async def test_who_posts_too_often_is_told_when_to_come_back(
    site: Site, room: Room, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await token_of(bob)
    assert await knows(site, token, room)
    spend, few = limits.Limit.spend, limits.Limit("posting", burst=3, per_second=0.1)
    monkeypatch.setattr(limits.Limit, "spend", lambda limit, *what: spend(few, *what))
    statuses = [(await site.poll(token, words(room, f"n{number}")))[0] for number in range(5)]
    assert statuses[-1] == 429
