"""Stores which room each user entered last, once a second for all users: thousands come back at once."""

from uuid import UUID

from django.utils import timezone

from chatsite import readonly
from chatsite.statements import in_lists
from rooms.models import Membership
from rooms.realtime.threads import in_database

# Seconds between two writings. A room's page stores its user's visit by itself, at once.
VISITS_EVERY = 1.0


class LastVisits:
    """On the event loop."""

    def __init__(self) -> None:
        # Each user's membership of the room that they entered last.
        self._entered: dict[UUID, int] = {}

    def note(self, user_id: UUID, membership_id: int) -> None:
        self._entered[user_id] = membership_id

    async def store(self) -> None:
        """Write what was noted; what cannot be written stays for the next time. Raises what the database raises."""
        if not self._entered or await in_database(readonly.switch.is_on):
            return
        entered, self._entered = self._entered, {}
        try:
            await in_database(store, list(entered.values()))
        except BaseException:
            # Visits that were noted meanwhile are later ones.
            self._entered = {**entered, **self._entered}
            raise


def store(membership_ids: list[int]) -> None:
    """Write that these members were in their rooms just now. Waits for the database."""
    now = timezone.now()
    for some in in_lists(membership_ids):
        # A membership that has ended meanwhile keeps no visit.
        Membership.objects.active().filter(pk__in=some).update(visited_at=now)
