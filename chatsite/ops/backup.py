"""A copy of the whole database in one file, taken while the site serves; and the way back from it."""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from django.db import connection


class CannotCopyError(Exception):
    """Says in one sentence why there is no copy."""


def back_up(target: Path) -> None:
    """Write the database as it was at one moment to ``target``, which appears only when it is whole."""
    draft = target.with_name(f"{target.name}.part")
    try:
        if connection.vendor == "sqlite":
            copy_sqlite(Path(connection.settings_dict["NAME"]), draft)
        else:
            run_postgresql("pg_dump", "--format=custom", f"--file={draft}", database=connection.settings_dict["NAME"])
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def restore(source: Path) -> None:
    """Put the database back as ``source`` has it, in one transaction: a process that runs on sees it at once."""
    if connection.vendor == "sqlite":
        require_sqlite(source)
        connection.close()
        overwrite_sqlite(source, Path(connection.settings_dict["NAME"]))
    else:
        restore_postgresql(source, connection.settings_dict["NAME"])


def restore_postgresql(source: Path, database: str) -> None:
    options = ("--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error")
    run_postgresql("pg_restore", *options, str(source), database=database)


def overwrite_sqlite(source: Path, target: Path) -> None:
    try:
        copy_sqlite(source, target)
    except CannotCopyError:
        # Too damaged to be opened: nothing can be using it. A whole new file takes its place.
        draft = target.with_name(f"{target.name}.part")
        copy_sqlite(source, draft)
        for suffix in ("-wal", "-shm"):
            # Left behind, they would be read into the restored file.
            target.with_name(target.name + suffix).unlink(missing_ok=True)
        draft.replace(target)


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy with SQLite's own online backup, which sees one state of the database whatever is written meanwhile.

    It overwrites each page of a ``target`` that is there, in one transaction, also while other processes have it open.
    """
    reading, writing = sqlite3.connect(f"file:{source}?mode=ro", uri=True), sqlite3.connect(target)
    try:
        reading.backup(writing)
    except sqlite3.Error as error:
        raise CannotCopyError(f"SQLite could not copy the database: {error}.") from error
    finally:
        reading.close()
        writing.close()


def require_sqlite(source: Path) -> None:
    """Raise ``CannotCopyError`` unless a file is a database of SQLite."""
    try:
        with source.open("rb") as file:
            is_sqlite = file.read(16) == b"SQLite format 3\0"
    except OSError as error:
        raise CannotCopyError(f"{source} cannot be read: {error.strerror}.") from error
    if not is_sqlite:
        raise CannotCopyError(f"{source} is no backup of a site on SQLite.")


def run_postgresql(program: str, *arguments: str, database: str) -> None:
    found = shutil.which(program)
    if not found:
        raise CannotCopyError(f"{program} is not installed: it comes with PostgreSQL's client programs.")
    quoted = database.replace("\\", "\\\\").replace("'", "\\'")
    # Never a question for the password, which a timer could not answer.
    command = [found, "--no-password", "--dbname", f"dbname='{quoted}'", *arguments]
    done = subprocess.run(command, env=os.environ | address_of_database(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotCopyError(f"{program} failed: {' '.join(done.stderr.split()) or 'it did not say why'}.")


def address_of_database() -> dict[str, str]:
    """Return libpq's variables for where the database is and how one gets in.

    A command line is for every user of the machine to read, a process's environment for its own user alone.
    """
    # Late, because a site on SQLite does without.
    from psycopg.pq import Conninfo

    given = connection.get_connection_params()
    variables = {option.keyword.decode(): option.envvar.decode() for option in Conninfo.get_defaults() if option.envvar}
    return {variable: str(given[name]) for name, variable in variables.items() if given.get(name)}
