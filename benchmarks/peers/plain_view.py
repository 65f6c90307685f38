"""The smallest Django view there is, without middleware or database, as Django and daphne serve it."""

from typing import Any

from django.conf import settings

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="a view without a secret")

import django  # noqa: E402

django.setup()

from django.core.asgi import get_asgi_application  # noqa: E402 (after the set-up)
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402


def view(request: HttpRequest) -> HttpResponse:
    return HttpResponse("alive")


urlpatterns: list[Any] = [path("healthz", view)]
application = get_asgi_application()
