"""Django's checks, in a registry of the doctor's own.

Those in Django's own registry run before each command, and most of the doctor's ask something over a network.
"""

from collections.abc import Iterator
from datetime import timedelta

from django.core.checks import CheckMessage, Error
from django.core.checks.registry import CheckRegistry
from django.utils.datastructures import OrderedSet

registry = CheckRegistry()
# In the order in which they are registered, so that the doctor says the same things in the same order each time.
registry.registered_checks = OrderedSet()  # type: ignore[assignment]


def examine() -> Iterator[CheckMessage]:
    """Run every check and yield its messages; one that raises becomes a message too, and the others still run."""
    for check in registry.get_checks():
        try:
            yield from check(app_configs=None, databases=None)
        except Exception as error:
            name = getattr(check, "__name__", "A check").replace("_", " ").capitalize()
            yield Error(f"{name}: {type(error).__name__}: {error}".strip(), id="chatsite.E100")


def hours(age: timedelta) -> str:
    return f"{age.total_seconds() / 3600:.0f} h"
