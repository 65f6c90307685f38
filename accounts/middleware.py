"""What every request of somebody who is signed in brings with it."""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin

from accounts import known_devices
from accounts.models import User
from accounts.sessions import note_seen


class SeenMiddleware(MiddlewareMixin):
    """Let sessions live on while they are used. (Scripts, whose session is not the cookie's: api/auth.py.)"""

    def process_request(self, request: HttpRequest) -> None:
        if isinstance(request.user, User):
            note_seen(request, user=request.user, session=request.session)


class LanguageMiddleware(MiddlewareMixin):
    """Speak the language that somebody chose for themselves, whatever the browser asks for."""

    def process_request(self, request: HttpRequest) -> None:
        if isinstance(request.user, User) and request.user.language in dict(settings.LANGUAGES):
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()


class DeviceMiddleware(MiddlewareMixin):
    """Give the device by which somebody has just signed in the cookie that tells it from a stranger's."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        known_devices.set_cookie(request, response)
        return response
