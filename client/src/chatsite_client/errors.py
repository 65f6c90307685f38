"""What can go wrong between a program and a site. Each error is one sentence for people (``str(error)``)."""

from collections.abc import Mapping
from typing import Any


class ChatsiteError(Exception):
    """Something about the site or the way to it; ``code`` is for programs."""

    code = "error"


class Unreachable(ChatsiteError):
    """No answer came: the site is away, or the way to it is. The same may work later."""

    code = "unreachable"


class BadCertificate(ChatsiteError):
    """Whoever answers there cannot show that they are the site."""

    code = "bad_certificate"


class NotASite(ChatsiteError):
    """Something answers there that is no Chatsite."""

    code = "not_a_site"


class Refused(ChatsiteError):
    """The site has said no: ``status`` is that of HTTP, ``code`` and the sentence are the site's own."""

    def __init__(
        self, detail: str, *, code: str, status: int, retry_after: float | None = None, problem: Mapping[str, Any] = {}
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.status = status
        # Seconds after which the same may be asked again; None: it is no matter of time.
        self.retry_after = retry_after
        # All that the site said.
        self.problem = problem

    @property
    def is_passing(self) -> bool:
        """The same may succeed later: too fast, read-only, or a site that is not able just now."""
        return self.status in {408, 429, 502, 503, 504}


class SignedOut(Refused):
    """The token is good no more, or there is none."""


class NotFound(ChatsiteError):
    """No room or person of this name, or several."""

    code = "not_found"


class NotVerified(ChatsiteError):
    """A transcript is not the one that was written; ``faults`` has a sentence for each thing that is wrong with it."""

    code = "not_verified"

    def __init__(self, faults: list[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = faults
