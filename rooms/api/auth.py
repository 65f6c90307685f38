"""Who calls the API: a page by its session's cookie, a terminal or script by ``X-Session-Token``."""

from allauth.headless.contrib.ninja.security import XSessionTokenAuth
from allauth.headless.internal.sessionkit import authenticate_by_x_session_token
from django.http import HttpRequest
from ninja.security import SessionAuth

from accounts.models import User
from accounts.sessions import note_seen
from rooms.api.schemas import Problem


class Cookie(SessionAuth):
    """The session of our own pages; what changes something also needs the CSRF token."""

    def _get_key(self, request: HttpRequest) -> str | None:
        # Who has no session is told to sign in, not that a token is missing.
        return super()._get_key(request) if request.user.is_authenticated else None


class Token(XSessionTokenAuth):
    """The session token of allauth's headless app client."""

    openapi_name = "X-Session-Token"
    openapi_in = "header"

    def __call__(self, request: HttpRequest) -> User | None:
        token = self.get_session_token(request)
        found = authenticate_by_x_session_token(token) if token else None
        if found is None:
            return None
        user, session = found
        note_seen(request, user=user, session=session)
        return user


class Request(HttpRequest):
    """What an operation is given: ``auth`` is who calls. (Ninja sets it; ``user`` is the cookie's only.)"""

    auth: User


REFUSALS = {frozenset({400, 401, 403, 404, 409, 410, 413, 415, 422, 429, 503, 507}): Problem}
