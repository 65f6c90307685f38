"""What every request passes on its way."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

Handler = Callable[[HttpRequest], HttpResponseBase]


def in_one_thread(get_response: Handler) -> Handler:
    """Do nothing, synchronously.

    Innermost, it makes Django run the middleware around it synchronously, too, in the one thread of the request. As
    coroutines they would hop to that thread and back two dozen times, which takes about as long as the database does.
    """
    return get_response
