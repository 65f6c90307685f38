"""Redis and PostgreSQL stopped, hanging, slow, forgetful or out of reach."""

import asyncio
import signal

import psycopg
import redis as redis_client

from tests.faults.checker import Bounds
from tests.faults.fault import AWAY, fault
from tests.faults.scene import Scene

# Redis may cost a second, until the reconciler runs; the rest is what a busy machine takes by itself.
REDIS = Bounds(recovery=3, delivery=2.5)

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
