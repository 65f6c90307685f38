"""What every request of somebody who is signed in brings with it."""

from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin

from accounts.models import User
from accounts.sessions import note_seen


class SeenMiddleware(MiddlewareMixin):
    """Let sessions live on while they are used. (Scripts, whose session is not the cookie's: rooms/api/auth.py.)"""

    def process_request(self, request: HttpRequest) -> None:
        if isinstance(request.user, User):
            note_seen(request, user=request.user, session=request.session)
