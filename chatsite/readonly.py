"""Read-only for a while, for a long migration: people log in, read and stay connected, and no process writes.

The switch is a row of the database, so it is one for all processes and machines, and needs no restart. It is kept at
the one place that every door goes through, the connection to the database: what would change a row raises the refusal
that ``enforce`` was given. Commands are not held to it, as the migration is one.
"""

import re
import time
from collections.abc import Callable
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

# Seconds for which a process believes what it has seen. `readonly on` waits for so long, and a little more.
REFRESH_EVERY = 1.0
# How statements begin that change nothing, or that only begin or end a transaction.
HARMLESS = re.compile(
    r"\s*\(?\s*(SELECT|VALUES|EXPLAIN|PRAGMA|SHOW|SET|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|DECLARE|FETCH|CLOSE)\b",
    re.IGNORECASE,
)
CHANGED_TABLE = re.compile(r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) "?(\w+)"?', re.IGNORECASE)
# Tables of logging in and being connected, not of what users say or do: sessions, the counts of limits, and mail.
FREE_TABLES = {
    "django_session",
    "usersessions_usersession",
    "django_cache",
    "rooms_spending",
    "chatsite_outgoingmail",
}
# When somebody logged in and was seen last: one column, and nothing beside it.
FREE_COLUMN = re.compile(r'UPDATE "accounts_user" SET "(last_login|seen_at)" = %s WHERE ')


class Switch:
    """What this process knows of the row. May be asked from any thread; ``is_on`` and ``refresh`` ask the database."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._is_on = False
        self._refreshed_at = float("-inf")
        # None: the switch does not bind this process.
        self.refusal: type[Exception] | None = None

    def is_on(self) -> bool:
        """Return whether this process may write nothing, as of a second ago at most."""
        if self.refusal is None:
            return False
        if self._clock() - self._refreshed_at > REFRESH_EVERY:
            self.refresh()
        return self._is_on

    def refresh(self) -> bool:
        """Read the row now; return whether this process may write nothing. Raises what the database raises."""
        if self.refusal is None:
            return False
        from chatsite.models import ReadOnly

        # Before the question, so that an answer which took long is not believed for longer.
        now = self._clock()
        self._is_on = ReadOnly.objects.exists()
        self._refreshed_at = now
        return self._is_on


switch = Switch()


def enforce(refusal: type[Exception]) -> None:
    """Hold this process to the switch: while it is on, whoever would write gets ``refusal``."""
    switch.refusal = refusal


def watch(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Have each connection of this process ask the switch; the guard of one that comes back is there already."""
    if _guard not in connection.execute_wrappers:
        connection.execute_wrappers.append(_guard)


def watch_all() -> None:
    connection_created.connect(watch)
    for connection in connections.all(initialized_only=True):
        watch(connection)


def _guard(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    refusal = switch.refusal
    if refusal is not None and is_write(sql) and switch.is_on():
        raise refusal
    return execute(sql, params, many, context)


def is_write(sql: str) -> bool:
    """Return whether a statement changes something that must not change while the switch is on."""
    if HARMLESS.match(sql):
        return False
    table = CHANGED_TABLE.match(sql)
    return not (table and table[1] in FREE_TABLES) and not FREE_COLUMN.match(sql)
