"""``manage.py readonly on | off``: let nobody write for a while, for a long migration; people go on reading."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from chatsite import readonly
from chatsite.models import ReadOnly

# Until each process has looked, and has begun nothing before it did.
WAIT_SECONDS = 2 * readonly.REFRESH_EVERY


class Command(BaseCommand):
    help = "Let nobody write for a while: people log in, read and stay connected. Without a word, say how it stands."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("switch", nargs="?", choices=("on", "off"))

    def handle(self, *args: Any, switch: str | None, **options: Any) -> None:
        if switch == "on":
            ReadOnly.objects.get_or_create(pk=1, defaults={"since": timezone.now()})
            # For whoever migrates next: from here on no process begins to write.
            time.sleep(WAIT_SECONDS)
        elif switch == "off":
            ReadOnly.objects.all().delete()
        row = ReadOnly.objects.first()
        self.stdout.write(
            f"The site is read-only since {row}; `readonly off` ends it." if row else "People may read and write."
        )
