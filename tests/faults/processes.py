"""Processes that are killed, somewhere or at a fail point, or asked to end."""

import asyncio
import time

from tests.faults.checker import Bounds
from tests.faults.fault import LOST, Strike, fault
from tests.faults.scene import Scene
from tests.faults.stage import FaultySite

# Seconds in which a process has to end that is asked to.
EXIT = 10.0

KILLED = Bounds(recovery=15, closes=LOST)
RESTARTED = Bounds(recovery=15, closes=frozenset({4412}))


@fault("no fault at all", touches="nothing", bounds=Bounds(recovery=3, delivery=2))
async def nothing(scene: Scene) -> None:
    await scene.for_seconds(10, brief=3)


@fault("kill -9 at random", touches="processes", bounds=KILLED)
async def kill(scene: Scene) -> None:
    # Somebody is cut off with their process, and does not come back: only a lease can tell the others.
    leaver = scene.leaver
    sites = [scene.stage.sites[leaver.door], *scene.rng.choices(scene.stage.sites, k=2)]
    for site in sites[: 1 if scene.brief else 3]:
        await scene.for_seconds(scene.rng.uniform(0, 1))
        await asyncio.to_thread(site.kill)
        await scene.send_home(leaver)
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
    took = time.monotonic() - began
    # It ends itself, with 1, when it takes too long.
    if not scene.brief and (code or took > EXIT):
        scene.note(7, f"A process took {took:.1f} s to end, with exit code {code}.")
    await site.back()
