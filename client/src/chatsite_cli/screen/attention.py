"""Where the user's attention is: whether they look, type, or have gone."""

from time import monotonic

from chatsite_client import Live

# Who touches no key for so long is away.
IDLE_SECONDS = 5 * 60.0
# One tells once in so many seconds that one types.
TYPING_EVERY = 3.0


class Attention:
    """Tells the site, and attends the room that is shown."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._active_at = monotonic()
        self._typed_at = 0.0
        self._is_away = False

    def active(self, room: str | None) -> None:
        """A key was pressed, or the terminal has the focus again."""
        self._active_at = monotonic()
        if self._is_away:
            self._is_away = False
            self._live.away(False)
        # No news where it is so already; after `moved` it is.
        if room in self._live.rooms:
            self._live.attend(room)

    def typed(self, room: str | None) -> None:
        if room in self._live.rooms and room and monotonic() - self._typed_at > TYPING_EVERY:
            self._typed_at = monotonic()
            self._live.typing(room)

    def tick(self) -> None:
        if not self._is_away and monotonic() - self._active_at > IDLE_SECONDS:
            self._is_away = True
            self._live.away(True)
