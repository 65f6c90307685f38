"""Pages of messages, and rows of polls, that are answered before Django."""

from collections.abc import Awaitable, Callable

import pytest
from asgiref.sync import sync_to_async

from accounts.actions import delete_account, set_display_name
from accounts.models import User
from api import kept_answers
from api.short_pages import ShortPages
from rooms.actions.messages import post_message
from rooms.actions.moderation import redact_message
from rooms.actions.pins import pin_message
from rooms.models import Room
from tests.api.short_path.site import (
    TIMES,
    Site,
    asking,
    attending,
    finds_it_deleted,
    is_removed,
    leaves,
    page,
    token_of,
)
from tests.rooms.realtime.sockets import say
from tests.security.cast import set_scene

pytestmark = [pytest.mark.rules, pytest.mark.security, pytest.mark.django_db(transaction=True)]


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
