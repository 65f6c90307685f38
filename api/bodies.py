"""The bodies that the JSON API takes: each is one object, and says that it is JSON."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import NinjaAPI
from ninja.operation import Operation
from ninja.params.models import BodyModel
from ninja.parser import Parser

from chatsite.http.request_checks import read_json, refuse_body

Run = Callable[..., HttpResponseBase]


class StrictParser(Parser):
    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        return read_json(request.body)


def install(api: NinjaAPI) -> None:
    """Have every operation that takes an object refuse anything else, before it asks who calls."""
    api.parser = StrictParser()
    api.add_decorator(takes_json, mode="view")


def takes_json(run: Run) -> Run:
    operation: Operation = run.__self__  # type: ignore[attr-defined]
    if not any(issubclass(model, BodyModel) for model in operation.models):
        return run

    @wraps(run)
    def checked(request: HttpRequest, **where: Any) -> HttpResponseBase:
        return refuse_body(request) or run(request, **where)

    return checked
