"""A site that is gone for good, machine and all, is back from its backup: every message, file and session as it was."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import servers
from tests.storage import KEYS, S3, Person

pytestmark = pytest.mark.faults

SECRET_KEY = "kept by the operator, in the environment file, beside the backups"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["in a folder", "in a bucket"])
def files(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@contextmanager
def new_site(database: str, files: str) -> Iterator[servers.Site]:
    """Give a site with nothing in it, on a machine with nothing on it, that does not run yet."""
    with ExitStack() as stack:
        env = {"SECRET_KEY": SECRET_KEY}
        if database == "postgresql":
            env["DATABASE_URL"] = stack.enter_context(servers.postgres()).url
        if files == "in a bucket":
            bucket = S3(stack.enter_context(servers.temporary_folder("bucket")))
            bucket.start()
            stack.callback(bucket.stop)
            env |= {"FILES_STORAGE": bucket.url, **KEYS}
        site = servers.Site(stack.enter_context(servers.temporary_folder("site")), env)
        site.prepare()
        stack.callback(site.stop)
        yield site


def talk(site: servers.Site) -> tuple[Person, Person]:
    alice, bob = Person(site.url, "alice"), Person(site.url, "bob")
    alice.open_room()
    bob.room = alice.room
    bob.call("POST", f"/api/rooms/{alice.room}/join")
    for number in range(20):
        speaker = (alice, bob)[number % 2]
        speaker.call(
            "POST", f"/api/rooms/{alice.room}/messages", {"client_id": str(number), "body": f"Words {number} ♥"}
        )
    alice.send(os.urandom(700_000), "noise.bin")
    private = alice.call("POST", "/api/rooms", {"name": "Den", "kind": "private"})["id"]
    alice.call("POST", f"/api/rooms/{private}/members", {"username": "bob"})
    alice.call("POST", f"/api/rooms/{private}/invitations", {})
    direct = bob.call("POST", "/api/directs", {"username": "alice"})["id"]
    bob.call("POST", f"/api/rooms/{direct}/messages", {"client_id": "1", "body": "Between us"})
    return alice, bob


def all_that(person: Person) -> dict[str, Any]:
    """Return everything that the site shows to somebody, by the session that they have."""
    rooms = person.call("GET", "/api/rooms?scope=mine")["rooms"]
    seen: dict[str, Any] = {"me": person.call("GET", "/api/me"), "rooms": rooms}
    for room in rooms:
        place = f"/api/rooms/{room['id']}"
        seen[place] = rows = person.call("GET", f"{place}/messages")["messages"]
        seen[f"{place}/members"] = person.call("GET", f"{place}/members")
        for row in rows:
            if row["attachment"]:
                seen[row["attachment"]["url"]] = person.ask("GET", row["attachment"]["url"])[::2]
    return seen


def test_what_was_destroyed_comes_back_whole(database: str, files: str, tmp_path: Path) -> None:
    copy = tmp_path / "backup"
    with new_site(database, files) as site:
        site.start()
        people = talk(site)
        before = [all_that(person) for person in people]
        site.manage("backup", str(copy))
    # Machine, database, bucket and data folder are gone by now.
    with new_site(database, files) as site:
        site.manage("restore", str(copy), "--yes")
        assert "All 3 transcripts verify." in site.manage("verify_transcripts", "--files")
        site.start()
        assert [all_that(person.at(site.url)) for person in people] == before
