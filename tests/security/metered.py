"""Requests whose CPU is counted around Django's handler, and which tell what they read of what was sent."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

from allauth.headless.internal.restkit.views import RESTView
from django.conf import settings
from django.core.cache import cache
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.http.request import HttpHeaders
from django.test import Client
from django.test.client import encode_multipart
from django.utils.datastructures import CaseInsensitiveMapping

from rooms import limits
from tests.security.cast import Scene
from tests.security.doors import Door

JSON_DOORS = ("api/", "_allauth/")
BOUNDARY = "border"


@dataclass
class Sent:
    """What a request brings besides its address."""

    query: dict[str, str] = field(default_factory=dict)
    form: dict[str, Any] | bytes = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def anew(self, start: str) -> "Sent":
        """Return the same with texts that begin with another letter."""

        def other(part: Any) -> Any:
            if isinstance(part, dict):
                return {name: other(value) for name, value in part.items()}
            return part.replace("//a", f"//{start}") if isinstance(part, str) else part

        return Sent(other(self.query), other(self.form), other(self.headers))


@dataclass
class Read:
    """The names of what a door looked at."""

    query: set[str] = field(default_factory=set)
    form: set[str] = field(default_factory=set)
    headers: set[str] = field(default_factory=set)


@dataclass
class Answer:
    status: int
    seconds: float
    location: str


def ask(scene: Scene, role: str, door: Door, address: str, sent: Sent, *, csrf: bool = False) -> Answer:
    """Ask as ``role``, count the CPU of the answer, and undo whatever it did."""
    limits.tally.clear()
    cache.clear()
    client = Client(enforce_csrf_checks=csrf, raise_request_exception=False)
    if role != "anonymous":
        client.cookies = SimpleCookie({settings.SESSION_COOKIE_NAME: scene.keys[role]})
    if sent.query:
        address += "?" + urlencode(sent.query)
    # As a server hands them on: bytes, each as one character.
    headers = sent.headers
    if role != "anonymous" and door.route.startswith("_allauth/"):
        headers = {"HTTP_X_SESSION_TOKEN": scene.keys[role], **headers}
    extra = {name: value.encode().decode("latin1") for name, value in headers.items()}
    body, mime = encoded(door, sent.form)
    with metered() as seconds, transaction.atomic():
        answer = client.generic(door.method, address, body, content_type=mime, **extra)
        transaction.set_rollback(True)
    return Answer(answer.status_code, seconds[-1], answer.headers.get("Location", ""))


def encoded(door: Door, form: dict[str, Any] | bytes) -> tuple[bytes, str]:
    if isinstance(form, bytes):
        return form, "application/x-www-form-urlencoded"
    if door.route.startswith(JSON_DOORS):
        return (json.dumps(form, ensure_ascii=False).encode() if form else b""), "application/json"
    return encode_multipart(BOUNDARY, form), f"multipart/form-data; boundary={BOUNDARY}"


@contextmanager
def metered() -> Iterator[list[float]]:
    seconds: list[float] = []
    get_response = BaseHandler.get_response

    def counted(handler: BaseHandler, request: HttpRequest) -> Any:
        start = time.thread_time()
        try:
            return get_response(handler, request)
        finally:
            seconds.append(time.thread_time() - start)

    with patch.object(BaseHandler, "get_response", counted):
        yield seconds


@contextmanager
def noted() -> Iterator[Read]:
    """Note the names of all that is looked at of requests: fields, values of the query and headers."""
    read = Read()
    post: Any = vars(WSGIRequest)["POST"]
    parse_json, begin = RESTView._parse_json, WSGIRequest.__init__

    def get(request: WSGIRequest) -> QueryDict:
        query = request.__dict__.get("noted")
        if query is None:
            query = request.__dict__["noted"] = noting(request.META["QUERY_STRING"], read.query)
        return query

    def get_post(request: Any) -> QueryDict:
        plain = post.fget(request)
        if type(plain) is QueryDict:
            request._post = noting(plain.urlencode(), read.form)
        return request._post

    def get_json(view: RESTView, request: HttpRequest) -> Any:
        data = parse_json(view, request)
        return data and Noting(data, read.form)

    def init(request: WSGIRequest, environ: dict[str, Any]) -> None:
        begin(request, environ)
        request.META = Noting(environ, read.headers)

    def header(headers: HttpHeaders, name: str) -> str:
        read.headers.add("HTTP_" + name.upper().replace("-", "_"))
        return CaseInsensitiveMapping.__getitem__(headers, name.replace("_", "-"))

    with (
        patch.object(WSGIRequest, "GET", property(get)),
        patch.object(WSGIRequest, "POST", property(get_post, post.fset)),
        patch.object(WSGIRequest, "__init__", init),
        patch.object(RESTView, "_parse_json", get_json),
        patch.object(HttpHeaders, "__getitem__", header),
    ):
        yield read


class Noting(dict[str, Any]):
    """A dict that notes which keys are asked for."""

    def __init__(self, content: Any, names: set[str]) -> None:
        super().__init__(content)
        self.names = names

    def __getitem__(self, key: str) -> Any:
        self.names.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.names.add(str(key))
        return super().__contains__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.names.add(key)
        return super().get(key, default)


def noting(query_string: str, names: set[str]) -> QueryDict:
    class Noted(QueryDict):
        def __getitem__(self, key: str) -> Any:
            names.add(key)
            return super().__getitem__(key)

        def __contains__(self, key: object) -> bool:
            names.add(str(key))
            return super().__contains__(key)

        def getlist(self, key: str, default: Any = None) -> list[Any]:
            names.add(key)
            return super().getlist(key, default)

    return Noted(query_string, mutable=True)
