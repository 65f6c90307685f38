"""Pages that poll: which of them there have been, and where the person went since."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

# Seconds for which a page that polls is remembered after its last poll, to be told where the person went: browsers
# let a hidden page ask once a minute, or sleep for hours.
TAB_MEMORY = 24 * 60 * 60
# Pages that are remembered for one person: nobody has more, and a script may not fill the memory with names.
TABS_MAX = 50
# Seconds between two looks for pages that may be forgotten.
FORGET_EVERY = 60.0


@dataclass(slots=True)
class Tab:
    """A page that polls, from its first poll on."""

    # By the clock on the wall.
    entered_at: float
    seen: float
    moved_to: UUID | None = None


class Tabs:
    """Not for several threads: presence holds its lock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._of: dict[UUID, dict[tuple[UUID, str], Tab]] = {}
        self._forget_at = clock() + FORGET_EVERY

    def see(self, user_id: UUID, room_id: UUID, name: str) -> Tab | None:
        """Return the tab if it is known, and note that it asks."""
        tab = self._of.get(user_id, {}).get((room_id, name))
        if tab is not None:
            tab.seen = self._clock()
        return tab

    def remember(self, user_id: UUID, room_id: UUID, name: str, *, entered_at: float) -> tuple[UUID, str] | None:
        """Note a tab that is new here; forget, and return, the one of too many that has not asked for longest."""
        tabs = self._of.setdefault(user_id, {})
        if (room_id, name) in tabs:
            return None
        forgotten = min(tabs, key=lambda other: tabs[other].seen) if len(tabs) >= TABS_MAX else None
        if forgotten:
            del tabs[forgotten]
        tabs[room_id, name] = Tab(entered_at, self._clock())
        return forgotten

    def move(self, user_id: UUID, room_id: UUID, at: float) -> None:
        for (other, _name), tab in self._of.get(user_id, {}).items():
            # One whose lease has run out meanwhile, too: a hidden page may ask but once a minute.
            if other != room_id and tab.entered_at <= at:
                tab.moved_to = room_id

    def forget(self) -> None:
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
