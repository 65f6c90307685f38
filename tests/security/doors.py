"""Every door of the site, as Django's address table, the API's document and the socket's routing name them."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver

from api import api

# ``<uuid:room_id>`` and ``(?P<key>[-:\w]+)``: both are written ``<name>`` here.
FILLED_IN = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")


class Door(NamedTuple):
    """A method and an address in which ``<name>`` stands for what is filled in."""

    method: str
    route: str

    def __str__(self) -> str:
        return f"{self.method} {self.route or '/'}"

    @property
    def without_version(self) -> str:
        """The same operation under its address of before, by which tables name it."""
        return str(self).replace(" api/v1/", " api/")


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Yield each address of the site once, with its converters left out."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        else:
            assert isinstance(pattern, URLPattern)
            yield FILLED_IN.sub(r"<\1\2>", route).replace("^", "").removesuffix("$")


def api_doors() -> set[Door]:
    """What the API's document lists: each operation, under its address of today and, of the API's own, of before."""
    paths = document()["paths"]
    return {
        Door(method.upper(), re.sub(r"{(\w+)}", r"<\1>", address).removeprefix("/"))
        for path, methods in paths.items()
        for address in {path, path.replace("/api/v1/", "/api/")}
        for method in methods
    }


@cache
def document() -> dict[str, Any]:
    return api.get_openapi_schema()


def documented(door: Door) -> dict[str, Any]:
    """What the API's document says of this operation; nothing, of what is none of its."""
    path = re.sub("^/api/(?!v1/)", "/api/v1/", "/" + door.route.replace("<", "{").replace(">", "}"))
    operation: dict[str, Any] = document()["paths"].get(path, {}).get(door.method.lower(), {})
    return operation


def documented_body(door: Door) -> dict[str, Any]:
    """What it says of the JSON that the operation takes."""
    for kind, content in documented(door).get("requestBody", {}).get("content", {}).items():
        if kind != "application/json":
            continue
        shape: dict[str, Any] = document()["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
        return shape
    return {}


def page_doors() -> set[Door]:
    """Every other address, each by GET and by POST."""
    listed = {door.route for door in api_doors()}
    pages = {route for route in routes() if route not in listed}
    return {Door(method, route) for route in pages for method in ("GET", "POST")}
