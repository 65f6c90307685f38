"""Who calls the API: a page by its session's cookie, a terminal or script by its session's token in a header."""

from typing import Any

from allauth.core.internal.sessionkit import get_session_user
from allauth.headless.contrib.ninja.security import XSessionTokenAuth
from allauth.headless.internal.sessionkit import lookup_session
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from ninja.security import SessionAuth

from accounts.models import User
from accounts.sessions import note_seen
from chatsite.http.request_checks import bearer_token


class Cookie(SessionAuth):
    """The session of our own pages; what changes something also needs the CSRF token."""

    openapi_description = "The session of the site's own pages. What changes something also needs `X-CSRFToken`."

    def _get_key(self, request: HttpRequest) -> str | None:
        # A caller without a session is told to sign in, not that a token is missing.
        return super()._get_key(request) if request.user.is_authenticated else None


class SessionToken(XSessionTokenAuth):
    """The session token of allauth's headless app client."""

    def __call__(self, request: HttpRequest) -> User | None:
        token = self.get_session_token(request)
        # allauth's own function looks the session up twice.
        session = lookup_session(token) if token else None
        user = get_session_user(session) if session is not None else None
        if session is None or user is None:
            return None
        note_seen(request, user=user, session=session)
        request.session_of_token = session  # type: ignore[attr-defined]
        return user


class Token(SessionToken):
    """The token in allauth's own header."""

    openapi_name = "X-Session-Token"
    openapi_in = "header"
    openapi_description = "`meta.session_token` of `signIn`, or `session_token` of `enterAsGuest`."


class Bearer(SessionToken):
    """The same token, as RFC 6750 has it."""

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_description = "The session token again, as `Authorization: Bearer …`, which a socket takes too."

    def get_session_token(self, request: HttpRequest) -> str | None:
        return bearer_token(request.headers.get("Authorization", "")) or None


class Request(HttpRequest):
    """What an operation is given: ``auth`` is who calls. (Ninja sets it; ``user`` is the cookie's only.)"""

    auth: User
    # Of a server, not of Django's test client.
    scope: dict[str, Any]


def session_of(request: Request) -> SessionBase:
    """Return the session by which the caller was recognised."""
    session: SessionBase = getattr(request, "session_of_token", None) or request.session
    return session
