"""The library against a real site."""

import asyncio
import os
from pathlib import Path

import pytest
from chatsite_client import (
    Api,
    Connected,
    Ended,
    Live,
    NotASite,
    Outbox,
    Refused,
    Sender,
    SignedOut,
    Site,
    Unreachable,
    download,
    enter_as_guest,
    sign_in,
    sign_out,
    sign_out_elsewhere,
    sign_up,
    upload,
)
from chatsite_client.news import Told

from tests import servers
from tests.client.people import Ear, Person
from tests.faults.proxy import Proxy


async def test_people_sign_up_in_and_out(chat: servers.Site) -> None:
    async with Api(chat.url) as api:
        begun = await sign_up(api, "carla", "carla@example.org", "correct horse battery")
        again = await sign_in(api, "carla@example.org", "correct horse battery", device=begun.device)
        assert begun.device
        assert again.token != begun.token
        with pytest.raises(Refused) as wrong:
            await sign_in(api, "carla", "wrong", device=begun.device)
        assert wrong.value.code == "username_password_mismatch"
        with pytest.raises(Refused, match="password"):
            await sign_up(api, "short", "short@example.org", "abc")
        api.token = again.token
        assert (await api.me())["username"] == "carla"
        assert await sign_out_elsewhere(api) == 1
        await sign_out(api)
        for token in (begun.token, again.token):
            api.token = token
            with pytest.raises(SignedOut):
                await api.me()
        api.token = None
        api.token = (await enter_as_guest(api, "Gus")).token
        assert (await api.me())["is_guest"]


async def test_what_is_no_site_is_told_apart_from_one_that_is_away() -> None:
    async with Api(f"http://{servers.HOST}:{servers.free_port()}", patience=0) as api:
        with pytest.raises(Unreachable, match="cannot be reached"):
            await api.me()
    for address in ("ftp://x", "https://a/b", "https://ann:pw@a", ""):
        with pytest.raises(NotASite):
            Api(address)


@pytest.mark.parametrize("websockets", [True, False], ids=["socket", "polling"])
async def test_two_people_talk(ann: Person, ben: Person, websockets: bool, tmp_path: Path) -> None:
    async with ann.api() as hers, ben.api() as his:
        room = await hers.open_room(f"Lobby {ann.name}")
        await his.join((await his.find_room(room["name"].upper()))["id"])
        async with Live(his, websockets=websockets) as live, Ear(live) as ear:
            live.enter(room["id"])
            live.attend(room["id"])
            await ear.until(lambda: ear.told(Connected) and bool(ear.rows()))
            with Outbox(tmp_path) as box:
                async with Sender(hers, box) as sender:
                    entries = [sender.send(room["id"], f"words {number}") for number in range(30)]
                    outcomes = [await sender.outcome(entry) for entry in entries]
                assert not box.entries
            await ear.until(lambda: len(ear.words()) == 30)
            assert ear.words() == [f"words {number}" for number in range(30)]
            assert [row["seq"] for row in ear.rows()] == list(range(1, 33))
            assert ear.rows()[-1] == outcomes[-1]
            live.read(room["id"], ear.rows()[-1]["seq"])
            presence = await hers.call("GET", f"/api/v1/rooms/{room['id']}/presence")
            assert [one["username"] for one in presence["people"]] == [ben.name]
            member = next(m for m in await hers.members(room["id"]) if m["person"]["username"] == ben.name)
            await hers.remove_member(room["id"], member["person"]["id"])
            await ear.until(lambda: ear.told(Ended))
            assert room["id"] not in live.rooms


async def test_refused_words_do_not_hold_up_others(ann: Person, tmp_path: Path) -> None:
    async with ann.api() as api:
        room = (await api.open_room(f"R {ann.name}"))["id"]
        with Outbox(tmp_path) as box:
            async with Sender(api, box) as sender:
                bad, good = sender.send(room, "x" * 10_001), sender.send(room, "short")
                outcome = await sender.outcome(bad)
                assert isinstance(outcome, Refused)
                assert outcome.code == "too_long"
                assert not isinstance(await sender.outcome(good), Refused)
            assert [entry.refusal for entry in box.entries] == [str(outcome)]


