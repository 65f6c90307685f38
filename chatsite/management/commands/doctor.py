"""``manage.py doctor``: what is wrong with this site, and what to do about it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chatsite.ops.doctor import Verdict, examine


class Command(BaseCommand):
    help = "Say in words what is wrong with the site's set-up. Ends with 1 where something is broken."
    # It looks at what they say, too, and must come to speak even where one of them fails.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for verdict, sentence in examine():
            count += verdict is Verdict.BROKEN
            style = {Verdict.WELL: self.style.SUCCESS, Verdict.DOUBTFUL: self.style.WARNING}.get(verdict)
            self.stdout.write(f"{(style or self.style.ERROR)(f'{verdict.value:>6}')}  {sentence}")
        if count:
            raise CommandError("One thing is broken." if count == 1 else f"{count} things are broken.")
        self.stdout.write("Nothing is broken.")
