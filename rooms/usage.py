"""How many bytes of files have arrived, of each person and of all: kept by triggers, so that nobody adds them up.

A quota that counted what was promised would be full of promises. What has arrived is counted in the transaction in
which it is written down, by whatever way a row comes, changes or goes (a part, a redaction, a purge). The row of all
people is changed first, so whoever takes space waits here for who takes some at the same moment, and for nobody else.

As those of log/triggers.py, the triggers are made after each migration.
"""

from typing import Any
from uuid import UUID

from django.db import connections, transaction
from django.db.utils import DEFAULT_DB_ALIAS

from rooms.models import EVERYBODY, Usage

TABLE = "rooms_attachment"
# What each event adds.
DELTAS = {"INSERT": "NEW.received", "UPDATE": "NEW.received - OLD.received", "DELETE": "-OLD.received"}
TRIGGERS = {f"rooms_usage_{event.lower()}": event for event in DELTAS}

ADD = """
INSERT INTO rooms_usage (owner, received) VALUES ({owner}, {most}({delta}, 0))
ON CONFLICT (owner) DO UPDATE SET received = rooms_usage.received + {delta};
"""
SQLITE = """
CREATE TRIGGER IF NOT EXISTS {name} AFTER {event} ON rooms_attachment WHEN {delta} <> 0
BEGIN {add} END
"""
POSTGRESQL = """
CREATE OR REPLACE TRIGGER {name} AFTER {event} ON rooms_attachment
FOR EACH ROW WHEN ({delta} <> 0) EXECUTE FUNCTION {name}()
"""
POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN {add} RETURN NULL; END $$
"""
COUNT = """
INSERT INTO rooms_usage (owner, received)
SELECT owner_id, SUM(received) FROM rooms_attachment GROUP BY owner_id
UNION ALL SELECT {everybody}, COALESCE(SUM(received), 0) FROM rooms_attachment
"""


def keep(using: str = DEFAULT_DB_ALIAS) -> None:
    """Make the triggers where they are missing, and count anew what they have missed."""
    if not missing(using):
        return
    connection = connections[using]
    is_postgresql = connection.vendor == "postgresql"
    everybody = f"'{EVERYBODY if is_postgresql else EVERYBODY.hex}'"
    with transaction.atomic(using=using), connection.cursor() as cursor:
        if is_postgresql:
            # Nothing arrives between the count and the triggers.
            cursor.execute(f"LOCK TABLE {TABLE} IN SHARE ROW EXCLUSIVE MODE")
        for name, event in TRIGGERS.items():
            values = {"name": name, "event": event, "delta": DELTAS[event]}
            owner = "OLD.owner_id" if event == "DELETE" else "NEW.owner_id"
            most = "GREATEST" if is_postgresql else "MAX"
            add = "".join(ADD.format(owner=each, most=most, delta=DELTAS[event]) for each in (everybody, owner))
            if is_postgresql:
                cursor.execute(POSTGRESQL_FUNCTION.format(add=add, **values))
                cursor.execute(POSTGRESQL.format(**values))
            else:
                cursor.execute(SQLITE.format(add=add, **values))
        Usage.objects.using(using).all().delete()
        cursor.execute(COUNT.format(everybody=everybody))


def keep_after_migrate(*, using: str, **kwargs: Any) -> None:
    if "rooms_usage" in connections[using].introspection.table_names():
        keep(using)


def missing(using: str = DEFAULT_DB_ALIAS) -> set[str]:
    """Return the names of the triggers that this database lacks."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled <> 'D'"
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
    with connection.cursor() as cursor:
        cursor.execute(query, [TABLE])
        return set(TRIGGERS) - {name for (name,) in cursor.fetchall()}


def received(owner_id: UUID) -> tuple[int, int]:
    """Return how many bytes of this person's files have arrived, and of everybody's."""
    rows = dict(Usage.objects.filter(pk__in=[owner_id, EVERYBODY]).values_list("owner", "received"))
    return rows.get(owner_id, 0), rows.get(EVERYBODY, 0)
