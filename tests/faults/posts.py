"""Words on their way, and what became of them."""

from dataclasses import dataclass, field

# Refusals that pass by themselves, and the seconds to wait where the site names none.
PASSING = {"try_again", "too_fast"}
RETRY = 1.0


@dataclass(slots=True, eq=False)
class Post:
    """Times are the monotonic clock's, one for all people of the harness."""

    room: str
    author: str
    client_id: str
    body: str
    sent_at: float | None = None
    tried_at: float = 0.0
    acked_at: float | None = None
    # (seq, id) of each acknowledgement.
    answers: set[tuple[int, str]] = field(default_factory=set)
    refusals: list[str] = field(default_factory=list)
    # Refused for good.
    is_final: bool = False

    @property
    def is_waiting(self) -> bool:
        return self.acked_at is None and not self.is_final

    def tried(self, now: float) -> None:
        self.tried_at = now
        self.sent_at = self.sent_at or now

    def acked(self, now: float, seq: int, row_id: str) -> None:
        self.acked_at = self.acked_at or now
        self.answers.add((seq, row_id))

    def refused(self, code: str) -> bool:
        """Return whether it may be sent again."""
        self.refusals.append(code)
        self.is_final = code not in PASSING
        return not self.is_final
