"""The triggers by which the database itself refuses to change or delete a log row, and the one way to lift them.

One more refuses a row whose hash is of an older format than that of the row before it: a process of before the newer
format, in the middle of a rolling restart, is told to try again instead of breaking the chain.

They are made after each migration: SQLite's way of altering a table (build anew, copy, rename) drops them silently.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction
from django.db.utils import DEFAULT_DB_ALIAS

from rooms import chain

REFUSAL = "the log is written once: its rows are not changed and not deleted"
FALLING = "the hashes of this room are of a newer format: try again with a newer version of the site"
TRIGGERS = {"rooms_message_no_update": "UPDATE", "rooms_message_no_delete": "DELETE"}
FORMAT_TRIGGER = "rooms_message_format_never_falls"

SQLITE = """
CREATE TRIGGER IF NOT EXISTS {name} BEFORE {event} ON rooms_message
WHEN NOT EXISTS (SELECT 1 FROM rooms_seal_lifted)
BEGIN SELECT RAISE(ABORT, '{refusal}'); END
"""
POSTGRESQL = """
CREATE OR REPLACE TRIGGER {name} BEFORE {event} ON rooms_message
FOR EACH {each} EXECUTE FUNCTION rooms_message_refuse()
"""
# Rows of the newest format, which are all but those of an older process, cost a comparison.
OLDER_FORMAT = f"NEW.hash_format < {chain.FORMAT}"
FOLLOWS_NEWER = """
SELECT 1 FROM rooms_message
WHERE room_id = NEW.room_id AND seq = NEW.seq - 1 AND hash_format > NEW.hash_format
"""
SQLITE_FORMAT = f"""
CREATE TRIGGER IF NOT EXISTS {FORMAT_TRIGGER} BEFORE INSERT ON rooms_message
WHEN {OLDER_FORMAT} AND EXISTS ({FOLLOWS_NEWER})
BEGIN SELECT RAISE(ABORT, '{FALLING}'); END
"""
# As an error of the database's (class 55), not of the row's: pages answer 503 and posts `try_again`.
POSTGRESQL_FORMAT = f"""
CREATE OR REPLACE FUNCTION rooms_message_refuse_older_format() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS ({FOLLOWS_NEWER}) THEN
        RAISE EXCEPTION '{FALLING}' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER {FORMAT_TRIGGER} BEFORE INSERT ON rooms_message
FOR EACH ROW WHEN ({OLDER_FORMAT}) EXECUTE FUNCTION rooms_message_refuse_older_format()
"""
# TRUNCATE fires no row trigger, so it has a statement trigger of its own.
POSTGRESQL_TRIGGERS = {**TRIGGERS, "rooms_message_no_truncate": "TRUNCATE"}
POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION rooms_message_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM rooms_seal_lifted) THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '{refusal}' USING ERRCODE = 'restrict_violation';
END $$
"""


def put_on(using: str = DEFAULT_DB_ALIAS) -> None:
    """Make the triggers where they are missing."""
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS rooms_seal_lifted (lifted integer NOT NULL)")
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL_FUNCTION.format(refusal=REFUSAL))
            for name, event in POSTGRESQL_TRIGGERS.items():
                each = "STATEMENT" if event == "TRUNCATE" else "ROW"
                cursor.execute(POSTGRESQL.format(name=name, event=event, each=each))
        else:
            for name, event in TRIGGERS.items():
                cursor.execute(SQLITE.format(name=name, event=event, refusal=REFUSAL))
        if has_formats(using):
            cursor.execute(POSTGRESQL_FORMAT if connection.vendor == "postgresql" else SQLITE_FORMAT)


def has_formats(using: str) -> bool:
    """Whether the migrations have come to where each row says the format of its hash."""
    connection = connections[using]
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, "rooms_message")
    return "hash_format" in {column.name for column in columns}


def put_on_after_migrate(*, using: str, **kwargs: Any) -> None:
    if "rooms_message" in connections[using].introspection.table_names():
        put_on(using)


def missing(using: str = DEFAULT_DB_ALIAS) -> set[str]:
    """Return the names of the triggers that this database lacks."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        wanted = {*POSTGRESQL_TRIGGERS, FORMAT_TRIGGER}
        query = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'rooms_message'::regclass AND tgenabled <> 'D'"
    else:
        wanted = {*TRIGGERS, FORMAT_TRIGGER}
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'rooms_message'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        return wanted - {name for (name,) in cursor.fetchall()}


@contextmanager
def lifted(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Let this transaction, and no other, change and delete log rows: for redaction, purge and the tests' flush.

    The triggers look for a row in ``rooms_seal_lifted``; nobody but the transaction that wrote it ever sees it.
    """
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute("INSERT INTO rooms_seal_lifted VALUES (1)")
        yield
        cursor.execute("DELETE FROM rooms_seal_lifted")
