"""What a live connection tells a program."""

from dataclasses import dataclass, field
from typing import Any, Literal

from chatsite_client.shapes import Json, Message


@dataclass(frozen=True)
class Connected:
    """The connection is up, perhaps again."""

    mode: Literal["socket", "polling"]
    # Why it polls, where the site has said so.
    why: str = ""


@dataclass(frozen=True)
class Disconnected:
    """It is down, and comes back by itself. ``why`` is a sentence, or ""."""

    why: str = ""


@dataclass(frozen=True)
class Rows:
    """Rows of a room: the next ones, in order, each once."""

    room: str
    rows: list[Message]


@dataclass(frozen=True)
class Reset:
    """Replace all that is known of a room by these rows, which are those that are drawn of its newest page."""

    room: str
    rows: list[Message]
    # There are older ones.
    more: bool
    pins: list[Json] = field(default_factory=list)


@dataclass(frozen=True)
class Ended:
    """One is in this room no more; without a room, the connection has ended for good."""

    room: str | None
    code: int
    reason: str
    detail: str


@dataclass(frozen=True)
class Told:
    """Anything else that the site tells, as it comes: ``presence``, ``typing``, ``unread``, ``read``, ``rooms``, …"""

    event: dict[str, Any]

    @property
    def type(self) -> str:
        return str(self.event["type"])


News = Connected | Disconnected | Rows | Reset | Ended | Told
