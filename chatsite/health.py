"""``/healthz``: is the process alive? ``/readyz``: may it be sent visitors? For load balancers and for people."""

from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from rooms.realtime import lifecycle

# Seconds that the database has for its answer: who asks waits five (ready.py, systemd, load balancers).
PATIENCE = 2.0
# A thread of its own, which may be left behind with a database that hangs.
_asking = ThreadPoolExecutor(max_workers=1, thread_name_prefix="readyz")


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
    if settings.REDIS_URL and not all(hub.relay.is_well and hub.exchange.is_up for hub in lifecycle.hubs()):
        return ["Redis is away: news between processes takes up to a second, and each shows its own people as present."]
    return []


def find_problems() -> list[str]:
    if Readiness.draining:
        return ["This process is about to stop."]
    asked = _asking.submit(_ask_in_own_thread)
    try:
        waiting = asked.result(timeout=PATIENCE)
    except TimeoutError:
        asked.cancel()
        return ["The database does not answer."]
    except DatabaseError:
        return ["The database cannot be reached."]
    if waiting:
        return [f"{waiting} migrations have not been applied: run manage.py migrate."]
    return []


def waiting_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _ask_in_own_thread() -> int:
    try:
        return waiting_migrations()
    finally:
        # Django closes those of requests, not this thread's.
        connection.close()
