"""What a request may be made of, for every door alike, before a door does anything with it.

No page and no honest program sends what is refused here. Further in, each of it would be a mistake of the site's: a
NUL, which PostgreSQL does not store; half a character, which is no UTF-8; JSON too deep for Python, or with a number
too long for it.
"""

import json
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import Resolver404, resolve
from django.utils.deprecation import MiddlewareMixin

# Where programs and scripts ask: bodies are JSON, and refusals too (api/problems.py).
JSON_DOORS = ("/api/", "/_allauth/")
JSON = "application/json"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
SAFE = ("GET", "HEAD", "OPTIONS")
# Objects and arrays in each other, and values at one depth. The site takes none deeper than three, or with many values.
JSON_MAX_DEPTH = 20
JSON_MAX_VALUES = 1_000
# One half of a character beyond the first 65,536; only what is escaped can lack the other half.
HALF_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")


class ReadableMiddleware(MiddlewareMixin):
    """Answer 400 to a request that cannot be read, 415 to a body that is not JSON, 403 to another site's page."""

    # All of it here: a process_view of ours would cost each request a hop between threads.
    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        # A quoted cookie may hold any character.
        refuse_nul([request.path, *request.COOKIES.values()])
        if "%00" in request.META["QUERY_STRING"]:
            raise BadRequest("NUL in the query")
        if request.path.startswith(JSON_DOORS):
            if request.method not in SAFE and is_of_foreign_page(request):
                return HttpResponse(status=HTTPStatus.FORBIDDEN)
            # Ninja's operations read their own bodies, which are not all JSON (api/bodies.py).
            return read_json_of(request) or refuse_method(request) if request.path.startswith("/_allauth/") else None
        if request.method == "POST" and request.content_type in FORMS:
            if (request.content_params or {}).get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
                raise BadRequest("A form that is not in UTF-8")
            refuse_nul([*words_of(request.POST.lists()), *words_of(request.FILES.lists())])
        return None


def refuse_nul(words: Iterable[str]) -> None:
    if any("\0" in word for word in words):
        raise BadRequest("NUL")


def words_of(fields: Iterable[tuple[str, list[Any]]]) -> Iterable[str]:
    for name, values in fields:
        yield name
        yield from (value if isinstance(value, str) else str(value.name) for value in values)


def is_of_foreign_page(request: HttpRequest) -> bool:
    """Return whether a page of another site makes the browser ask this. Other programs send no such header.

    An operation without a session cookie is not protected by Django's CSRF token: another site's page could open
    accounts for its visitors, or sign them in as somebody else.
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        return True
    origin = request.headers.get("Origin")
    return origin is not None and origin not in (
        f"{request.scheme}://{request.get_host()}",
        *settings.CSRF_TRUSTED_ORIGINS,
    )


def bearer_token(authorization: str) -> str:
    """Return the token of an Authorization header (RFC 6750), or "" where it has none."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def refuse_method(request: HttpRequest) -> HttpResponse | None:
    """Refuse a method that allauth's view does not have. By itself it would first try the password in the body."""
    try:
        view_class = getattr(resolve(request.path_info).func, "view_class", None)
    except Resolver404:
        return None
    if view_class is None:
        return None
    methods = [name.upper() for name in ("get", "post", "put", "patch", "delete") if hasattr(view_class, name)]
    if "GET" in methods:
        methods.append("HEAD")
    return None if request.method in methods else HttpResponseNotAllowed(methods)


def read_json_of(request: HttpRequest) -> HttpResponse | None:
    """Return the refusal of a body that is not JSON or too long; raise ``BadRequest`` if it cannot be read."""
    if refusal := refuse_body(request):
        return refusal
    if request.method not in SAFE and request.body:
        try:
            read_json(request.body)
        except ValueError as error:
            raise BadRequest(str(error)) from None
    return None


def refuse_body(request: HttpRequest) -> HttpResponse | None:
    """Refuse a body that does not say that it is JSON, and one that is too long, before it is looked at.

    What a page of another site may send unasked is text or a form; for JSON, a browser would ask first.
    """
    try:
        if request.method in SAFE or not request.body:
            return None
    except RequestDataTooBig:
        return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if request.content_type != JSON:
        return HttpResponse(status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE, headers={"Accept": JSON})
    return None


def read_json(body: bytes) -> dict[str, Any]:
    """Return the one object that a body is, or raise ``ValueError``."""
    try:
        # By RFC 8259 it is UTF-8 (Python alone would take others, and half characters).
        value = json.loads(body.decode(), parse_constant=refuse_constant, parse_float=number)
    except RecursionError:
        raise ValueError("too deep") from None
    if not isinstance(value, dict):
        raise ValueError("no object")
    if HALF_CHARACTER.search(body) or body.count(b"[") + body.count(b"{") > JSON_MAX_DEPTH:
        check_values(value)
    return value


def number(text: str) -> int | float:
    """Return 1 for "1.0", which is the same number in JSON."""
    value = float(text)
    return int(value) if value.is_integer() else value


def refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def check_values(value: Any) -> None:
    """Raise ``ValueError`` at half a character anywhere in it, and where it is too deep."""
    level = [value]
    for _ in range(JSON_MAX_DEPTH):
        below: list[Any] = []
        for item in level:
            if isinstance(item, str):
                item.encode()
            elif isinstance(item, list):
                below += item
            elif isinstance(item, dict):
                below += (*item, *item.values())
        if not below:
            return
        if len(below) > JSON_MAX_VALUES:
            break
        level = below
    raise ValueError("too deep, or too much")
