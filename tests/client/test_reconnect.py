"""The library and the command over a site that is killed and started again: nothing lost, nothing twice, one order."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from chatsite_client import Api, Connected, Cursor, Disconnected, Live, Message, Outbox, Sender

from tests import servers
from tests.client.people import Ear, Person
from tests.scripts import PATIENCE

pytestmark = pytest.mark.faults


async def test_words_and_rows_survive_a_killed_site_and_a_closed_program(site: servers.Site, tmp_path: Path) -> None:
    ann, ben = Person.sign_up(site.url), Person.sign_up(site.url)
    async with ann.api() as hers, ben.api() as his:
        room = (await hers.open_room(f"Den {ann.name}"))["id"]
        await his.join(room)
        async with Live(his) as live, Ear(live) as ear, tail(ben, room) as printed:
            live.enter(room, Cursor(0))
            await ear.until(lambda: ear.told(Connected) and len(ear.rows()) == 2)
            rows = [json.loads(await printed.readline()) for _ in range(2)]
            with Outbox(tmp_path) as box:
                async with Sender(hers, box) as sender:
                    for number in range(20):
                        await sender.outcome(sender.send(room, f"words {number}"))
                    await asyncio.to_thread(site.kill)
                    for number in range(20, 40):
                        sender.send(room, f"words {number}")
                    await ear.until(lambda: ear.told(Disconnected))
                # The program is closed, and the site is still away.
                assert len(box.entries) == 20
            await asyncio.to_thread(site.start)
            with Outbox(tmp_path) as box:
                async with Sender(hers, box) as sender:
                    await sender.outcome(sender.send(room, "words 40"))
                assert not box.entries
            await ear.until(lambda: len(ear.words()) == 41)
            assert ear.words() == [f"words {number}" for number in range(41)]
            assert [row["seq"] for row in ear.rows()] == list(range(1, 44))
            async with asyncio.timeout(PATIENCE):
                rows += [json.loads(await printed.readline()) for _ in range(41)]
            assert rows == ear.rows()


@asynccontextmanager
async def tail(person: Person, room: str) -> AsyncIterator[asyncio.StreamReader]:
    """``chatsite tail --follow`` as a program of its own; yields what it prints."""
    environment = {
        **os.environ,
        "CHATSITE_TOKEN": person.token,
        "CHATSITE_URL": person.url,
        "PYTHONPATH": str(servers.PROJECT / "client" / "src"),
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "chatsite_cli", "tail", room, "--since", "0", "--follow", "--json"]
    program = await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=asyncio.subprocess.PIPE, limit=2**20
    )
    assert program.stdout
    try:
        yield program.stdout
    finally:
        program.terminate()
        await program.wait()


async def test_who_missed_thousands_of_rows_may_have_all_of_them() -> None:
    with servers.site() as site:
        talk = site.fill("talk", "1020", "0")
        async with Api(site.url, token=talk["sessions"]["alice"]) as api:
            first: Message = (await api.messages(talk["room"], after=0, limit=1))["messages"][0]
            start = Cursor(first["seq"], first["hash"])
            async with Live(api) as live, Ear(live) as ear:
                live.enter(talk["room"], start, whole=True)
                await ear.until(lambda: len(ear.rows()) >= 1021)
                assert [row["seq"] for row in ear.rows()] == list(range(2, 1023))
            async with Live(api) as live, Ear(live) as ear:
                live.enter(talk["room"], start)
                await ear.until(lambda: bool(ear.rows()))
                assert ear.rows()[-1]["seq"] == 1022
                assert len(ear.rows()) < 1021
