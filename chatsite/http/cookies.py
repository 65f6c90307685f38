"""The session's cookie, which has a new name on an encrypted site: who has one of the old name stays signed in."""

from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

OLD_NAME = "sessionid"
# The name of the cookie that a session began with. A session of the new name is not accepted in a cookie of the old
# name, which a site on a neighbouring host could set.
NAME_KEY = "cookie"


@receiver(user_logged_in, dispatch_uid="chatsite.http.cookies")
def note_name(request: HttpRequest, **kwargs: Any) -> None:
    request.session[NAME_KEY] = settings.SESSION_COOKIE_NAME


class RenamedCookieMiddleware(MiddlewareMixin):
    """Take a session that was begun under the old name, and have it go on under the new one."""

    def process_request(self, request: HttpRequest) -> None:
        old = request.COOKIES.get(OLD_NAME)
        if not old or settings.SESSION_COOKIE_NAME in (OLD_NAME, *request.COOKIES):
            return
        session: SessionBase = type(request.session)(old)
        if SESSION_KEY in session and session.get(NAME_KEY, OLD_NAME) == OLD_NAME:
            # A changed session is saved, and its cookie set.
            session.modified = True
            request.session = session

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if OLD_NAME in request.COOKIES and settings.SESSION_COOKIE_NAME != OLD_NAME:
            response.delete_cookie(OLD_NAME)
        return response
