"""What any request about a room may be refused by."""

import math
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _


class RoomError(Exception):
    """An action said no. ``code`` is for programs, ``str(error)`` is a whole sentence for people."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400
    sentence: ClassVar[Any] = _("That cannot be done.")

    def __str__(self) -> str:
        return str(self.sentence)

    @property
    def more(self) -> dict[str, Any]:
        """What a program is told besides the code."""
        return {}


class TryAgain(RoomError):
    """The site could not do it now (a database away, a queue full). Nothing was stored; the same call may succeed."""

    code = "try_again"
    status = 503
    sentence = _("The site cannot take that just now. Please try again in a moment.")


class ReadOnly(TryAgain):
    """The site's operator lets nobody write for a while (chatsite/readonly.py)."""

    code = "read_only"
    sentence = _("The site is read-only for a while: it is being looked after. Nothing was stored; try again later.")
    # Seconds after which it is worth asking again.
    RETRY_AFTER = 30

    @property
    def more(self) -> dict[str, Any]:
        return {"retry_after": self.RETRY_AFTER}


class TooFast(RoomError):
    """More than anybody does by hand; the same call may succeed after ``seconds``."""

    code = "too_fast"
    status = 429
    sentence = _("That was too much at once. Wait a moment and try again.")

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds

    @property
    def more(self) -> dict[str, Any]:
        # Whole seconds, as the Retry-After header has them.
        return {"retry_after": max(1, math.ceil(self.seconds))}


class TooManySockets(TooFast):
    code = "too_many_sockets"
    sentence = _("You are connected from many places at once. Close some of them, and this one can be live again.")


class BadIdempotencyKey(RoomError):
    code = "bad_idempotency_key"
    status = 400
    sentence = _("An Idempotency-Key has 1 to 255 letters, digits or signs of ASCII. Make a new one for each request.")


class IdempotencyKeyReused(RoomError):
    """The same key with another request: answering the old one would lose the new one silently."""

    code = "idempotency_key_reused"
    status = 422
    sentence = _("Another request was sent under this Idempotency-Key. Use a new one for each request.")


class BadCursor(RoomError):
    code = "bad_cursor"
    status = 422
    sentence = _("This cursor is not of this list. Begin again without one.")
