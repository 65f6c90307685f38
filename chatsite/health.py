"""``/healthz``: is the process alive? ``/readyz``: may it be sent visitors? For load balancers and for people."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


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
    """200 ``{"status": "ready"}``, or 503 with the reason in ``problems``, each a sentence."""
    if problems := find_problems():
        return JsonResponse({"status": "not ready", "problems": problems}, status=503)
    return JsonResponse({"status": "ready"})


def find_problems() -> list[str]:
    if Readiness.draining:
        return ["This process is about to stop."]
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return ["The database cannot be reached."]
    if waiting:
        return [f"{len(waiting)} migrations have not been applied: run manage.py migrate."]
    return []
