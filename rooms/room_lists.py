"""The lists of rooms, a page at a time: one's own and the public ones, the one with the newest talk first."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from accounts.models import User
from rooms.events import Json, room_json
from rooms.models import Membership, Room
from rooms.queries.pagination import Page, page_of
from rooms.realtime.presence.tracker import presence

ROOMS_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class ListedRoom:
    """A room as the list shows it to one person; ``membership`` is None for a room that is not theirs."""

    room: Room
    name: str
    # Of a direct room: the username of the other user, where their name is another one.
    name_beside: str
    membership: Membership | None
    here: int

    @property
    def unread(self) -> int:
        return max(self.room.talk_count - self.membership.read_talk, 0) if self.membership else 0

    def json(self, viewer: User) -> Json:
        return {**room_json(self.room, self.membership, viewer), "here": self.here}


def lists_for(user: User, words: str, *, mine: int = 1, directs: int = 1, page: int = 1) -> dict[str, Page[ListedRoom]]:
    """Return the three lists of the page of rooms, each at the page of this number; ``page`` has those to join."""
    return {
        "mine": own_rooms(user, words=words, number=mine, kinds=[Room.Kind.PUBLIC, Room.Kind.PRIVATE]),
        "directs": own_rooms(user, words=words, number=directs, kinds=[Room.Kind.DIRECT]),
        "page": public_rooms(user, words=words, number=page, but_own=True),
    }


def own_rooms(
    user: User, *, words: str = "", number: int = 1, cursor: str = "", kinds: Iterable[str] = Room.Kind.values
) -> Page[ListedRoom]:
    """Return a page of somebody's rooms of these kinds, in one query."""
    theirs = Membership.objects.shown().filter(user=user, room__kind__in=kinds)
    if words:
        theirs = theirs.filter(room__in=Room.objects.search(words, by=user))
    newest_first = theirs.select_related("room__one", "room__other").order_by("-room__talked_at", "room")
    page: Page[Membership] = page_of(newest_first, number=number, cursor=cursor, size=ROOMS_PER_PAGE)
    return page.shown_as(lambda rows: _listed_all(user, [(row.room, row) for row in rows]))


def public_rooms(
    user: User, *, words: str = "", number: int = 1, cursor: str = "", but_own: bool = False
) -> Page[ListedRoom]:
    """Return a page of the rooms that anybody can join; ``but_own`` leaves out those that this person has joined."""
    memberships = Membership.objects.active().filter(user=user)
    rooms = Room.objects.open().public().search(words)
    if but_own:
        rooms = rooms.filter(~Exists(memberships.filter(room=OuterRef("pk"))))
    newest_first = rooms.order_by("-talked_at", "pk")
    page: Page[Room] = page_of(newest_first, number=number, cursor=cursor, size=ROOMS_PER_PAGE)
    some = page.rows
    mine = {} if but_own else {row.room_id: row for row in memberships.filter(room__in=[room.pk for room in some])}
    return page.shown_as(lambda rooms: _listed_all(user, [(room, mine.get(room.pk)) for room in rooms]))


def _listed_all(user: User, found: list[tuple[Room, Membership | None]]) -> list[ListedRoom]:
    here = presence.counts([room.pk for room, _ in found])
    return [_listed(user, room, membership, here.get(room.pk, 0)) for room, membership in found]


def _listed(user: User, room: Room, membership: Membership | None, here: int) -> ListedRoom:
    partner = room.partner_of(user)
    return ListedRoom(room, room.name_for(user), partner.name_beside if partner else "", membership, here)
