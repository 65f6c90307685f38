"""The members of a room, a page at a time: the admins first, then everybody by name."""

from dataclasses import dataclass

from django.db.models import Q

from accounts.models import User
from chatsite.text import fold, one_line
from rooms.models import Membership, Room

MEMBERS_PER_PAGE = 50
# Nobody turns this many pages; beyond it lie numbers that a database refuses as an offset.
LAST_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class MembersPage:
    members: list[Membership]
    number: int
    has_next: bool

    @property
    def previous(self) -> int:
        return self.number - 1

    @property
    def next(self) -> int:
        return self.number + 1


def members_of(room: Room, *, words: str = "", number: int = 1, but: User | None = None) -> MembersPage:
    """Return a page of the members who are called something with ``words``."""
    number = min(max(number, 1), LAST_PAGE)
    start = (number - 1) * MEMBERS_PER_PAGE
    members = room.memberships.active().filter(called(words)).select_related("user")
    if but is not None:
        members = members.exclude(user=but)
    some = list(members.order_by("role", "user__username_folded")[start : start + MEMBERS_PER_PAGE + 1])
    return MembersPage(some[:MEMBERS_PER_PAGE], number, has_next=len(some) > MEMBERS_PER_PAGE)


def called(words: str) -> Q:
    """Members whose username or display name holds ``words``."""
    words = one_line(words)
    if not words:
        return Q()
    return Q(user__username_folded__contains=fold(words)) | Q(user__display_name__icontains=words)
