"""Where the limits of logging in, signing up and mail count: Django's caches, but that nothing pushes a count out.

Django's keep 300 entries by default and then throw some away, whichever they are: some hundreds of requests would set
the limits back. And with room for a million, Django's table is counted whole on each write (some 90 ms), and its memory
keeps all that has run out. Here an entry goes when its time is over, and only then.
"""

import base64
import pickle
import time
from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.db import connections, router
from django.utils import timezone

# Seconds between two looks of a process at what has run out. To do it twice at once does no harm.
FORGET_EVERY = 60.0

_forget_at = 0.0


def is_time_to_forget() -> bool:
    global _forget_at  # noqa: PLW0603 (of the process: Django makes a cache for each thread)
    now = time.monotonic()
    if now < _forget_at:
        return False
    _forget_at = now + FORGET_EVERY
    return True


class LastingLocMemCache(LocMemCache):
    """For one process."""

    def _set(self, key: str, value: bytes, timeout: Any = DEFAULT_TIMEOUT) -> None:
        if is_time_to_forget():
            for old in [old for old in self._expire_info if self._has_expired(old)]:  # type: ignore[attr-defined]
                self._delete(old)  # type: ignore[attr-defined]
        super()._set(key, value, timeout)  # type: ignore[misc]


class LastingDatabaseCache(DatabaseCache):
    """For several processes. A write is one statement, however many entries there are."""

    def _base_set(self, mode: str, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT) -> bool:
        if mode == "touch":
            return bool(super()._base_set(mode, key, value, timeout))  # type: ignore[misc]
        connection = connections[router.db_for_write(self.cache_model_class)]
        table = connection.ops.quote_name(self._table)  # type: ignore[attr-defined]
        at = connection.ops.adapt_datetimefield_value
        now = at(timezone.now())
        ends = self.get_backend_timeout(timeout)
        expires = at(datetime.max.replace(tzinfo=UTC) if ends is None else datetime.fromtimestamp(ends, UTC))
        pickled = base64.b64encode(pickle.dumps(value, self.pickle_protocol)).decode("ascii")
        # An entry is added where there is none, or only one whose time is over.
        where, more = (f" WHERE {table}.expires < %s", [now]) if mode == "add" else ("", [])
        with connection.cursor() as cursor:
            if is_time_to_forget():
                cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [now])  # noqa: S608
            cursor.execute(
                f"INSERT INTO {table} (cache_key, value, expires) VALUES (%s, %s, %s) ON CONFLICT (cache_key)"  # noqa: S608
                f" DO UPDATE SET value = excluded.value, expires = excluded.expires{where}",
                [key, pickled, expires, *more],
            )
            return bool(cursor.rowcount)
