"""Posts that are handed to the writer before Django."""

from collections.abc import Awaitable, Callable

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.middleware.csrf import _get_new_csrf_string

from accounts.models import User
from chatsite import readonly
from chatsite.models import ReadOnly
from rooms import limits
from rooms.models import Room
from rooms.realtime import lifecycle
from rooms.realtime.metrics import counts
from tests.api.short_path.site import (
    TIMES,
    Headers,
    Site,
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

pytestmark = [pytest.mark.rules, pytest.mark.security, pytest.mark.django_db(transaction=True)]


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
