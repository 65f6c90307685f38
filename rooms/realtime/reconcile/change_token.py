"""Tells whether anything at all was committed to the database: what makes a quiet second cheap.

If two tokens are equal, a question asked after the first one has the same answer now. A token does not say what was
changed; it may have been another table, or another database of the same server. One query too many does no harm.
"""

import logging
from threading import Lock

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

logger = logging.getLogger(__name__)

# Which transactions are visible. Not the end of the WAL: a commit is written there before it is visible.
POSTGRESQL = "SELECT pg_current_snapshot()::text"
# Changes with every commit but the connection's own, so with all commits on a connection that never writes.
SQLITE = "PRAGMA data_version"


class ChangeToken:
    """May be read from any thread; a read waits for the database."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._own: BaseDatabaseWrapper | None = None

    def read(self) -> str | None:
        """Return the token; None if the database does not answer, so that everything has to be asked."""
        with self._lock:
            try:
                return self._read()
            except (DatabaseError, InterfaceError) as error:
                logger.info("Whether something was committed cannot be told: %s", error)
                self._close()
                return None

    def close(self) -> None:
        with self._lock:
            self._close()

    def _read(self) -> str:
        is_sqlite = connection.vendor == "sqlite"
        with (self._unwritten() if is_sqlite else connection).cursor() as cursor:
            cursor.execute(SQLITE if is_sqlite else POSTGRESQL)
            return str(cursor.fetchone()[0])

    def _unwritten(self) -> BaseDatabaseWrapper:
        if self._own is None:
            self._own = connections.create_connection(DEFAULT_DB_ALIAS)
            self._own.inc_thread_sharing()
        return self._own

    def _close(self) -> None:
        own, self._own = self._own, None
        if own is not None:
            own.close()
