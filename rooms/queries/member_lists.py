"""The members of a room, a page at a time: the admins first, then everybody by name."""

from django.db.models import Q, QuerySet

from accounts.models import User
from chatsite.text import fold, one_line
from rooms.models import Membership, Room
from rooms.queries.pagination import Page, page_of

MEMBERS_PER_PAGE = 50


def members_of(room: Room, *, words: str = "", number: int = 1, but: User | None = None) -> Page[Membership]:
    """Return a page of the members who are called something with ``words``."""
    members = room.memberships.active().filter(called(words)).select_related("user")
    if but is not None:
        members = members.exclude(user=but)
    in_order: QuerySet[Membership] = members.order_by("role", "user__username_folded")
    return page_of(in_order, number=number, size=MEMBERS_PER_PAGE)


def is_only_admin(room: Room, membership: Membership) -> bool:
    """Whether this member can give up the role, or leave, only when somebody else is an admin."""
    return membership.is_admin and room.memberships.acting_admins().count() == 1


def called(words: str) -> Q:
    """Members whose username or display name holds ``words``."""
    words = one_line(words)
    if not words:
        return Q()
    return Q(user__username_folded__contains=fold(words)) | Q(user__display_name__icontains=words)
