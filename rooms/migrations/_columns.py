"""Columns that SQLite adds in an instant, with their constraint: Django would copy a table of millions of rows."""

from typing import Any

from django.db import migrations


class AddColumn(migrations.AddField):
    """As Django does it, but for SQLite, which has a statement of its own."""

    def __init__(self, model_name: str, name: str, field: Any, *, sqlite: str) -> None:
        super().__init__(model_name, name, field)
        self._sqlite = sqlite

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute(self._sqlite)
        else:
            super().database_forwards(app_label, schema_editor, from_state, to_state)


class AddItsConstraint(migrations.AddConstraint):
    """On SQLite it came, and goes, with the column."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "sqlite":
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "sqlite":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
