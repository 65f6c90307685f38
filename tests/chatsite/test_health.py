"""Whether a process is alive, and whether it may be sent visitors."""

from threading import Event

import pytest
from django.db import OperationalError
from django.db.migrations.recorder import MigrationRecorder
from django.test import AsyncClient, Client
from pytest_django import Settings

from chatsite.ops import health
from rooms.realtime import lifecycle

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def new_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known from the test before."""
    monkeypatch.setattr(health, "check", health.DatabaseCheck())


def test_a_process_that_answers_is_alive_whatever_the_database_does(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "MigrationExecutor", _away)
    assert client.get("/healthz").json() == {"status": "alive"}


def test_with_database_and_migrations_it_is_ready(client: Client) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ready"})


def test_without_the_database_it_is_not(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "MigrationExecutor", _away)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["problems"]) == (503, ["The database cannot be reached."])


def test_with_a_migration_to_come_it_is_not(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda recorder: {})
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "run manage.py migrate" in response.json()["problems"][0]


def test_a_database_that_hangs_keeps_nobody_waiting(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Event()
    monkeypatch.setattr(health, "PATIENCE", 0.1)
    monkeypatch.setattr(health, "MigrationExecutor", lambda connection: answers.wait())
    for _ in range(2):
        response = client.get("/readyz")
        assert (response.status_code, response.json()["problems"]) == (503, ["The database does not answer."])
    answers.set()


def test_an_answer_is_good_for_a_moment_and_no_longer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([0, 3])
    monkeypatch.setattr(health, "waiting_migrations", lambda: next(answers))
    monkeypatch.setattr(health, "KEPT", 1_000.0)
    assert [client.get("/readyz").status_code for _ in range(3)] == [200, 200, 200]
    monkeypatch.setattr(health, "KEPT", 0.0)
    assert client.get("/readyz").status_code == 503


def test_while_it_stops_it_is_not(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.Readiness, "draining", True)
    assert client.get("/readyz").json()["problems"] == ["This process is about to stop."]


async def test_redis_away_is_a_warning_and_keeps_nobody_out(
    async_client: AsyncClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = lifecycle.hub()
    settings.REDIS_URL = ["redis://127.0.0.1:1/0"]
    assert "warnings" not in (await async_client.get("/readyz")).json()
    monkeypatch.setattr(hub.pubsub, "is_well", False)
    response = await async_client.get("/readyz")
    await lifecycle.stop()
    assert (response.status_code, response.json()["status"]) == (200, "ready")
    assert response.json()["warnings"][0].startswith("Redis is away")


def _away(connection: object) -> None:
    raise OperationalError("no connection")
