"""What every request passes on its way."""

from collections.abc import Callable
from contextlib import nullcontext
from http import HTTPStatus

from csp.constants import HEADER
from csp.utils import build_policy
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from servestatic.middleware import ServeStaticMiddleware
from servestatic.responders import Response

Handler = Callable[[HttpRequest], HttpResponseBase]

# Nothing, which is stricter than what pages have, and a fifth as long: a first visit brings seven files.
POLICY_OF_STATIC = "default-src 'none'; frame-ancestors 'none'"
# A policy is for documents. What styles and scripts do is up to that of the page that loads them.
NO_DOCUMENTS = ("text/css", "text/javascript")
# Characters: Twisted's limit for a line of a request.
ADDRESS_MAX = 16 * 1024


def short_addresses(get_response: Handler) -> Handler:
    """Refuse an address that daphne would not read, whichever server runs: taking its query apart costs time."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if len(request.path_info) + len(request.META.get("QUERY_STRING", "")) > ADDRESS_MAX:
            return HttpResponse(status=HTTPStatus.REQUEST_URI_TOO_LONG)
        return get_response(request)

    return middleware


def static_files(get_response: Handler) -> Handler:
    """ServeStatic's middleware, which is a coroutine, without hopping out of the request's thread (handler.py)."""
    static = ServeStaticMiddleware(_nothing)
    find = static.find_file if static.autorefresh else static.files.get

    def middleware(request: HttpRequest) -> HttpResponseBase:
        file = find(request.path_info)
        return get_response(request) if file is None else _answer(file.get_response(request.method or "", request.META))

    return middleware


def not_kept(get_response: Handler) -> Handler:
    """Have no browser and no proxy keep what was made for one request, unless it says itself for how long.

    Most of it is for who is signed in, and would be shown again by the Back button after they have logged out.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def content_security_policy(get_response: Handler) -> Handler:
    """django-csp's policy, which is the same for every answer, made once: its middleware makes it twice for each."""
    policy = build_policy()

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        # Files of users come with a stricter one.
        response.headers.setdefault(HEADER, policy)
        return response

    return middleware


async def _nothing(request: HttpRequest) -> HttpResponseBase:
    raise NotImplementedError


def _answer(found: Response) -> HttpResponse:
    with found.file or nullcontext() as file:
        # The largest has a few hundred kilobytes.
        answer = HttpResponse(file.read() if file else b"", status=found.status)
    del answer["Content-Type"]
    for name, value in found.headers:
        if value is not None:
            answer[name] = value
    if answer.headers.get("Content-Type", "").startswith(NO_DOCUMENTS):
        answer[HEADER] = POLICY_OF_STATIC
    return answer
