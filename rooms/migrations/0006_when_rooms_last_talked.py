"""Rooms that are older than the column ``talked_at`` get it from their last talk."""

from typing import Any

from django.db import migrations
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce


def fill_in(apps: Any, schema_editor: Any) -> None:
    room, message = apps.get_model("rooms", "Room"), apps.get_model("rooms", "Message")
    talk = message.objects.filter(room=OuterRef("pk"), talk__isnull=False).order_by("-seq")
    rooms = room.objects.all()
    rooms.update(talked_at=Coalesce(Subquery(talk.values("created_at")[:1]), F("created_at")))


class Migration(migrations.Migration):
    dependencies = [("rooms", "0005_reports_and_redaction")]

    operations = [migrations.RunPython(fill_in, migrations.RunPython.noop)]
