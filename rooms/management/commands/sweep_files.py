"""``manage.py sweep_files``: remove the files that nobody went on sending, or never posted."""

from typing import Any

from django.core.management.base import BaseCommand

from chatsite.models import ReadOnly
from rooms.actions.files import sweep_files
from rooms.models import READY_KEPT


class Command(BaseCommand):
    help = (
        "Remove uploads that nobody has gone on with for an hour, files that nobody has posted for "
        f"{READY_KEPT.days} days, and what a killed process left behind. Run it each day."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if ReadOnly.objects.exists():
            self.stdout.write(ReadOnly.NOTHING_REMOVED)
            return
        uploads, objects = sweep_files()
        self.stdout.write(f"Uploads removed: {uploads}. Objects left behind: {objects}.")
