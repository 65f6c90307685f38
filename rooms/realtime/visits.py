"""Where people were last, noted when they enter and stored once a second for all: thousands come back at once."""

from uuid import UUID

from django.utils import timezone

from chatsite import readonly
from rooms.models import Membership
from rooms.realtime.threads import in_database
from rooms.statements import in_lists

# Seconds between two writings. The page that somebody opens notes their visit by itself, at once.
VISITS_EVERY = 1.0


class Visits:
    """A part of the hub, on its event loop."""

    def __init__(self) -> None:
        # The membership by which each person has entered last.
        self._entered: dict[UUID, int] = {}

    def note(self, user_id: UUID, membership_id: int) -> None:
        self._entered[user_id] = membership_id

    async def store(self) -> None:
        if not self._entered or await in_database(readonly.switch.is_on):
            return
        entered, self._entered = self._entered, {}
        try:
            await in_database(store, list(entered.values()))
        except BaseException:
            # Behind those that have come since.
            self._entered = {**entered, **self._entered}
            raise


def store(membership_ids: list[int]) -> None:
    now = timezone.now()
    for some in in_lists(membership_ids):
        # Whoever has left meanwhile was nowhere last.
        Membership.objects.active().filter(pk__in=some).update(visited_at=now)
