"""``/healthz``: is the process alive? ``/readyz``: may it be sent visitors? For load balancers and for people."""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from rooms.realtime import lifecycle

# Seconds that the database has for its answer: who asks waits five (ready.py, systemd, load balancers).
PATIENCE = 2.0
# Seconds for which what it said is good: anybody may ask, and each question costs a look at all migrations.
KEPT = 1.0


class Readiness:
    """What the process knows of itself: ``draining`` from the moment it is asked to stop."""

    draining = False


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "alive"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 ``{"status": "ready"}``, or 503 with the reasons in ``problems``, each a sentence.

    ``warnings`` name what is worth a look but keeps nobody out.
    """
    answer = {"warnings": warnings} if (warnings := find_warnings()) else {}
    if problems := find_problems():
        return JsonResponse({"status": "not ready", "problems": problems, **answer}, status=503)
    return JsonResponse({"status": "ready", **answer})


def find_warnings() -> list[str]:
    # By what the hub has noticed: to ask Redis itself would keep this answer waiting while Redis hangs.
    if settings.REDIS_URL and not all(hub.pubsub.is_well and hub.presence_sync.is_up for hub in lifecycle.hubs()):
        return ["Redis is away: news between processes takes up to a second, and each shows its own people as present."]
    return []


def find_problems() -> list[str]:
    if Readiness.draining:
        return ["This process is about to stop."]
    try:
        waiting = check.waiting_migrations()
    except TimeoutError:
        return ["The database does not answer."]
    except DatabaseError:
        return ["The database cannot be reached."]
    if waiting:
        return [f"{waiting} migrations have not been applied: run manage.py migrate."]
    return []


def waiting_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


class DatabaseCheck:
    """Asks the database once for all who want to know at the same time, and for those of the next moment."""

    def __init__(self) -> None:
        # A thread of its own, which may be left behind with a database that hangs.
        self._asking = ThreadPoolExecutor(max_workers=1, thread_name_prefix="readyz")
        self._lock = threading.Lock()
        self._asked: Future[int] | None = None
        self._began = 0.0

    def waiting_migrations(self) -> int:
        """Return how many there are, or raise what came of asking: ``TimeoutError`` where nothing has come yet."""
        with self._lock:
            if self._asked is None or (self._asked.done() and time.monotonic() - self._began > KEPT):
                self._asked, self._began = self._asking.submit(_ask_in_own_thread), time.monotonic()
            asked, left = self._asked, self._began + PATIENCE - time.monotonic()
        return asked.result(timeout=max(left, 0.0))


check = DatabaseCheck()


def _ask_in_own_thread() -> int:
    try:
        return waiting_migrations()
    finally:
        # Django closes those of requests, not this thread's.
        connection.close()
