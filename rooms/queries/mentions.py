"""How many unread messages call users by name: read where it is counted, never counted here."""

from collections.abc import Collection
from uuid import UUID

from chatsite.statements import IN_LIST, Prepared, in_lists
from rooms.models import Membership

_CALLED = Prepared(
    lambda users: (
        Membership.objects.active()
        .filter(user__in=users, unread_mentions__gt=0, room__deleted_at=None)
        .values_list("user_id", "unread_mentions")
    )
)


def mentions_of(user_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return the sum over all rooms of each of these users."""
    sums = dict.fromkeys(user_ids, 0)
    for some in in_lists(list(sums), IN_LIST // 2):
        for user_id, mentions in _CALLED.rows(some):
            sums[user_id] += mentions
    return sums
