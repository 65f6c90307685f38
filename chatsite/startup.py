"""How a start, or a command, ends that cannot go on: with a sentence that says why, instead of a traceback."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError, ProgrammingError, connection

from chatsite.checks import cannot_write
from chatsite.config import environment_file

# Any of them tells one site from another.
OF_A_SITE = ("SITE_URL", "DATABASE_URL", "CHATSITE_DATA")
# How SQLite and PostgreSQL say that a table, or a column of it, is not there.
NO_TABLE = re.compile("no such (table|column)|(relation|column) .* does not exist")


class CannotStartError(Exception):
    """Says in one sentence what keeps the site from starting, and what to do."""


@contextmanager
def in_plain_words() -> Iterator[None]:
    """End the process with 1 and a sentence where the settings are wrong or the database is away."""
    try:
        yield
    except CannotStartError as problem:
        sys.exit(str(problem))
    except (OperationalError, InterfaceError, ProgrammingError) as error:
        sentence = why_no_database(error)
        # A statement that is wrong is our own mistake, and "--traceback" asks for one.
        if not sentence or "--traceback" in sys.argv:
            raise
        sys.exit(sentence)


def load_settings() -> None:
    """Read the settings; raise ``CannotStartError`` with a sentence where one is wrong or cannot be read."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    try:
        # The first look at a setting reads them all, and with them the secret key in the data folder.
        _ = settings.DATA
    except OSError as error:
        raise CannotStartError(cannot_write(os.environ.get("CHATSITE_DATA") or "var", error)) from error
    except ImproperlyConfigured as error:
        raise CannotStartError(str(error)) from error


def require_settings_of_the_site() -> None:
    """Keep a command that was given no setting from working on a new and empty site beside that of this machine."""
    path = environment_file.PATH
    # Also where this user may not read it.
    if os.access(path, os.F_OK) and not any(os.environ.get(name) for name in OF_A_SITE):
        raise CannotStartError(
            f"The settings of this machine's site are in {path}, and none of them was given: bin/chatsite "
            f"{' '.join(sys.argv[1:])} runs the command with them."
        )


def do_without_pool() -> None:
    """Have a command connect by itself: a pool would try for half a minute, and not say why in vain."""
    settings.DATABASES["default"].get("OPTIONS", {}).pop("pool", None)


def require_database() -> None:
    """Connect once, past the pool, which would wait; raise what the database raises."""
    probe = connection.copy()
    probe.settings_dict["OPTIONS"].pop("pool", None)
    try:
        probe.ensure_connection()
    finally:
        probe.close()


def why_no_database(error: Exception) -> str:
    """Return a sentence, or "" where the database is there and was asked for nonsense."""
    cause = " ".join(str(error).split())
    if NO_TABLE.search(cause):
        return (
            f"The database lacks tables of this version ({cause}): if DATABASE_URL names the right one, run "
            "the command migrate."
        )
    if isinstance(error, ProgrammingError):
        return ""
    return f"The database cannot be reached ({cause}): is it running, and is DATABASE_URL right?"
