"""Which faults strike when: one by itself, or several at moments that a seed decides, so that a run can be repeated."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.faults.checker import Bounds, Finding, check, slowest_delivery
from tests.faults.faults import FAULTS, Fault
from tests.faults.scene import PATIENCE, Scene
from tests.faults.stage import Stage, cluster, single

# Faults of a mixed run, and the seconds within which they begin.
MIXED = 4
SPREAD = 6.0
WARM_UP = 1.0


@dataclass(frozen=True, slots=True)
class Outcome:
    name: str
    seed: int
    posts: int
    acked: int
    delivery: float
    recovery: float
    memory: int
    findings: list[Finding]


@asynccontextmanager
async def stage_for(kind: str, *, plant: str = "", processes: int = 3) -> AsyncIterator[Stage]:
    if "cluster" in kind:
        async with cluster(processes, plant=plant, has_limits=kind != "cluster without limits") as stage:
            yield stage
    else:
        async with single(plant=plant, small_disk=kind == "small disk") as stage:
            yield stage


def mix(seed: int) -> list[Fault]:
    """Return some faults that can be told apart: no two break the same thing."""
    chosen: dict[str, Fault] = {}
    candidates = [fault for fault in FAULTS.values() if fault.on == "cluster" and fault.rooms == 2]
    for fault in random.Random(seed).sample(candidates, len(candidates)):
        if fault.touches != "nothing" and len(chosen) < MIXED and not fault.is_heavy:
            chosen.setdefault(fault.touches, fault)
    return list(chosen.values())


def bounds_of(faults: list[Fault]) -> Bounds:
    """Return what several faults may cost together."""
    each = [fault.bounds for fault in faults]
    return Bounds(
        recovery=sum(bounds.recovery for bounds in each),
        delivery=each[0].delivery if len(each) == 1 else None,
        closes=frozenset[int]().union(*(bounds.closes for bounds in each)),
        ends=frozenset[int]().union(*(bounds.ends for bounds in each)),
        refusals=frozenset[str]().union(*(bounds.refusals for bounds in each)),
    )


async def perform(
    stage: Stage, faults: list[Fault], *, seed: int, brief: bool = False, presence: bool = True,
    patience: float = PATIENCE,
) -> Outcome:  # fmt: skip
    """Let the faults strike while people talk; judge what they saw. A brief run is not judged by the clock."""
    name = " + ".join(fault.name for fault in faults)
    first = faults[0]
    scene = Scene(stage, f"{name} {seed}", rooms=first.rooms, every=first.every, brief=brief, patience=patience)
    async with scene:
        await scene.for_seconds(WARM_UP, brief=0.5)
        await asyncio.gather(*(strike(scene, fault, is_alone=len(faults) == 1) for fault in faults))
        recovery = await scene.settle()
        if presence:
            await scene.judge_presence()
        evidence = scene.evidence(recovery)
    bounds = bounds_of(faults)
    return Outcome(
        name=name,
        seed=seed,
        posts=len(evidence.posts),
        acked=sum(bool(post.answers) for post in evidence.posts),
        delivery=slowest_delivery(evidence),
        recovery=recovery,
        memory=evidence.memory,
        findings=check(evidence, bounds, timed=not brief),
    )


async def strike(scene: Scene, fault: Fault, *, is_alone: bool) -> None:
    if not is_alone:
        await asyncio.sleep(scene.rng.uniform(0, SPREAD / (4 if scene.brief else 1)))
    await fault.strike(scene)
