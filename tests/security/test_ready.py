"""``/readyz``, which load balancers believe and anybody may ask: a crowd that asks cannot make it say no."""

import pytest

from chatsite.ops import health
from tests.rooms.races import at_once

pytestmark = [pytest.mark.security, pytest.mark.rules, pytest.mark.django_db(transaction=True)]

CROWD = 500


def test_a_crowd_that_asks_at_once_is_told_that_it_is_ready() -> None:
    assert at_once(CROWD, lambda _: health.find_problems()) == [[]] * CROWD


def test_for_a_crowd_the_database_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    ask = health.waiting_migrations

    def count() -> int:
        asked.append(1)
        return ask()

    monkeypatch.setattr(health, "waiting_migrations", count)
    # Else a slow machine would be asked again, a second later.
    monkeypatch.setattr(health, "KEPT", 60.0)
    monkeypatch.setattr(health, "check", health.DatabaseCheck())
    at_once(CROWD, lambda _: health.find_problems())
    assert len(asked) == 1
