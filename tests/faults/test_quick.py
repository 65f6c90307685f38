"""A quick selection of ``make faults``: each kind of fault, several at once, in a run that its seed repeats."""

import pytest

from tests import servers
from tests.faults.faults import FAULTS
from tests.faults.schedule import perform, stage_for

pytestmark = pytest.mark.faults

SEED = 5


async def test_a_cluster_survives_what_is_done_to_its_processes_redis_postgresql_and_lines() -> None:
    for program in ("postgresql", "redis-server"):
        servers.need(program)
    async with stage_for("cluster") as stage:
        for names in (
            ("kill -9 before commit", "Redis hangs (SIGSTOP) for 60 s", "PostgreSQL's backends terminated"),
            ("SIGTERM", "Redis CLIENT KILL", "PostgreSQL restarted at once", "the same client_id from 20 sockets"),
            ("removal during 100 messages a second",),
        ):
            faults = [FAULTS[name] for name in names]
            # Who is here takes some seconds to come out: once, where a process has been killed, is enough.
            outcome = await perform(stage, faults, seed=SEED, brief=True, presence="kill" in names[0])
            assert not outcome.findings, f"seed {SEED}, {outcome.name}: {outcome.findings[:5]}"


async def test_one_process_on_sqlite_survives_a_power_cut() -> None:
    async with stage_for("sqlite") as stage:
        outcome = await perform(stage, [FAULTS["SQLite's machine loses power"]], seed=SEED, brief=True)
        assert not outcome.findings, f"seed {SEED}, {outcome.name}: {outcome.findings[:5]}"
