"""How much happens on the whole site, for those who look after it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import cast

from django.core.cache import cache
from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import TruncDate

from accounts.models import User
from rooms.models import Message, Room
from rooms.queries import windows

DAYS = 14
# Counting takes some short reads for each room in which there was something in these days, and one of its rows of them.
KEPT_SECONDS = 600

OnDay = tuple[date, int]


@dataclass(frozen=True)
class Growth:
    """How many there are, and how many came on each of the last ``DAYS`` days (UTC), the oldest first."""

    total: int
    a_day: list[int]


@dataclass(frozen=True)
class Activity:
    users: Growth
    # Without direct rooms.
    rooms: Growth
    messages: Growth
    last_day: date


def activity() -> Activity:
    """Return what happened in the last ``DAYS`` days, as it was at most ``KEPT_SECONDS`` seconds ago."""
    return cast(Activity, cache.get_or_set("rooms:activity", count_activity, KEPT_SECONDS))


def count_activity() -> Activity:
    last_day = datetime.now(UTC).date()
    since = datetime.combine(last_day - timedelta(days=DAYS - 1), time(), UTC)
    users = User.objects.filter(is_active=True, is_guest=False)
    rooms = Room.objects.filter(deleted_at=None).exclude(kind=Room.Kind.DIRECT)
    messages = Room.objects.aggregate(total=Sum("talk_count"))["total"] or 0

    def growth(total: int, found: Iterable[OnDay]) -> Growth:
        counts = Counter[date]()
        for day, count in found:
            counts[day] += count
        return Growth(total, [counts[last_day - timedelta(days=ago)] for ago in reversed(range(DAYS))])

    return Activity(
        users=growth(users.count(), by_day(users, "date_joined", since)),
        rooms=growth(rooms.count(), by_day(rooms, "created_at", since)),
        messages=growth(messages, said_by_day(since)),
        last_day=last_day,
    )


def said_by_day(since: datetime) -> Iterable[OnDay]:
    """Yield counts of messages, room by room: time has no index; each log is read from its first row of these days."""
    newest = Message.objects.filter(seq=F("room__last_seq"), created_at__gte=since)
    for room in Room.objects.filter(pk__in=newest.values("room_id")):
        first = windows.seq_of_day(room, since.date())
        yield from by_day(Message.objects.filter(room=room, seq__gte=first, talk__isnull=False), "created_at", since)


def by_day(rows: QuerySet, instant: str, since: datetime) -> Iterable[OnDay]:
    days = rows.filter(**{f"{instant}__gte": since}).order_by().annotate(day=TruncDate(instant, tzinfo=UTC))
    return days.values_list("day").annotate(count=Count("pk"))
