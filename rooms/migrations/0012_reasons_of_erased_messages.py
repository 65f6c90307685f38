"""Empty the reasons of reports on messages that have been erased: a reason may quote the words."""

from typing import Any

from django.db import migrations


def empty(apps: Any, schema_editor: Any) -> None:
    reports = apps.get_model("rooms", "Report")._base_manager.filter(message__redacted_at__isnull=False)
    reports.exclude(reason="").update(reason="")


class Migration(migrations.Migration):
    dependencies = [("rooms", "0011_idempotent_answers")]

    operations = [migrations.RunPython(empty, migrations.RunPython.noop)]
