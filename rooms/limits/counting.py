"""The count behind the limits of users: what each has used, in this process and, over a table, in the others.

What a user has used of a limit is one number: the moment until which all that they did would have taken at the steady
pace. They may be ``burst`` steps ahead of the clock (this is the generic cell rate algorithm).

A process decides by what it knows: no door asks the database, and no Redis or database that is away refuses anybody.
Once a second the processes add up what was used, in two statements for all users. So one process is exact. Of n
processes, each may let through a burst of its own until the next exchange; what was too much is then a debt that has to
run off. In T seconds nobody gets through more than

    burst + per_second × T + (n - 1) × (burst + per_second × EXCHANGE_EVERY)

While the database is away, that last part counts once for each process and burst, until it is back.

This is ours, because a library's counter (allauth's, by which strangers are counted: accounts/limits.py) asks a cache
in the database twice for each count, which is exact, and more than a post may cost.
"""

import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection

from rooms.models import Spending

# Seconds between two exchanges with the other processes.
EXCHANGE_EVERY = 1.0
# Seconds between two searches for what need not be remembered any more.
FORGET_EVERY = 60.0


def use(until: float, seconds: float, *, now: float, most: float) -> tuple[float, float]:
    """Use so many seconds of a pace that is used until ``until``, at most ``most`` ahead of ``now``.

    Return until when it is used then and 0.0, or ``until`` as it was and how many seconds to wait.
    """
    after = max(until, now) + seconds
    # Floats of this size cannot tell less than a millionth of a second apart.
    if after - now > most + 1e-6:
        return until, after - now - most
    return after, 0.0


class Tally:
    """What everybody has used of each limit, as this process knows it. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}
        # Seconds used here since the last exchange.
        self._unsent: dict[str, float] = {}
        self._forget_at = 0.0

    def spend(self, key: str, seconds: float, most: float) -> float:
        """Use so many seconds of a pace, at most ``most`` ahead; return 0, or how many seconds to wait instead."""
        now = self._clock()
        with self._lock:
            until, wait = use(self._until.get(key, 0.0), seconds, now=now, most=most)
            if not wait:
                self._until[key] = until
                if not settings.SQLITE:
                    self._unsent[key] = self._unsent.get(key, 0.0) + seconds
            return wait

    def ahead(self, key: str) -> float:
        """Return by how many seconds what was used is ahead of the clock."""
        with self._lock:
            return max(0.0, self._until.get(key, 0.0) - self._clock())

    def exchange(self) -> None:
        """Tell the other processes what was used here, and learn what was used there, in two statements.

        Raises what the database raises; what was used here is then told the next time.
        """
        now = self._clock()
        with self._lock:
            unsent, self._unsent = self._unsent, {}
            # Who used something a moment ago here may use more elsewhere.
            watched = [key for key, until in self._until.items() if until > now and key not in unsent]
        try:
            shared = add_up(unsent, now) if unsent else {}
            shared.update(Spending.objects.filter(key__in=watched).values_list("key", "until") if watched else ())
        except BaseException:
            with self._lock:
                for key, seconds in unsent.items():
                    self._unsent[key] = self._unsent.get(key, 0.0) + seconds
            raise
        with self._lock:
            for key, until in shared.items():
                self._until[key] = max(self._until.get(key, 0.0), until + self._unsent.get(key, 0.0))
        self.forget()

    def forget(self) -> None:
        """Forget keys whose time is over; looked for once a minute."""
        now = self._clock()
        if now < self._forget_at:
            return
        self._forget_at = now + FORGET_EVERY
        with self._lock:
            self._until = {key: until for key, until in self._until.items() if until > now}
        if not settings.SQLITE:
            Spending.objects.filter(until__lt=now).delete()

    def clear(self) -> None:
        with self._lock:
            self._until.clear()
            self._unsent.clear()


def add_up(used: dict[str, float], now: float) -> dict[str, float]:
    """Add what was used to what all processes have used, and return that."""
    table = connection.ops.quote_name(Spending._meta.db_table)
    # In the order of the keys, so that two processes which share some cannot wait for each other.
    rows = [(key, now + seconds) for key, seconds in sorted(used.items())]
    values = ", ".join(["(%s, %s)"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (key, until) VALUES {values} ON CONFLICT (key) DO UPDATE SET until ="  # noqa: S608
            f" CASE WHEN {table}.until > %s THEN {table}.until + excluded.until - %s ELSE excluded.until END"
            " RETURNING key, until",
            [*(value for row in rows for value in row), now, now],
        )
        return dict(cursor.fetchall())


tally = Tally()
