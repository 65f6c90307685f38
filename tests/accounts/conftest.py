"""What the account tests share: limits that start anew, and a look at the signals sent."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.dispatch import Signal

from accounts.models import SiteSettings

Heard = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def no_limits_used_up(db: None) -> Iterator[None]:
    """allauth counts attempts in the cache, which outlives a test, as does the copy of the site's settings."""
    cache.clear()
    SiteSettings.forget_copy()
    yield
    cache.clear()
    SiteSettings.forget_copy()


@pytest.fixture
def hear() -> Iterator[Callable[[Signal], Heard]]:
    """Give a list that fills with what a signal is sent with."""
    connected: list[tuple[Signal, Callable[..., None]]] = []

    def listen(signal: Signal) -> Heard:
        heard: Heard = []

        def note(**kwargs: Any) -> None:
            heard.append(kwargs)

        signal.connect(note, weak=False)
        connected.append((signal, note))
        return heard

    yield listen
    for signal, note in connected:
        signal.disconnect(note)
