"""What answers of the API say in their headers: how much more may be asked, and whether one is the same as before."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, set_response_etag
from ninja import NinjaAPI

from rooms import limits

Run = Callable[..., HttpResponseBase]


def install(api: NinjaAPI) -> None:
    api.add_decorator(with_manners, mode="view")


def with_manners(run: Run) -> Run:
    @wraps(run)
    def mannered(request: HttpRequest, **where: Any) -> HttpResponseBase:
        with limits.watched() as spent:
            answer = run(request, **where)
            if counted := spent():
                tell_limit(answer, *counted)
        return if_changed(request, answer)

    return mannered


def tell_limit(answer: HttpResponseBase, limit: limits.Limit, person_id: Any) -> None:
    """Say what is left of a limit, as draft-ietf-httpapi-ratelimit-headers had it up to 06: clients know these."""
    remaining, reset = limit.remaining(person_id)
    answer.headers["RateLimit-Limit"] = str(limit.burst)
    answer.headers["RateLimit-Remaining"] = str(remaining)
    answer.headers["RateLimit-Reset"] = str(reset)
    answer.headers["RateLimit-Policy"] = f"{limit.burst};w={round(limit.burst / limit.per_second)}"


def if_changed(request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
    """Give answers to GET an ETag, and answer 304 to who has it already. (Files have their own: files.py.)"""
    is_read = request.method == "GET" and answer.status_code == 200
    if not is_read or not isinstance(answer, HttpResponse) or answer.has_header("ETag"):
        return answer
    set_response_etag(answer)
    # For programs, which keep an answer and ask again: no browser or cache may (chatsite/http/middleware.py).
    same = get_conditional_response(request, etag=answer.headers["ETag"], response=answer)
    return same if same is not None else answer
