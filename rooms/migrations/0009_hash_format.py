"""Each row of the log says how its hash was made; those that are there are of format 1.

Neither database rewrites the table for it, which may have millions of rows: Django would copy it on SQLite, which can
add such a column, with its constraint, in an instant.
"""

from typing import Any

from django.db import migrations, models

from rooms.migrations._columns import AddColumn, AddItsConstraint

FIELD = models.PositiveSmallIntegerField(db_default=1)
CONSTRAINT = models.CheckConstraint(condition=models.Q(hash_format__gte=1), name="rooms_message_hash_format_from_one")
SQLITE = f"""
ALTER TABLE rooms_message ADD COLUMN hash_format smallint unsigned DEFAULT 1 NOT NULL
CONSTRAINT {CONSTRAINT.name} CHECK (hash_format >= 1)
"""


class AddHashFormat(AddColumn):
    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Before it goes, so does the trigger that names it (rooms/log/triggers.py)."""
        table = " ON rooms_message" if schema_editor.connection.vendor == "postgresql" else ""
        schema_editor.execute(f"DROP TRIGGER IF EXISTS rooms_message_format_never_falls{table}")
        super().database_backwards(app_label, schema_editor, from_state, to_state)


class Migration(migrations.Migration):
    dependencies = [("rooms", "0008_newest_files")]

    operations = [
        AddHashFormat(model_name="message", name="hash_format", field=FIELD, sqlite=SQLITE),
        AddItsConstraint(model_name="message", constraint=CONSTRAINT),
    ]
