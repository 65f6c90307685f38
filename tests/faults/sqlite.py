"""One process on SQLite: killed, without power, locked out, on a full disk."""

import asyncio
import json
import sqlite3
import urllib.error
import urllib.request
from contextlib import suppress

from tests.faults.checker import Bounds
from tests.faults.fault import AWAY, fault
from tests.faults.processes import KILLED, kill
from tests.faults.scene import Scene
from tests.scripts import PASSWORD, PATIENCE, Script


@fault("SQLite killed (kill -9)", touches="processes", on="sqlite", bounds=KILLED)
async def kill_sqlite(scene: Scene) -> None:
    await kill(scene)


@fault("SQLite's machine loses power", touches="processes", on="sqlite", bounds=KILLED)
async def lose_power(scene: Scene) -> None:
    site = scene.stage.sites[0]
    await scene.for_seconds(scene.rng.uniform(1, 2))
    await asyncio.to_thread(site.lose_power)
    await site.back()


@fault("SQLite's writer locked for 10 s", touches="database", on="sqlite", bounds=Bounds(recovery=5))
async def lock_sqlite(scene: Scene) -> None:
    other = sqlite3.connect(scene.stage.sites[0].data / "chat.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    await scene.for_seconds(10, brief=2)
    other.execute("ROLLBACK")
    other.close()


def log_in_anew(person: Script, url: str) -> int:
    """Return the status of a log-in without a browser."""
    body = json.dumps({"username": person.username, "password": PASSWORD}).encode()
    request = urllib.request.Request(f"{url}/_allauth/app/v1/auth/login", body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


FULL = Bounds(recovery=10, closes=frozenset({4412}), refusals=AWAY)


@fault("disk full", touches="database", on="small disk", bounds=FULL)
async def fill_disk(scene: Scene) -> None:
    ballast = scene.stage.sites[0].data / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    if not await scene.until(lambda: any(post.refusals for post in scene.posts)):
        scene.note(7, "Nothing was refused on a full disk.")
    status = await asyncio.to_thread(log_in_anew, scene.stage.people[0], scene.stage.urls[0])
    # A session may still find its place in a page that is written anyway.
    if status not in (200, 503):
        scene.note(7, f"Logging in was answered {status} on a full disk.")
    await scene.for_seconds(5, brief=1)
    ballast.unlink()
