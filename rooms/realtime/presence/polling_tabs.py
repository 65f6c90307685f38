"""Browser tabs that poll instead of holding a socket: when each entered, and where its user has moved since."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from rooms import limits

# Seconds for which a tab is remembered after its last poll, to be told where the user went: browsers let a hidden tab
# poll once a minute, or sleep for hours.
TAB_MEMORY = 24 * 60 * 60
# Seconds between two searches for tabs that may be forgotten.
FORGET_EVERY = 60.0


@dataclass(slots=True)
class PollingTab:
    # Wall-clock seconds of the first poll.
    entered_at: float
    # Monotonic seconds of the last poll.
    seen: float
    moved_to: UUID | None = None


class PollingTabs:
    """Not thread-safe: the tracker holds the lock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._of: dict[UUID, dict[tuple[UUID, str], PollingTab]] = {}
        self._forget_at = clock() + FORGET_EVERY

    def get(self, user_id: UUID, room_id: UUID, name: str) -> PollingTab | None:
        return self._of.get(user_id, {}).get((room_id, name))

    def touch(self, user_id: UUID, room_id: UUID, name: str) -> PollingTab | None:
        """Return the tab if it is known, and note that it polls."""
        tab = self.get(user_id, room_id, name)
        if tab is not None:
            tab.seen = self._clock()
        return tab

    def remember(self, user_id: UUID, room_id: UUID, name: str, *, entered_at: float) -> tuple[UUID, str] | None:
        """Remember a new tab. If the user has too many, forget and return the one that has not polled for longest.

        A tab that is known, and has entered later in another process than here, has moved back.
        """
        tabs = self._of.setdefault(user_id, {})
        if tab := tabs.get((room_id, name)):
            if entered_at > tab.entered_at:
                tab.entered_at, tab.moved_to = entered_at, None
            return None
        forgotten = min(tabs, key=lambda other: tabs[other].seen) if len(tabs) >= limits.MAX_POLLING_TABS else None
        if forgotten:
            del tabs[forgotten]
        tabs[room_id, name] = PollingTab(entered_at, self._clock())
        return forgotten

    def move(self, user_id: UUID, room_id: UUID, at: float) -> None:
        """Note that the user entered ``room_id`` at ``at``: tabs that entered another room before have moved there."""
        for (other, _name), tab in self._of.get(user_id, {}).items():
            # Also a tab whose lease has expired: a hidden one may poll only once a minute.
            if other != room_id and tab.entered_at <= at:
                tab.moved_to = room_id

    def forget(self) -> None:
        """Forget tabs that have not polled for a day; looked for once a minute."""
        if self._clock() < self._forget_at:
            return
        self._forget_at = self._clock() + FORGET_EVERY
        before = self._clock() - TAB_MEMORY
        for user_id, tabs in list(self._of.items()):
            for key in [key for key, tab in tabs.items() if tab.seen < before]:
                del tabs[key]
            if not tabs:
                del self._of[user_id]

    def count(self, user_id: UUID) -> int:
        return len(self._of.get(user_id, {}))

    def clear(self) -> None:
        self._of.clear()
