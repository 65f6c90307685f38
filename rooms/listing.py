"""The list of rooms, a page at a time: one's own first, then the other public ones."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import User
from rooms.models import Membership, Room
from rooms.realtime.presence import presence

ROOMS_PER_PAGE = 50
# Nobody turns this many pages; beyond it lie numbers that a database refuses as an offset.
LAST_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class ListedRoom:
    """A room as the list shows it to one person; ``membership`` is None for a room that is not theirs."""

    room: Room
    membership: Membership | None
    here: int

    @property
    def is_own(self) -> bool:
        return self.membership is not None

    @property
    def unread(self) -> int:
        return max(self.room.talk_count - self.membership.read_talk, 0) if self.membership else 0


@dataclass(frozen=True, slots=True)
class RoomListPage:
    rooms: list[ListedRoom]
    number: int
    has_next: bool

    @property
    def previous(self) -> int:
        return self.number - 1

    @property
    def next(self) -> int:
        return self.number + 1


def list_rooms(user: User, *, words: str = "", number: int = 1) -> RoomListPage:
    """Return one page of the rooms whose name holds ``words``, in six queries at most, however many there are.

    By name, not by latest activity: a room keeps its place between two looks and between two pages, the unique index
    on public names serves the order, and no message has to write to the list.
    """
    number = min(max(number, 1), LAST_PAGE)
    start, wanted = (number - 1) * ROOMS_PER_PAGE, ROOMS_PER_PAGE + 1
    found = Room.objects.open().search(words).order_by("name_folded", "pk")
    own = found.of(user)
    own_count = own.count()
    rooms = list(own[start : start + wanted])
    others = found.public().exclude(pk__in=Room.objects.of(user).values("pk"))
    skipped = max(start - own_count, 0)
    rooms += others[skipped : skipped + wanted - len(rooms)]
    return RoomListPage(_as_seen_by(user, rooms[:ROOMS_PER_PAGE]), number, has_next=len(rooms) == wanted)


def own_rooms(user: User) -> list[tuple[Room, int]]:
    """Return the first page of somebody's rooms, each with what they have not read, in one query."""
    memberships = Membership.objects.active().filter(user=user, room__deleted_at=None).select_related("room")
    first = memberships.order_by("room__name_folded", "room")[:ROOMS_PER_PAGE]
    return [(row.room, max(row.room.talk_count - row.read_talk, 0)) for row in first]


def _as_seen_by(user: User, rooms: Iterable[Room]) -> list[ListedRoom]:
    ids = [room.pk for room in rooms]
    memberships = {row.room_id: row for row in Membership.objects.active().filter(user=user, room__in=ids)}
    here = presence.counts(ids)
    return [ListedRoom(room, memberships.get(room.pk), here.get(room.pk, 0)) for room in rooms]
