"""What happens to accounts, shown to sockets: signed out, suspended, a new password, a new name. In all processes."""

from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from rooms.events import Json
from rooms.realtime.connections.session_closer import SessionCloser
from rooms.realtime.fanout.profiles import Profiles

# The kinds of notice that `receive` takes.
KINDS = frozenset({"signed_out", "suspended", "check_in", "renamed"})


class AccountEvents:
    """On the event loop. ``broadcast`` reaches the other processes; ``start`` runs a coroutine in the background."""

    def __init__(
        self,
        sessions: SessionCloser,
        profiles: Profiles,
        *,
        broadcast: Callable[[Json], None],
        start: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self._sessions = sessions
        self._profiles = profiles
        self._broadcast = broadcast
        self._start = start

    def sign_out(self, session_digest: str) -> None:
        """Close the sockets that were opened with a session."""
        self._publish({"kind": "signed_out", "session": session_digest})

    def suspend(self, user_id: UUID) -> None:
        self._publish({"kind": "suspended", "user": user_id.hex})

    def check_in(self, user_id: UUID) -> None:
        """Have all sockets of a user with a new password come back: those of ended sessions are not let in."""
        self._publish({"kind": "check_in", "user": user_id.hex})

    def rename(self, user_id: UUID) -> None:
        """Show a user's new name."""
        self._publish({"kind": "renamed", "user": user_id.hex})

    def receive(self, notice: Json) -> None:
        """Do in this process what a notice says, whichever process it comes from."""
        match notice["kind"]:
            case "signed_out":
                self._sessions.sign_out_session(notice["session"])
            case "suspended":
                self._sessions.sign_out_user(UUID(notice["user"]))
            case "check_in":
                self._sessions.check_in_user(UUID(notice["user"]))
            case "renamed":
                self._start(self._profiles.refresh(UUID(notice["user"])))

    def _publish(self, notice: Json) -> None:
        self.receive(notice)
        self._broadcast(notice)
