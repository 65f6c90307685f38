"""``manage.py breaking_migrations``: the waiting migrations on whose tables the version that serves cannot run.

A migration says so itself: ``runs_beside_old_code = False``, or ``True``. One that says nothing is judged by what it
does: whatever takes away, or gives another name to, what the old code knows breaks it.
"""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations import Migration, operations
from django.db.migrations.executor import MigrationExecutor

TAKING_AWAY = (
    operations.DeleteModel,
    operations.RemoveField,
    operations.RenameField,
    operations.RenameModel,
    operations.AlterModelTable,
)


class Command(BaseCommand):
    help = "Name the migrations that have not been applied and need all processes of the old version stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        executor = MigrationExecutor(connection)
        for migration, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes()):
            if not runs_beside_old_code(migration):
                self.stdout.write(f"{migration.app_label}.{migration.name}")


def runs_beside_old_code(migration: Migration) -> bool:
    said: bool | None = getattr(migration, "runs_beside_old_code", None)
    if said is not None:
        return said
    return not any(isinstance(operation, TAKING_AWAY) for operation in migration.operations)
