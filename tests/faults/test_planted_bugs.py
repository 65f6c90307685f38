"""The harness finds what it is there to find: each of these sites has a bug, and each is caught."""

from dataclasses import replace

import psycopg
import pytest

from tests import servers
from tests.faults.faults import FAULTS, Fault
from tests.faults.schedule import Outcome, perform, stage_for
from tests.faults.stage import Stage

pytestmark = pytest.mark.faults

# Seconds until a broken site is believed to stay broken. A sound one is given far longer.
PATIENCE = 5


# Everybody in one room: processes meet there.
CROWDED = replace(FAULTS["no fault at all"], rooms=1, every=0.1)


async def provoke(stage: Stage, fault: Fault, *, presence: bool = False) -> Outcome:
    return await perform(stage, [fault], seed=1, brief=True, presence=presence, patience=PATIENCE)


def invariants(outcome: Outcome) -> set[int]:
    return {finding.invariant for finding in outcome.findings}


async def test_a_row_lock_taken_out_and_a_row_told_too_early_are_caught() -> None:
    for program in ("postgresql", "redis-server"):
        servers.need(program)
    async with stage_for("cluster", plant="publish before commit", processes=2) as stage:
        outcome = await provoke(stage, FAULTS["kill -9 before commit"])
        # Readers have a row that never was, and another one came in its place.
        assert 4 in invariants(outcome)
        await stage.plant("no row lock")
        outcome = await provoke(stage, CROWDED)
        # Two processes number their rows alike, and the database's constraint turns away one that did no wrong.
        assert 7 in invariants(outcome)
        assert "try_again" in str(outcome.findings)
        with psycopg.connect(stage.postgres.url) as connection:
            connection.execute("ALTER TABLE rooms_message DROP CONSTRAINT rooms_message_seq_once")
        # Without that, too, the transcript breaks. (By fresh processes: these are busy trying again.)
        await stage.plant("no row lock")
        assert 2 in invariants(await provoke(stage, CROWDED))


async def test_what_a_power_cut_takes_back_is_caught() -> None:
    async with stage_for("sqlite", plant="synchronous off") as stage:
        outcome = await provoke(stage, FAULTS["SQLite's machine loses power"])
    assert 1 in invariants(outcome)


@pytest.mark.parametrize(
    ("bug", "invariant", "sentence"),
    [
        ("no leave is heard", 3, "of a room after leaving it"),
        ("what comes while one enters is lost", 3, "was sent row"),
        ("no pins in the welcome", 4, "has the pins"),
        ("a row left out of windows", 4, "was shown"),
        ("nobody is told who has moved", 6, "believes to attend another room"),
    ],
)
async def test_what_goes_wrong_between_rooms_is_caught(bug: str, invariant: int, sentence: str) -> None:
    async with stage_for("sqlite", plant=bug) as stage:
        outcome = await provoke(stage, CROWDED, presence=invariant == 6)
    assert [finding for finding in outcome.findings if finding.invariant == invariant and sentence in str(finding)]
