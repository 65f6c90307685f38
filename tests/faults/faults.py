"""What can go wrong. Each fault strikes a scene in which people talk, and puts right again what it broke."""

import asyncio
import json
import signal
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import psycopg
import redis as redis_client
import websockets

from tests.faults.checker import Bounds
from tests.faults.scene import Scene
from tests.faults.stage import FaultySite

Strike = Callable[[Scene], Awaitable[None]]

LOST = frozenset({1006})
# A post that lost its database is refused, and taken when it comes again.
AWAY = frozenset({"try_again"})
# Seconds in which a process has to end that is asked to.
EXIT = 10.0
# Redis may cost a second, the look at the heads; the rest is what a busy machine takes by itself.
REDIS = Bounds(recovery=3, delivery=2.5)


@dataclass(frozen=True, slots=True)
class Fault:
    """``touches`` is what two faults cannot break at once; ``on`` is the stage that it needs."""

    name: str
    strike: Strike
    touches: str
    bounds: Bounds
    on: str
    rooms: int
    every: float


FAULTS: dict[str, Fault] = {}


def fault(
    name: str, *, touches: str, bounds: Bounds, on: str = "cluster", rooms: int = 2, every: float = 0.2
) -> Callable[[Strike], Strike]:
    def register(strike: Strike) -> Strike:
        FAULTS[name] = Fault(name, strike, touches, bounds, on, rooms, every)
        return strike

    return register


# --- Processes -------------------------------------------------------------------------------------------------------

KILLED = Bounds(recovery=15, closes=LOST)
RESTARTED = Bounds(recovery=15, closes=frozenset({4412}))


@fault("no fault at all", touches="nothing", bounds=Bounds(recovery=3, delivery=2))
async def nothing(scene: Scene) -> None:
    await scene.for_seconds(10, brief=3)


@fault("kill -9 at random", touches="processes", bounds=KILLED)
async def kill(scene: Scene) -> None:
    for _ in range(1 if scene.brief else 3):
        site = scene.rng.choice(scene.stage.sites)
        await scene.for_seconds(scene.rng.uniform(0, 1))
        await asyncio.to_thread(site.kill)
        await scene.for_seconds(1)
        await site.back()
        await scene.for_seconds(2, brief=0)


def kill_at(point: str) -> Strike:
    async def strike(scene: Scene) -> None:
        site = scene.rng.choice(scene.stage.sites)
        await scene.for_seconds(scene.rng.uniform(0, 1))
        await site.die_at(point)
        await scene.for_seconds(1, brief=0.2)
        await site.back()

    return strike


for _point in ("before commit", "after commit", "before publish", "before ack"):
    fault(f"kill -9 {_point}", touches="processes", bounds=KILLED)(kill_at(_point))


@fault("SIGTERM", touches="processes", bounds=RESTARTED)
async def terminate(scene: Scene) -> None:
    await restart(scene, scene.rng.choice(scene.stage.sites))


@fault("rolling restart", touches="processes", bounds=RESTARTED)
async def rolling_restart(scene: Scene) -> None:
    for site in scene.stage.sites:
        await restart(scene, site)
        await scene.for_seconds(3, brief=1)


async def restart(scene: Scene, site: FaultySite) -> None:
    began = time.monotonic()
    code = await asyncio.to_thread(site.stop)
    if code or time.monotonic() - began > EXIT:
        scene.note(7, f"A process took {time.monotonic() - began:.1f} s to end, with exit code {code}.")
    await site.back()


# --- Redis -----------------------------------------------------------------------------------------------------------


@fault("Redis stopped", touches="redis", bounds=REDIS)
async def stop_redis(scene: Scene) -> None:
    await asyncio.to_thread(scene.stage.redis.kill)
    await scene.for_seconds(15, brief=3)
    await asyncio.to_thread(scene.stage.redis.start)
    await scene.for_seconds(5, brief=1)


@fault("Redis hangs (SIGSTOP) for 60 s", touches="redis", bounds=REDIS)
async def pause_redis(scene: Scene) -> None:
    scene.stage.redis.pause()
    await scene.for_seconds(60, brief=3)
    scene.stage.redis.resume()
    await scene.for_seconds(5, brief=1)


@fault("Redis FLUSHALL", touches="redis", bounds=REDIS)
async def flush_redis(scene: Scene) -> None:
    for _ in range(3):
        await ask_redis(scene, "FLUSHALL")
        await scene.for_seconds(2, brief=0.5)


@fault("Redis CLIENT KILL", touches="redis", bounds=REDIS)
async def kill_redis_clients(scene: Scene) -> None:
    for _ in range(5):
        await ask_redis(scene, "CLIENT", "KILL", "TYPE", "pubsub")
        await ask_redis(scene, "CLIENT", "KILL", "TYPE", "normal")
        await scene.for_seconds(2, brief=0.3)


async def ask_redis(scene: Scene, *command: str) -> None:
    with redis_client.Redis.from_url(scene.stage.redis.url) as client:
        await asyncio.to_thread(client.execute_command, *command)


@fault("Redis 2 s late", touches="redis", bounds=REDIS)
async def slow_redis(scene: Scene) -> None:
    scene.stage.redis_line.delay = 2.0
    await scene.for_seconds(20, brief=4)
    scene.stage.redis_line.delay = 0.0
    await scene.for_seconds(5, brief=1)


@fault("no way to Redis", touches="redis", bounds=REDIS)
async def cut_off_redis(scene: Scene) -> None:
    scene.stage.redis_line.hold()
    await scene.for_seconds(20, brief=3)
    scene.stage.redis_line.cut()
    scene.stage.redis_line.release()
    await scene.for_seconds(5, brief=1)


# --- PostgreSQL ------------------------------------------------------------------------------------------------------

