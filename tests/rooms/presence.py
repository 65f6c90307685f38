"""People and a clock for the tests of presence."""

from uuid import UUID, uuid4

from accounts.models import User
from rooms.realtime.presence.room_presence import Change
from rooms.realtime.presence.tracker import Presence

ROOM, OTHER_ROOM = uuid4(), uuid4()


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def user(name: str) -> User:
    return User(username=name)


def names(people: list[dict[str, object]]) -> list[object]:
    return [person["username"] for person in people]


def flushed(presence: Presence, room: UUID) -> Change:
    change = presence.flush(room)
    assert change is not None
    return change
