"""A backup is tried by being restored into a database of its own, and verified there row by row and file by file."""

import os
import secrets
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.db import ProgrammingError, connection

from chatsite.ops.backup import CannotCopyError, copy_sqlite, require_sqlite, restore_postgresql


def try_out(source: Path, files: Path | None) -> str:
    """Return what verify_transcripts says of the backup; without ``files`` those are not looked at."""
    with scratch_database(source) as url:
        env = {**os.environ, "DATABASE_URL": url}
        if files:
            env["FILES_STORAGE"] = str(files.resolve())
        # It may be of an older version.
        manage("migrate", "-v0", env=env)
        return manage("verify_transcripts", *(["--files"] if files else []), env=env)


def manage(*arguments: str, env: dict[str, str]) -> str:
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotCopyError(
            f"The backup does not pass {arguments[0]}: {' '.join((done.stdout + done.stderr).split())}"
        )
    return done.stdout.strip()


@contextmanager
def scratch_database(source: Path) -> Iterator[str]:
    """Restore into a new database that goes afterwards; yield its DATABASE_URL."""
    if connection.vendor == "sqlite":
        require_sqlite(source)
        # Beside the backup, where there was room for it a moment ago.
        with tempfile.TemporaryDirectory(dir=source.parent, prefix="trial-") as folder:
            copy = Path(folder) / "chat.db"
            copy_sqlite(source, copy)
            require_integrity(copy)
            yield f"sqlite:///{quote(str(copy.resolve()))}"
        return
    name = f"chatsite_trial_{secrets.token_hex(4)}"
    try:
        execute(f"CREATE DATABASE {name} TEMPLATE template0")
    except ProgrammingError as error:
        raise CannotCopyError(
            f"The backup was not tried, for which {connection.settings_dict['USER']} has to make a database "
            f"({str(error).strip()}): ALTER ROLE {connection.settings_dict['USER']} CREATEDB lets it."
        ) from error
    try:
        restore_postgresql(source, name)
        address = urlsplit(os.environ["DATABASE_URL"])
        yield address._replace(path=f"{address.path.rpartition('/')[0]}/{name}").geturl()
    finally:
        execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def require_integrity(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        [found] = database.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise CannotCopyError(f"The backup is damaged: {found}.")


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
