"""How many may come in from one address. Counted by allauth, in the cache that the processes share."""

from allauth.core import ratelimit
from allauth.core.internal import ratelimit as counter
from django.http import HttpRequest

from accounts.errors import TooFast


def slow_down_coming_in(request: HttpRequest) -> None:
    """Raise ``TooFast`` beyond the limit of sign-ups, in which guests count too."""
    if not ratelimit.consume(request, action="signup"):
        raise TooFast


# Whether a name is free is asked while it is typed; more than this looks for who has an account.
USERNAME_CHECKS = {"username_check": "120/m/ip"}


# An archive of all that somebody has sent is work, as much as they have sent.
DOWNLOADS = {"download": "10/h/user"}


def is_asking_too_fast(request: HttpRequest) -> bool:
    """Count a question after a username. (allauth's public function counts no GET.)"""
    return not counter.consume(
        request, app="allauth.account", action="username_check", config=USERNAME_CHECKS, limit_get=True
    )


def is_downloading_too_often(request: HttpRequest) -> bool:
    """Count a download of all that the site holds about who asks."""
    return not counter.consume(request, app="allauth.account", action="download", config=DOWNLOADS, limit_get=True)