POSTGRES = Bounds(recovery=10, closes=frozenset({4412}), refusals=AWAY)


@fault("PostgreSQL restarted at once", touches="postgres", bounds=POSTGRES)
async def crash_postgres(scene: Scene) -> None:
    await asyncio.to_thread(scene.stage.postgres.stop, signal.SIGQUIT)
    await scene.for_seconds(3, brief=0.5)
    await asyncio.to_thread(scene.stage.postgres.start)


@fault("PostgreSQL hangs (SIGSTOP) for 10 s", touches="postgres", bounds=POSTGRES)
async def pause_postgres(scene: Scene) -> None:
    scene.stage.signal_postgres(signal.SIGSTOP)
    try:
        await scene.for_seconds(10, brief=2)
    finally:
        scene.stage.signal_postgres(signal.SIGCONT)


@fault("PostgreSQL's backends terminated", touches="postgres", bounds=POSTGRES)
async def terminate_backends(scene: Scene) -> None:
    for _ in range(5):
        await asyncio.to_thread(terminate_all, scene.stage.postgres.url)
        await scene.for_seconds(1.5, brief=0.5)


def terminate_all(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )


# --- Clients and their lines -----------------------------------------------------------------------------------------


@fault("1,000 sockets cut at once", touches="lines", bounds=Bounds(recovery=60, closes=LOST))
async def cut_a_crowd(scene: Scene) -> None:
    for place in range(1_000):
        scene.add_reader(place % len(scene.stage.people), home=place)
        if place % 25 == 0:
            await scene.for_seconds(0.3)
    await scene.until(lambda: all(client.is_live for client in scene.clients))
    for door in scene.stage.doors:
        door.cut()


@fault("no way between clients and a process", touches="lines", bounds=Bounds(recovery=30, closes=LOST))
async def cut_off_clients(scene: Scene) -> None:
    door = scene.rng.choice(scene.stage.doors)
    door.hold()
    await scene.for_seconds(60, brief=3)
    door.cut()
    door.release()


# They are one person, and 20 posts at once are many.
@fault("the same client_id from 20 sockets", touches="nothing", bounds=Bounds(refusals=frozenset({"too_fast"})))
async def say_the_same(scene: Scene) -> None:
    devices = [scene.add_writer(0, every=3_600, home=place) for place in range(20)]
    await scene.until(lambda: all(device.is_live for device in devices))
    for number in range(5):
        for device in devices:
            device.say(client_id=f"the-same-{number}")
        if not await scene.until(lambda: not any(device.waiting for device in devices)):
            scene.note(1, "The same post from 20 sockets was not acknowledged to each.")


REMOVED = Bounds(closes=frozenset({4403}), refusals=frozenset({"removed", "too_fast"}))


@fault("removal during 100 messages a second", touches="members", bounds=REMOVED, rooms=1, every=0.06)
async def remove(scene: Scene) -> None:
    alice, *others = scene.writers
    victim = scene.rng.choice(others)
    await scene.for_seconds(2, brief=1)
    their_id = (await asyncio.to_thread(victim.person.call, "GET", "/api/me"))["id"]
    members = f"/api/rooms/{alice.room}/members"
    await asyncio.to_thread(alice.person.call, "DELETE", f"{members}/{their_id}")
    removed_at = time.monotonic()
    theirs = [client for client in scene.clients if client.name == victim.name]
    if not await scene.until(lambda: all(client.ended == 4403 for client in theirs), 20):
        scene.note(5, f"The sockets of who was removed were closed with {[client.closes for client in theirs]}.")
    elif (took := time.monotonic() - removed_at) > 2 and not scene.brief:
        scene.note(5, f"Who was removed was still connected after {took:.1f} s.")
    for site in scene.stage.urls:
        status = await asyncio.to_thread(victim.person.at(site).status, "GET", f"/api/rooms/{alice.room}/messages")
        if status != 403:
            scene.note(5, f"Who was removed is answered {status} when they poll.")
    await scene.for_seconds(1)


# Three bytes a character: what each of three writers says is more than a reader may leave unacknowledged (4 MiB).
MUCH = "語" * 9_000
TIMES = 80


@fault("a reader stops reading, and still sends", touches="lines", bounds=Bounds(recovery=15, closes=frozenset({4408})))
async def stop_reading(scene: Scene) -> None:
    dawdler = scene.clients[-1]
    await scene.until(lambda: dawdler.head > 0)
    dawdler.may_read.clear()
    welcomes = dawdler.welcomes
    for writer in scene.writers:
        writer.tail = MUCH
        for _ in range(TIMES):
            writer.say()
        writer.tail = ""
    await scene.until(lambda: not any(writer.waiting for writer in scene.writers))
    for _ in range(20):
        with suppress(websockets.ConnectionClosed, OSError):
            await dawdler.socket.send(json.dumps({"type": "typing"}))
        await scene.for_seconds(0.5)
    dawdler.may_read.set()
    await scene.until(lambda: dawdler.welcomes > welcomes, 30)
    if dawdler.closes[:1] != [4408]:
        scene.note(7, f"Who stopped reading was closed with {dawdler.closes}, not with 4408.")


# --- SQLite ----------------------------------------------------------------------------------------------------------


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


FULL = Bounds(recovery=10, closes=frozenset({4412}), refusals=AWAY)


@fault("disk full", touches="database", on="small disk", bounds=FULL)
async def fill_disk(scene: Scene) -> None:
    ballast = scene.stage.sites[0].data / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    if not await scene.until(lambda: any(post.refusals for writer in scene.writers for post in writer.posts)):
        scene.note(7, "Nothing was refused on a full disk.")
    await scene.for_seconds(5, brief=1)
    ballast.unlink()
