"""Pages of a long transcript beside those of a short one, and beside the cheapest view that returns the same bytes."""

import http.client
import json
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from benchmarks import machine
from benchmarks.stage import Row, Served, Stage, prepare
from tests import servers

# Requests in a row, between which the servers' clocks are read: the pages take turns, so that no drift of the machine
# is taken for a difference.
BLOCK = 20


class Reader:
    """Somebody who asks for one page of a room's transcript over and over."""

    def __init__(self, server: Served, room: str, token: str, query: str) -> None:
        self.server = server
        self.path = f"/api/rooms/{room}/messages{query}"
        # As a page reads, by its cookie.
        self.headers = {"Cookie": f"sessionid={token}"}
        self.connection = http.client.HTTPConnection(servers.HOST, server.port)
        self.seconds: list[float] = []
        self.cpu = 0.0
        self.answer = b""

    def read(self, times: int) -> None:
        before = machine.cpu_seconds(self.server.pid)
        for _ in range(times):
            began = time.perf_counter()
            self.connection.request("GET", self.path, headers=self.headers)
            response = self.connection.getresponse()
            self.answer = response.read()
            self.seconds.append(time.perf_counter() - began)
            assert response.status == 200, (response.status, self.answer[:200])
        self.cpu += machine.cpu_seconds(self.server.pid) - before

    def forget(self) -> None:
        """Not to be counted: what a first request sets up."""
        self.seconds, self.cpu = [], 0.0

    def result(self) -> Row:
        return {"ms": 1e3 * statistics.median(self.seconds), "cpu_ms": 1e3 * self.cpu / len(self.seconds)}


@dataclass(frozen=True)
class History:
    """The contenders are databases; a row has each server's pages, by name."""

    short: int = 1_000
    long: int = 1_000_000
    blocks: int = 8
    rounds: int = 1
    contenders: tuple[str, ...] = ("SQLite", "PostgreSQL")

    peers: ClassVar[tuple[str, ...]] = ("Chatsite", "the cheapest view")

    def measure(self, contender: str, stage: Stage) -> Row:
        folder = Path(tempfile.mkdtemp(dir=stage.folder))
        prepare(folder)
        env = {"DATABASE_URL": stage.database()} if contender == "PostgreSQL" else {}
        row: Row = {"whole": True}
        with (
            stage.serve(self.peers[0], data=folder, env=env) as (site,),
            stage.serve(self.peers[1], data=folder, env=env) as (view,),
        ):
            pages = self.pages(site)
            for server in (site, view):
                readers = {name: Reader(server, *where) for name, where in pages.items()}
                self.take_turns(list(readers.values()))
                row[server.peer.name] = {name: reader.result() for name, reader in readers.items()}
                answers = {name: json.loads(reader.answer) for name, reader in readers.items()}
                row["whole"] &= row.setdefault("answers", answers) == answers
        del row["answers"]
        return row

    def pages(self, site: Served) -> dict[str, tuple[str, str, str]]:
        """Return (room, session, query) of each page that is read."""
        pages = {}
        for length, rows in (("short", self.short), ("long", self.long)):
            made = site.fill("--rows", rows)
            where = made["rooms"][0], made["sessions"][0]
            pages[f"{length}, newest"] = (*where, "")
            pages[f"{length}, middle"] = (*where, f"?before={rows // 2}")
        return pages

    def take_turns(self, readers: list[Reader]) -> None:
        for reader in readers:
            reader.read(BLOCK)
            reader.forget()
        for _ in range(self.blocks):
            for reader in readers:
                reader.read(BLOCK)


SCENARIOS = {"history": History()}
