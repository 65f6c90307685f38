from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.actions import first_admin_link, needs_first_admin


class Command(BaseCommand):
    help = "Print the link to the page that makes the site's first admin. It works once, for a day."

    def handle(self, *args: Any, **options: Any) -> None:
        if not needs_first_admin():
            raise CommandError("This site has an admin already, who can make others in the Django admin (/admin/).")
        self.stdout.write(settings.SITE_URL + first_admin_link())
