"""Recognises the user behind a WebSocket's cookie or token, and whether the page that opens it may use the cookie."""

from http.cookies import CookieError, SimpleCookie
from types import SimpleNamespace
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.http.request import validate_host

from accounts.models import User
from accounts.sessionstore import SessionStore
from chatsite.http.cookies import OLD_NAME
from chatsite.http.request_checks import bearer_token
from rooms.queries.mentions import mentions_of


class Caller(NamedTuple):
    user: User
    session_key: str
    # Unread messages of all rooms that call them by name.
    mentions: int


def header(scope: dict[str, Any], name: bytes) -> str:
    return next((value.decode("latin1") for key, value in scope["headers"] if key == name), "")


def is_same_origin(scope: dict[str, Any]) -> bool:
    """Return whether the page that opens the socket is the site's own: its scheme, host and port (RFC 6455 §10.2).

    Channels' validator lets a missing Origin and another port or scheme through. Here a browser's cookie counts only
    with the very origin that the request was sent to, on a host that the site answers to.
    """
    host = header(scope, b"host")
    try:
        origin = urlsplit(header(scope, b"origin"))
        hostname = origin.hostname or ""
    except ValueError:
        return False
    if not host or origin.netloc.lower() != host.lower() or origin.scheme not in ("http", "https"):
        return False
    if settings.PRODUCTION and origin.scheme != "https":
        return False
    return validate_host(f"[{hostname}]" if ":" in hostname else hostname, settings.ALLOWED_HOSTS)


def session_key_of(scope: dict[str, Any]) -> str:
    """Return the key in the token, which no foreign page can send, or in our own page's cookie; "" if neither."""
    if token := header(scope, b"x-session-token") or bearer_token(header(scope, b"authorization")):
        return token
    if not is_same_origin(scope):
        return ""
    try:
        cookies = SimpleCookie(header(scope, b"cookie"))
    except CookieError:
        return ""
    # A page that was open while the cookie was renamed has the old cookie until it is loaded again.
    morsel = cookies.get(settings.SESSION_COOKIE_NAME) or cookies.get(OLD_NAME)
    return morsel.value if morsel else ""


def recognise(session_key: str) -> Caller | None:
    """Read whose session this is from the database; None if there is none, it has ended, or the user is suspended."""
    session = SessionStore(session_key)
    user = get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]
    # get_user loads the session; one that is unknown or expired has lost its key by then.
    if not isinstance(user, User) or not user.is_active or not session.session_key:
        return None
    return Caller(user, session.session_key, mentions_of([user.pk])[user.pk])
