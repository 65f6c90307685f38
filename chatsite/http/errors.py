"""The answers to requests that fail: the database is away, the site is read-only, or a bug."""

import logging
import sys
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template import loader
from django.views.decorators.csrf import csrf_exempt
from django.views.defaults import server_error

from api.problems import problem
from chatsite.http.request_checks import JSON_DOORS
from rooms.errors import ReadOnly

logger = logging.getLogger(__name__)

# Seconds after which a browser or script may ask again.
RETRY_AFTER = 5


def database_failure(error: BaseException | None) -> BaseException | None:
    """Return what the database said if that is why ``error`` was raised, else None."""
    # allauth's app client saves the session once more at the end, whose error hides the first one.
    while error is not None and not isinstance(error, (OperationalError, InterfaceError)):
        error = error.__cause__ or error.__context__
    return error


def server_error_or_away(request: HttpRequest) -> HttpResponse:
    """Answer 503 while the database is away, wherever in a request that came out; else 500 (Django: ``handler500``)."""
    error = database_failure(sys.exc_info()[1])
    if error is None:
        return server_error(request)
    logger.warning("The database did not answer: %s", error)
    # Like Django's own pages of errors: without what context processors would ask the database for.
    page = loader.get_template("503.html").render()
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER)})


class ReadOnlyMiddleware:
    """Say, whichever door it was, that the site is read-only; what a form or the API has not said itself.

    It is no mistake of the site's, so it comes in before Django would log one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, ReadOnly):
            return None
        if request.path.startswith(JSON_DOORS):
            return problem(error.code, str(error), error.status, **error.more)
        page = render(request, "read_only.html", {"error": error}, status=error.status)
        page.headers["Retry-After"] = str(error.RETRY_AFTER)
        return page


@csrf_exempt
def nothing_for_apps(request: HttpRequest) -> JsonResponse:
    """Say, as allauth says it to apps, that there is nothing here. It changes nothing, so no token is asked for."""
    return JsonResponse({"status": 404}, status=404)
