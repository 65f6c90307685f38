from typing import Any

from django.core.management.base import BaseCommand

from accounts.actions import GUEST_AGE, sweep_guests
from chatsite.models import ReadOnly


class Command(BaseCommand):
    help = (
        f"Remove guests who never wrote or joined anything and were not seen for {GUEST_AGE.days} days, and sign out "
        "for good those who did. Run it each day."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if ReadOnly.objects.exists():
            self.stdout.write(ReadOnly.NOTHING_REMOVED)
            return
        removed, retired = sweep_guests()
        self.stdout.write(f"Guests removed: {removed}. Guests signed out for good: {retired}.")
