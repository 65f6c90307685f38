"""A backup taken while people talk is whole; and after a restore nobody sees a mixed transcript."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers
from tests.scripts import Script

pytestmark = pytest.mark.faults


@pytest.fixture(params=["sqlite", "postgresql"])
def talking_site(request: pytest.FixtureRequest) -> Iterator[servers.Site]:
    if request.param == "sqlite":
        with servers.site() as site:
            yield site
    else:
        with servers.postgres() as postgres, servers.site(env={"DATABASE_URL": postgres.url}) as site:
            yield site


async def test_who_is_ahead_of_a_restored_site_starts_anew(talking_site: servers.Site, tmp_path: Path) -> None:
    site, copy = talking_site, tmp_path / "backup"
    alice = Script(site.url, "alice")
    room = alice.call("POST", "/api/rooms", {"name": "Tea"})["id"]
    async with alice.line(room, after=0) as line:
        await line.say(*(f"before {number}" for number in range(20)))
        await line.until_words(20)
        copying = asyncio.create_task(asyncio.to_thread(site.manage, "backup", str(copy)))
        while not copying.done():
            await line.say("during")
            # Slower than the limit of what one person may say, however long the copying takes.
            await asyncio.sleep(0.1)
        await copying
        count = len(line.words())
        await line.say(*(f"too late {number}" for number in range(10)))
        await line.until_words(count + 10)
        last = line.rows()[-1]
    site.stop()
    site.manage("restore", str(copy), "--yes")
    assert "All 1 transcripts verify." in site.manage("verify_transcripts")
    site.start()
    kept = alice.call("GET", f"/api/rooms/{room}")["head"]
    assert 21 <= kept < last["seq"]
    # New messages pass the seq at which the client stood: only the hash tells that they are others.
    async with alice.line(room, after=kept) as line:
        await line.say(*(f"after {number}" for number in range(40)))
        await line.until_words(40)
    async with alice.line(room, after=last["seq"], hash=last["hash"]) as line:
        await line.until(lambda: [event for event in line.events if event["type"] == "reset"])
        (reset,) = [event for event in line.events if event["type"] == "reset"]
        assert [row["body"] for row in reset["messages"]][-40:] == [f"after {number}" for number in range(40)]
    assert "All 1 transcripts verify." in site.manage("verify_transcripts")


async def test_a_site_that_runs_on_notices_what_was_restored_under_it(
    talking_site: servers.Site, tmp_path: Path
) -> None:
    site, copy = talking_site, tmp_path / "backup"
    alice = Script(site.url, "alice")
    room = alice.call("POST", "/api/rooms", {"name": "Tea"})["id"]
    messages = f"/api/rooms/{room}/messages"
    async with alice.line(room, after=0) as line:
        await line.say("kept")
        await line.until_words(1)
        await asyncio.to_thread(site.manage, "backup", str(copy))
        await line.say(*(f"too late {number}" for number in range(10)))
        await line.until_words(11)
        last = line.rows()[-1]
        await asyncio.to_thread(site.manage, "restore", str(copy), "--yes")
        # While its look at the heads is still to come: these pass the seq at which the socket stands.
        for number in range(15):
            await asyncio.to_thread(alice.call, "POST", messages, {"client_id": f"{number}", "body": f"new {number}"})
        assert await line.until_closed() == 4412
        assert line.words() == ["kept", *(f"too late {number}" for number in range(10))]
    async with alice.line(room, after=last["seq"], hash=last["hash"]) as line:
        await line.until(lambda: [event for event in line.events if event["type"] == "reset"])
        (reset,) = [event for event in line.events if event["type"] == "reset"]
        assert [row["body"] for row in reset["messages"]][-16:] == ["kept", *(f"new {number}" for number in range(15))]
    assert "All 1 transcripts verify." in await asyncio.to_thread(site.manage, "verify_transcripts")


def test_a_database_that_is_damaged_is_replaced_by_the_backup(tmp_path: Path) -> None:
    with servers.site() as site:
        alice, copy = Script(site.url, "alice"), tmp_path / "backup"
        alice.call("POST", "/api/rooms", {"name": "Tea"})
        site.manage("backup", str(copy))
        site.stop()
        whole = (site.data / "chat.db").read_bytes()
        for damage in (b"no database at all", whole[:5_000], whole[:4096] + b"x" * 8192 + whole[12_288:], b""):
            (site.data / "chat.db").write_bytes(damage)
            site.manage("restore", str(copy), "--yes")
            assert "All 1 transcripts verify." in site.manage("verify_transcripts")
        site.start()
        assert alice.call("GET", "/api/rooms?scope=mine")


def test_a_backup_does_not_overwrite_and_a_restore_asks(site: servers.Site, tmp_path: Path) -> None:
    copy = tmp_path / "backup"
    copy.write_text("precious")
    for arguments, sentence in (
        (("backup", str(copy)), "is there already"),
        (("restore", str(copy)), "add --yes"),
        (("restore", str(copy), "--yes"), "is no backup"),
    ):
        with pytest.raises(AssertionError, match=sentence):
            site.manage(*arguments)
    assert copy.read_text() == "precious"
