"""Django's sessions in the database, with an end that no use puts off (SESSION_ENGINE)."""

import time
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import db

# When the person signed in, in seconds since 1970 (adapters.py, sessions.py).
BEGUN_KEY = "begun"


class SessionStore(db.SessionStore):
    """Whoever asks when a session ends, the cookie, the row or a socket, is told the earlier of its two ends.

    Named as Django's, because the name is a part of the salt that signs sessions.
    """

    def _last_moment(self) -> float:
        return float(self.get(BEGUN_KEY) or time.time()) + settings.SESSION_MAX_AGE

    def get_expiry_age(self, **kwargs: Any) -> int:
        return max(0, min(super().get_expiry_age(**kwargs), int(self._last_moment() - time.time())))

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        return min(super().get_expiry_date(**kwargs), datetime.fromtimestamp(self._last_moment(), UTC))

    async def aget_expiry_age(self, **kwargs: Any) -> int:
        await self.aget(BEGUN_KEY)  # loads what the other asks
        return self.get_expiry_age(**kwargs)

    async def aget_expiry_date(self, **kwargs: Any) -> datetime:
        await self.aget(BEGUN_KEY)  # loads what the other asks
        return self.get_expiry_date(**kwargs)
