"""What the pages share: who asks, and how a refusal looks."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.errors import AccountError
from accounts.models import User
from rooms import errors


class SignedInRequest(HttpRequest):
    """What a view behind ``login_required`` is given."""

    user: User


def refusals_as_pages(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer the view's RoomErrors with a page that says why, and where to go from there."""

    @wraps(view)
    def page(request: HttpRequest, room_id: UUID | None = None, **where: Any) -> HttpResponse:
        if room_id is not None:
            where["room_id"] = room_id
        try:
            return view(request, **where)
        except (errors.RoomError, AccountError) as error:
            context = {"error": error, "room_id": room_id}
            return as_refusal(render(request, "rooms/refused.html", context), error)

    return page


def as_refusal(page: HttpResponse, error: errors.RoomError | AccountError) -> HttpResponse:
    """Give a page that says no the status of what it says and, where waiting helps, how long to wait."""
    page.status_code = error.status
    if isinstance(error, errors.RoomError) and "retry_after" in error.more:
        page.headers["Retry-After"] = str(error.more["retry_after"])
    return page


def led_to(address: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A button's address: who types it in, or comes back to it from the log-in page, is led to ``address`` instead."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @login_required
        @require_http_methods(["GET", "HEAD", "POST"])
        @refusals_as_pages
        @wraps(view)
        def page(request: HttpRequest, room_id: UUID, **where: Any) -> HttpResponse:
            return view(request, room_id, **where) if request.method == "POST" else redirect(address, room_id)

        return page

    return decorate


room_action = led_to("room")
settings_action = led_to("room_settings")


def page_number(request: HttpRequest, name: str = "page") -> int:
    """Return the page that ``?page=`` asks for, the first for what is no number or too long to be meant as one."""
    number = request.GET.get(name, "")
    return int(number) if number.isdecimal() and len(number) < 9 else 1
