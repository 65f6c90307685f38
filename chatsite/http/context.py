"""What every template may say about the site."""

from django.db import DatabaseError
from django.http import HttpRequest

from accounts.actions import takes_guests
from accounts.models import SiteSettings, User
from chatsite import outbox, readonly


def site(request: HttpRequest) -> dict[str, object]:
    try:
        # A request for no page, or one that could not be read, costs no query.
        settings = SiteSettings.current() if request.resolver_match else SiteSettings.last_known()
    except DatabaseError:
        settings = SiteSettings.last_known()
    return {
        "site_name": settings.shown_name,
        "welcome_text": settings.welcome_text,
        "takes_new_people": settings.sign_up != SiteSettings.SignUp.CLOSED,
        "theme": theme_of(request),
        "takes_guests": takes_guests(settings),
        "is_read_only": readonly.switch.is_on,
        # For the pages that tell a user to expect a mail.
        "mail_is_held_up": outbox.is_held_up,
    }


def theme_of(request: HttpRequest) -> str:
    """``light``, ``dark``, or ``system`` for who has chosen none."""
    user = getattr(request, "user", None)
    return user.theme if isinstance(user, User) else User.Theme.SYSTEM.value
