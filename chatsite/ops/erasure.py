"""What was erased goes from the database's files, too: they keep what rows held before, though no query shows it.

SQLite overwrites what is deleted (``secure_delete``, in the settings), but its write-ahead log has the pages as they
were until it is cut off. PostgreSQL has the rows as they were until VACUUM.
"""

import logging
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from django.db import connection

logger = logging.getLogger(__name__)

# Seconds between two cuts of a log that was written to, for whatever was deleted, by whichever process.
CUT_EVERY = 60.0
# Seconds that an erasure tries for itself; readers are done sooner, and where one is not, the next cut does it.
ERASING_PATIENCE = 0.5
COMMAND_PATIENCE = 20.0
PAUSE = 0.05


def cut_log(*, patience: float = 0.0) -> bool:
    """Move SQLite's write-ahead log into the database and cut it off; False where that has to wait.

    It holds nobody up: while somebody reads an older state of the database, or writes, it gives up at once and comes
    back, for ``patience`` seconds.
    """
    if connection.vendor != "sqlite":
        return True
    database = Path(connection.settings_dict["NAME"]).resolve()
    until = time.monotonic() + patience
    while not _cut(database):
        if time.monotonic() >= until:
            return False
        time.sleep(PAUSE)
    return True


def _cut(database: Path) -> bool:
    log = database.with_name(f"{database.name}-wal")
    try:
        if not log.stat().st_size:
            return True
        # A connection of its own: this thread's waits for others, for as long as a post may.
        address = f"file:{quote(str(database))}?mode=rw"
        with closing(sqlite3.connect(address, uri=True, timeout=0, isolation_level=None)) as own:
            is_busy, *_ = own.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not is_busy
    except FileNotFoundError:
        return True
    except (OSError, sqlite3.Error) as error:
        logger.info("SQLite's write-ahead log could not be cut off: %s", error)
        return False


def clean(*, rewrite: bool = False) -> bool:
    """Take out of the files what rows held before; with ``rewrite``, by writing them anew, which locks them meanwhile.

    Not within a transaction.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            if rewrite:
                cursor.execute("VACUUM")
            return cut_log(patience=COMMAND_PATIENCE)
        # One after the other, so that each is locked no longer than it takes.
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"VACUUM {'(FULL)' if rewrite else ''} {connection.ops.quote_name(table)}")
    return True
