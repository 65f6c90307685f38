"""What a visitor is told when the site could not do it."""

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.views.decorators.csrf import csrf_exempt
from django.views.defaults import server_error

logger = logging.getLogger(__name__)

# Seconds after which a browser or script may ask again.
RETRY_AFTER = 5


def server_error_or_away(request: HttpRequest) -> HttpResponse:
    """Answer 503 while the database is away, wherever in a request that came out; else 500 (Django: ``handler500``)."""
    error = sys.exc_info()[1]
    if not isinstance(error, (OperationalError, InterfaceError)):
        return server_error(request)
    logger.warning("The database did not answer: %s", error)
    # Like Django's own pages of errors: without what context processors would ask the database for.
    page = loader.get_template("503.html").render()
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER)})


@csrf_exempt
def nothing_for_apps(request: HttpRequest) -> JsonResponse:
    """Say, as allauth says it to apps, that there is nothing here. It changes nothing, so no token is asked for."""
    return JsonResponse({"status": 404}, status=404)
