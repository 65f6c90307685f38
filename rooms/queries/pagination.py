"""Long lists, a page at a time, without counting how long they are: Django's Paginator counts the rows for each page.

Pages of HTML have numbers. Programs are given a cursor: the position in the list's order at which the next page begins,
so that nothing is told twice or passed over where the list changes meanwhile.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet

from rooms.errors import BadCursor

# Nobody turns this many pages; beyond it lie numbers that a database refuses as an offset.
LAST_PAGE = 10_000
# Signed, because the values in it go into a query as they are.
CURSORS = "rooms.queries.pagination"
CURSOR_MAX_LENGTH = 1_000

Row = TypeVar("Row")
Shown = TypeVar("Shown")
Record = TypeVar("Record", bound=Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    rows: list[Row]
    number: int
    has_next: bool
    # Where the next page begins; "" where this one is the last.
    cursor: str = ""

    @property
    def previous(self) -> int:
        return self.number - 1

    @property
    def next(self) -> int:
        return self.number + 1

    def shown_as(self, show: Callable[[list[Row]], list[Shown]]) -> "Page[Shown]":
        """Return this page with what ``show`` makes of its rows."""
        return Page(show(self.rows), self.number, self.has_next, self.cursor)


def page_of(rows: QuerySet[Record, Any], *, size: int, number: int = 1, cursor: str = "") -> Page[Record]:
    """Return the page that begins at ``cursor``, or page ``number``; out of range, the nearest page."""
    number = 1 if cursor else min(max(number, 1), LAST_PAGE)
    start = (number - 1) * size
    # One more than is shown tells whether there are more.
    some = list((_behind(rows, cursor) if cursor else rows)[start : start + size + 1])
    has_next = len(some) > size
    return Page(some[:size], number, has_next, _cursor_at(rows, some[size - 1]) if has_next else "")


def _order_of(rows: QuerySet[Record, Any]) -> tuple[str, ...]:
    """Return the fields by which the rows are in order; together they are unique, and none is ever null."""
    return tuple(str(field) for field in rows.query.order_by)


def _cursor_at(rows: QuerySet[Record, Any], last: Record) -> str:
    position = [reduce(getattr, field.lstrip("-").split("__"), last) for field in _order_of(rows)]
    values = [value.pk if isinstance(value, Model) else value for value in position]
    return signing.dumps(
        [_order_of(rows), [value if isinstance(value, int) else str(value) for value in values]], salt=CURSORS
    )


def _behind(rows: QuerySet[Record, Any], cursor: str) -> QuerySet[Record, Any]:
    """Return what comes after the row whose position the cursor has."""
    try:
        order, values = signing.loads(cursor, salt=CURSORS)
    except signing.BadSignature:
        raise BadCursor from None
    if tuple(order) != _order_of(rows):
        # A cursor of another list.
        raise BadCursor
    behind, same = Q(), Q()
    for field, value in zip(order, values, strict=True):
        name, step = field.lstrip("-"), "lt" if field.startswith("-") else "gt"
        behind |= same & Q(**{f"{name}__{step}": value})
        same &= Q(**{name: value})
    return rows.filter(behind)
