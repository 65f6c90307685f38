"""What every template may say about the site."""

from django.conf import settings
from django.http import HttpRequest

from accounts.actions import takes_guests


def site(request: HttpRequest) -> dict[str, object]:
    return {"site_name": settings.SITE_NAME, "takes_guests": takes_guests()}
