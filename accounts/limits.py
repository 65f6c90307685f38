"""How many may come in from one address. Counted by allauth, in the cache that the processes share."""

from allauth.core import ratelimit
from django.http import HttpRequest

from accounts.errors import TooFast


def slow_down_coming_in(request: HttpRequest) -> None:
    """Raise ``TooFast`` beyond the limit of sign-ups, in which guests count too."""
    if not ratelimit.consume(request, action="signup"):
        raise TooFast
