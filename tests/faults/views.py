"""What one client has of one room, kept as docs/protocol.md says: its rows, who is there, and what is pinned."""

import time
from dataclasses import dataclass
from typing import Any, Self

Event = dict[str, Any]

# A client further behind starts anew from the newest page.
MAX_RESUME_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Row:
    """What of a row has to be the same for everybody."""

    seq: int
    id: str
    hash: str
    kind: str
    author: str | None
    subject: str | None
    client_id: str | None
    body: str
    target: int | None

    @classmethod
    def of(cls, message: Event) -> Self:
        names = {key: message[key] and message[key]["username"] for key in ("author", "subject")}
        same = {key: message[key] for key in ("seq", "id", "hash", "kind", "client_id", "body")}
        return cls(**same, **names, target=message["target_seq"])


def pin_by(row: Row, pinned: set[int]) -> None:
    """Do to what is pinned what the row says."""
    if row.target is None:
        return
    if row.kind == "pinned":
        pinned.add(row.target)
    elif row.kind in ("unpinned", "redacted"):
        pinned.discard(row.target)


class RoomView:
    """``seen`` is every row that came, ``breaches`` what no client of the protocol should have to see."""

    def __init__(self, name: str, room: str) -> None:
        self.name, self.room = name, room
        # Whether the client means to be in the room, and how many of its `enter` were not answered yet. The room's
        # events before the last answer are those of an earlier stay.
        self.is_wanted = True
        self.unanswered = 0
        self.is_live = False
        # After a `leave`: the frame's number, and whether the server has answered a later one.
        self.left_by = 0
        self.has_left = False
        # Whether rows come as soon as they are stored: not to a page that polls, or that comes and goes.
        self.is_prompt = True
        self.head, self.hash = 0, ""
        self.seen: dict[int, Row] = {}
        self.arrived: dict[int, float] = {}
        self.present: set[str] = set()
        self.pins: set[int] = set()
        self.breaches: list[str] = []
        # Where one had to start anew with few rows missing, which may have been long ones: from which row, at which.
        self.restarts: list[tuple[int, int]] = []
        self.welcomed_at = 0.0
        # The code after which one does not enter again.
        self.ended: int | None = None
        self.acked, self.acked_at = 0, 0.0

    @property
    def is_open(self) -> bool:
        """Whether the client means to be in the room, and may."""
        return self.is_wanted and self.ended is None

    def resume_point(self) -> Event:
        """Return from where the client goes on, as `enter` and a poll name it."""
        return {"after": self.head, "hash": self.hash} if self.hash else {"after": self.head}

    def enter(self) -> Event:
        """Return the frame that enters the room."""
        self.is_wanted, self.is_live, self.has_left = True, False, False
        self.unanswered += 1
        return {"type": "enter", "room": self.room, **self.resume_point()}

    def leave(self, number: int) -> Event:
        self.is_wanted = self.is_live = False
        self.left_by = number
        return {"type": "leave", "room": self.room}

    def hear_answer(self, number: int) -> None:
        """The server has handled the client's frame of this number, and all before it."""
        self.has_left = self.has_left or (not self.is_wanted and 0 < self.left_by < number)

    def lose_line(self) -> None:
        self.is_live, self.unanswered = False, 0
        self.left_by, self.has_left = 0, False

    def take(self, event: Event) -> None:
        if event["type"] in ("message", "reset", "presence", "typing", "head") and self.has_left:
            self.breaches.append(f"was sent {event['type']} of a room after leaving it")
        match event["type"]:
            case "welcome":
                self.unanswered -= 1
                if self.is_wanted and not self.unanswered:
                    self._welcome(event)
            case "ended":
                self.unanswered = max(0, self.unanswered - 1)
                self.is_live = False
                self.ended = event["code"] if event["retry_ms"] is None else None
            case "reset" if self.is_live:
                self.reset(event)
            case "message" if self.is_live:
                self.row(event)
            case "presence" if self.is_live:
                self.present |= {person["username"] for person in event["entered"]}
                self.present -= {person["username"] for person in event["exited"]}
            case "head" if self.is_live and event["seq"] > self.head:
                self.breaches.append(f"was told of row {event['seq']}, and was not sent what follows {self.head}")

    def _welcome(self, event: Event) -> None:
        if event["resumed"] and event["head"] < self.head:
            self.breaches.append(f"was welcomed at {event['head']}, having {self.head} already")
        if not event["resumed"] and event["head"] - self.head <= MAX_RESUME_ROWS:
            self.restarts.append((self.head, event["head"]))
        self.present = {person["username"] for person in event["present"]["people"]}
        self.pins = {pin["seq"] for pin in event["pins"]}
        self.is_live, self.welcomed_at = True, time.monotonic()

    def reset(self, event: Event) -> None:
        """Replace what one has by the newest page, of a socket or a poll: drawn rows, which do not count up by one."""
        last = 0
        for message in event["messages"]:
            row = Row.of(message)
            if row.seq <= last:
                self.breaches.append(f"was sent row {row.seq} after row {last} in one page")
            last = row.seq
            self._note(row)
        self.head, self.hash = event["head"], event["hash"]

    def row(self, message: Event) -> None:
        row = Row.of(message)
        if row.seq != self.head + 1:
            self.breaches.append(f"was sent row {row.seq} after row {self.head}")
        self._note(row)
        pin_by(row, self.pins)
        if row.seq > self.head:
            self.head, self.hash = row.seq, row.hash

    def _note(self, row: Row) -> None:
        if self.seen.setdefault(row.seq, row) != row:
            self.breaches.append(f"was sent two rows {row.seq}: {self.seen[row.seq]} and {row}")
        self.arrived.setdefault(row.seq, time.monotonic())
