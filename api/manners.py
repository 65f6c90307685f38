"""What answers of the API say in their headers: how much more may be asked, and whether one is the same as before."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

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
            for name, value in limit_headers(spent()).items():
                answer.headers[name] = value
        return if_changed(request, answer)

    return mannered


def limit_headers(spent: tuple[limits.Limit, UUID] | None) -> dict[str, str]:
    """Say what is left of a limit, as draft-ietf-httpapi-ratelimit-headers had it up to 06: clients know these."""
    if spent is None:
        return {}
    limit, person_id = spent
    remaining, reset = limit.remaining(person_id)
    return {
        "RateLimit-Limit": str(limit.burst),
        "RateLimit-Remaining": str(remaining),
        "RateLimit-Reset": str(reset),
        "RateLimit-Policy": f"{limit.burst};w={round(limit.burst / limit.per_second)}",
    }


def if_changed(request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
    """Give answers to GET an ETag, and answer 304 to who has it already. (Files have their own: files.py.)"""
    is_read = request.method == "GET" and answer.status_code == 200
    if not is_read or not isinstance(answer, HttpResponse) or answer.has_header("ETag"):
        return answer
    set_response_etag(answer)
    # For programs, which keep an answer and ask again: no browser or cache may (chatsite/http/middleware.py).
    same = get_conditional_response(request, etag=answer.headers["ETag"], response=answer)
    return same if same is not None else answer
