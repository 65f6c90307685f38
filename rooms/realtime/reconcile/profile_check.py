"""Shows the users whose name or picture is another one, whichever notice of it was lost."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from rooms.realtime.fanout.profiles import Profiles
from rooms.realtime.threads import in_database

# How long after its instant a change may become visible: by the time of its transaction, or the clock of its process.
OVERLAP = timedelta(seconds=60)


def changed_since(at: datetime) -> dict[UUID, datetime]:
    """Return the users whose profile has changed since, and when; a small index knows them."""
    changed = User.objects.filter(profile_changed_at__gt=at).values_list("pk", "profile_changed_at")
    return {user_id: changed_at for user_id, changed_at in changed if changed_at is not None}


class ProfileCheck:
    """On the event loop."""

    def __init__(self, profiles: Profiles) -> None:
        self._profiles = profiles
        self._since = timezone.now() - OVERLAP
        # The changes that this process has shown, as far back as they are asked for.
        self._shown: dict[UUID, datetime] = {}

    async def check(self) -> None:
        """Show each change once, also one that a notice told of: a user who was entering may have missed that."""
        asked_at = timezone.now()
        changes = await in_database(changed_since, self._since)
        for user_id, at in changes.items():
            if self._shown.get(user_id) != at:
                await self._profiles.refresh(user_id)
                self._shown[user_id] = at
        self._shown = changes
        # Only now: what could not be read or shown is asked for again.
        self._since = asked_at - OVERLAP