async def test_a_socket_ends_with_its_session(ann: Person) -> None:
    async with ann.api() as api, Live(api) as live, Ear(live) as ear:
        await ear.until(lambda: ear.told(Connected))
        await sign_out(api)
        await ear.until(lambda: ear.told(Ended))
        assert [news.code for news in ear.news if isinstance(news, Ended)] == [4401]


async def test_rooms_elsewhere_are_heard_of(ann: Person, ben: Person) -> None:
    async with ann.api() as hers, ben.api() as his:
        talk = await hers.open_direct(ben.name)
        async with Live(his) as live, Ear(live) as ear:
            await ear.until(lambda: ear.told(Connected))
            await hers.post(talk["id"], "Are you there?")
            await ear.until(lambda: any(isinstance(news, Told) and news.type == "unread" for news in ear.news))
        assert (await his.find_room(f"@{ann.name}"))["unread"] == 1


async def test_a_file_goes_over_a_line_that_breaks(chat: servers.Site, ann: Person, tmp_path: Path) -> None:
    proxy = Proxy(chat.port)
    await proxy.start()
    sent, saved = tmp_path / "sent.bin", tmp_path / "saved.bin"
    sent.write_bytes(os.urandom(7_000_000))
    cuts = iter([2, 4])
    cut_at = next(cuts)
    parts = 0

    def progress(done: int, size: int) -> None:
        nonlocal parts, cut_at
        parts += 1
        if parts == cut_at:
            cut_at = next(cuts, 0)
            proxy.cut()

    try:
        async with ann.api() as api:
            room = (await api.open_room(f"Files {ann.name}"))["id"]
        async with Api(proxy.url, token=ann.token) as api:
            file = await upload(api, room, sent, progress=progress)
            posted = await api.post(room, "Here", attachment=file["id"])
            assert posted["attachment"]
            await download(api, posted["attachment"]["id"], saved, sha256=file["sha256"], progress=progress)
            assert saved.read_bytes() == sent.read_bytes()
            with pytest.raises(FileExistsError):
                await download(api, posted["attachment"]["id"], saved)
            assert sorted(path.name for path in tmp_path.iterdir()) == ["saved.bin", "sent.bin"]
            (tmp_path / "bad.exe").write_bytes(b"MZ")
            with pytest.raises(Refused) as refused:
                await upload(api, room, tmp_path / "bad.exe")
            assert refused.value.code == "type_not_allowed"
    finally:
        await proxy.stop()


def test_a_program_without_async_does_the_same(ann: Person) -> None:
    with Site(ann.url) as site:
        assert site.sign_in(ann.name, ann.password)
        created = site.run(site.api.open_room(f"Sync {ann.name}"))
        room = site.room(created["name"])
        for number in range(3):
            site.post(room, f"words {number}")
        follow = site.follow(room, after=0)
        assert [next(follow)["body"] for _ in range(4)][1:] == ["words 0", "words 1", "words 2"]
        follow.close()
        assert len(list(site.history(room))) == 4


async def test_three_people_post_at_once_and_agree(
    ann: Person, ben: Person, chat: servers.Site, tmp_path: Path
) -> None:
    people = [ann, ben, Person.sign_up(chat.url)]
    async with ann.api() as api:
        room = (await api.open_room(f"Three {ann.name}"))["id"]

    async def talk(person: Person, folder: Path) -> list[tuple[int, str]]:
        async with person.api() as api:
            await api.join(room)
            async with Live(api) as live, Ear(live) as ear:
                live.enter(room)
                with Outbox(folder) as box:
                    async with Sender(api, box) as sender:
                        for number in range(30):
                            sender.send(room, f"{person.name} {number}")
                        await ear.until(lambda: len(ear.words()) == 90)
                return [(row["seq"], row["hash"]) for row in ear.rows() if row["kind"] == "text"]

    first, *others = await asyncio.gather(*(talk(person, tmp_path / person.name) for person in people))
    assert all(other == first for other in others)
    assert len({seq for seq, _ in first}) == 90
