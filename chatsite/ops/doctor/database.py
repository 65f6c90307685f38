"""The database: whether it answers, holds what it should and keeps what it is given."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Info
from django.db import DatabaseError, connection
from django.utils import timezone

from accounts.models import User
from chatsite.models import ReadOnly
from chatsite.ops.doctor.registry import registry
from chatsite.ops.health import waiting_migrations
from chatsite.startup import why_no_database
from rooms import usage
from rooms.log import state, triggers

# Seconds by which two clocks may differ.
CLOCK_DRIFT = 2.0


@registry.register
def database_is_in_order(**kwargs: Any) -> Iterator[CheckMessage]:
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        yield Error(why_no_database(error), id="chatsite.E201")
        return
    yield Info(
        f"{connection.display_name} {'.'.join(map(str, connection.get_database_version()))} answers.",
        id="chatsite.I202",
    )
    if waiting := waiting_migrations():
        yield Error(f"{waiting} migrations have not been applied: run manage.py migrate.", id="chatsite.E203")
        return
    if missing := triggers.missing():
        names = ", ".join(sorted(missing))
        yield Error(
            f"Nothing in the database keeps log rows from being changed ({names}): run manage.py migrate.",
            id="chatsite.E204",
        )
    if not User.objects.exists():
        yield checks.Warning(
            f"Nobody has ever signed up, as the database {connection.settings_dict['NAME']} has it: if people have, "
            "DATABASE_URL names another one than theirs.",
            id="chatsite.W205",
        )
    if missing := usage.missing():
        yield Error(
            f"What arrives of files is not counted ({', '.join(sorted(missing))}): run manage.py migrate.",
            id="chatsite.E206",
        )
    if wrong := [room for room in state.rooms_with_state() if state.fault_of(room)]:
        yield Error(
            f"Of {len(wrong)} rooms something else is kept beside the log than it says: run manage.py rebuild_state.",
            id="chatsite.E207",
        )
    yield from people_may_write()
    yield from (sqlite_is_safe() if connection.vendor == "sqlite" else postgresql_is_safe())


def sqlite_is_safe() -> Iterator[CheckMessage]:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1, "secure_delete": 1}
    for name, value in wanted.items():
        if (found := ask(f"PRAGMA {name}")) != value:
            yield Error(
                f"SQLite works with {name} = {found} instead of {value}: unset DATABASE_URL's options.",
                id="chatsite.E208",
            )
    if (found := ask("PRAGMA quick_check(1)")) != "ok":
        yield Error(
            f"The database file is damaged ({found}): put a backup back with manage.py restore.", id="chatsite.E209"
        )


def postgresql_is_safe() -> Iterator[CheckMessage]:
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        if ask(f"SHOW {name}") == "off":
            yield checks.Warning(
                f"PostgreSQL has {name} off: a power cut may lose messages that were acknowledged. Turn it on.",
                id="chatsite.W210",
            )
    table = settings.CACHES["default"].get("LOCATION", "")
    if table and table not in connection.introspection.table_names():
        yield Error(
            f"The table {table} is missing, in which log-in attempts are counted: manage.py createcachetable.",
            id="chatsite.E211",
        )
    pool, most = settings.DATABASE_POOL, int(ask("SHOW max_connections"))
    if pool > most - 3:
        yield Error(
            f"DATABASE_POOL is {pool} and PostgreSQL takes {most} connections in all: lower it, or raise theirs.",
            id="chatsite.E212",
        )
    drift = (ask("SELECT clock_timestamp()") - timezone.now()).total_seconds()
    if abs(drift) > CLOCK_DRIFT:
        yield checks.Warning(
            f"The database's clock differs from this machine's by {drift:.1f} s: have both set by NTP.",
            id="chatsite.W213",
        )


def people_may_write() -> Iterator[CheckMessage]:
    if row := ReadOnly.objects.first():
        yield checks.Warning(
            f"The site is read-only since {row}: `readonly off` lets people write again.", id="chatsite.W214"
        )


def ask(query: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]
