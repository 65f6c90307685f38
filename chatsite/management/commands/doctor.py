"""``manage.py doctor``: what is wrong with this site, and what to do about it."""

from typing import Any

from django.core.checks import WARNING, CheckMessage
from django.core.management.base import BaseCommand, CommandError

from chatsite.ops.doctor import examine


class Command(BaseCommand):
    help = "Say in words what is wrong with the site's set-up. Ends with 1 where something is broken."
    # Django's own checks are among what is examined, and one of them that fails must not keep the rest from being said.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for message in examine():
            count += message.is_serious()
            self.stdout.write(self.line(message))
        if count:
            raise CommandError("One thing is broken." if count == 1 else f"{count} things are broken.")
        self.stdout.write("Nothing is broken.")

    def line(self, message: CheckMessage) -> str:
        if message.is_serious():
            return f"{self.style.ERROR('BROKEN')}  {message.msg} ({message.id})"
        if message.level >= WARNING:
            return f"{self.style.WARNING('  look')}  {message.msg} ({message.id})"
        return f"{self.style.SUCCESS('    ok')}  {message.msg}"
