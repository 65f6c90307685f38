"""How much one person may do at once and in the long run: generous to people who are quick, a stop to floods.

What somebody has used of a limit is one number: the moment until which all that they did would have taken them at the
steady pace. They may be ``burst`` steps ahead of the clock (this is the generic cell rate algorithm).

A process decides by what it knows: no door asks the database, and nothing that is away, Redis or the database, refuses
anybody. Once a second the processes put what was used together, over a table, in two statements for all people. So one
process is exact. Of n processes, each may let through a burst of its own until the next exchange; what was too much
then is a debt that has to run off. In T seconds nobody gets through more than

    burst + per_second × T + (n - 1) × (burst + per_second × EXCHANGE_EVERY)

While the database is away, that last part counts once for each process and burst, until it is back.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import connection

from rooms import errors
from rooms.models import Spending

# Seconds between two exchanges with the other processes.
EXCHANGE_EVERY = 1.0
# Seconds between two looks at what need not be remembered any more.
FORGET_EVERY = 60.0


class Tally:
    """What everybody has used of each limit, as this process knows it. May be called from any thread."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}
        # Seconds used here since the last exchange.
        self._unsent: dict[str, float] = {}
        self._forget_at = 0.0

    def spend(self, key: str, seconds: float, most: float) -> float:
        """Use ``seconds``, being ``most`` ahead of the clock at most; return 0, or how long to wait instead."""
        now = self._clock()
        with self._lock:
            until = max(self._until.get(key, 0.0), now) + seconds
            # A millionth of a second is what a number of this size cannot tell apart.
            if until - now > most + 1e-6:
                return until - now - most
            self._until[key] = until
            if not settings.SQLITE:
                self._unsent[key] = self._unsent.get(key, 0.0) + seconds
            return 0.0

    def ahead(self, key: str) -> float:
        """Return by how many seconds what was used is ahead of the clock."""
        with self._lock:
            return max(0.0, self._until.get(key, 0.0) - self._clock())

    def exchange(self) -> None:
        """Tell the other processes what was used here, and learn what was used there."""
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


@dataclass(frozen=True, slots=True)
class Limit:
    """So many at once, so many a second in the long run, for each person."""

    name: str
    burst: int
    per_second: float

    def spend(self, person_id: UUID) -> None:
        """Count one, or raise ``TooFast`` with the seconds to wait."""
        if not settings.RATE_LIMITS:
            return
        _spent.set((self, person_id))
        if wait := tally.spend(f"{self.name}:{person_id.hex}", 1 / self.per_second, self.burst / self.per_second):
            raise errors.TooFast(wait)

    def remaining(self, person_id: UUID) -> tuple[int, int]:
        """Return how many more this person may do at once, and in how many seconds all of them."""
        ahead = tally.ahead(f"{self.name}:{person_id.hex}")
        return int(self.burst - ahead * self.per_second + 1e-6), math.ceil(ahead)


# The limit that this thread's request has counted against last, and for whom.
_spent: ContextVar[tuple[Limit, UUID] | None] = ContextVar("spent", default=None)


@contextmanager
def watched() -> Iterator[Callable[[], tuple[Limit, UUID] | None]]:
    """Yield a function that tells which limit was counted against meanwhile, and for whom."""
    before = _spent.set(None)
    try:
        yield _spent.get
    finally:
        _spent.reset(before)


# A page that sends what somebody has pasted sends about 30 a second; 300 of those pass, then the page waits by itself.
POSTING = Limit("posting", burst=150, per_second=15)
# A page asks each second, and once more for each message that it has posted; a person may have several, and scroll.
READING = Limit("reading", burst=600, per_second=30)
# A request for each 4 MiB, and a few more for each file; what a fast line sends is some 30 a second.
UPLOADING = Limit("uploading", burst=300, per_second=30)
# Putting a file together, and making its picture small, is work.
FINISHING = Limit("finishing", burst=60, per_second=1)
# A page shows 100 pictures at once, and a player asks for many parts.
FETCHING = Limit("fetching", burst=1_000, per_second=50)
# A server that restarts has all pages of somebody come back at once, and a second one may restart behind it.
ENTERING = Limit("entering", burst=100, per_second=1)
JOINING = Limit("joining", burst=60, per_second=0.5)
OPENING_DIRECTS = Limit("opening directs", burst=30, per_second=1 / 10)
EXPORTING = Limit("exporting", burst=10, per_second=1 / 60)
INVITING = Limit("inviting", burst=30, per_second=1 / 30)
# Each is a row that nobody sees: all of a room's pins can be changed at once.
PINNING = Limit("pinning", burst=100, per_second=1 / 2)
REPORTING = Limit("reporting", burst=20, per_second=1 / 60)
# While one types a name, suggestions are asked for at each pause.
SUGGESTING = Limit("suggesting", burst=60, per_second=3)
OPENING_ROOMS = Limit("opening rooms", burst=30, per_second=1 / 30)


class Frames:
    """The frames of one socket, which is closed when it sends more: no page or script needs as many."""

    PER_SECOND = 200

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = 0.0

    def are_too_many(self) -> bool:
        """Count one."""
        if not settings.RATE_LIMITS:
            return False
        now = self._clock()
        self._until = max(self._until, now) + 1 / self.PER_SECOND
        return self._until - now > 1.0
