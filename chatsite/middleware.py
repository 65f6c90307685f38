"""What every request passes on its way."""

from collections.abc import Callable
from contextlib import nullcontext

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from servestatic.middleware import ServeStaticMiddleware
from servestatic.responders import Response

Handler = Callable[[HttpRequest], HttpResponseBase]


def in_one_thread(get_response: Handler) -> Handler:
    """Do nothing, synchronously.

    Innermost, it makes Django run the middleware around it synchronously, too, in the one thread of the request. As
    coroutines they would hop to that thread and back two dozen times, which takes about as long as the database does.
    """
    return get_response


def static_files(get_response: Handler) -> Handler:
    """ServeStatic's middleware, which is a coroutine, without hopping out of the request's thread (see above)."""
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
    return answer
