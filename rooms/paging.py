"""Long lists, a page at a time, without counting how long they are."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet

# Nobody turns this many pages; beyond it lie numbers that a database refuses as an offset.
LAST_PAGE = 10_000

Row = TypeVar("Row")
Shown = TypeVar("Shown")
Record = TypeVar("Record", bound=Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    rows: list[Row]
    number: int
    has_next: bool

    @property
    def previous(self) -> int:
        return self.number - 1

    @property
    def next(self) -> int:
        return self.number + 1

    def shown_as(self, show: Callable[[list[Row]], list[Shown]]) -> "Page[Shown]":
        """Return this page with what ``show`` makes of its rows."""
        return Page(show(self.rows), self.number, self.has_next)


def page_of(rows: QuerySet[Record, Any], *, number: int, size: int) -> Page[Record]:
    """Return page ``number``, from 1; a number that is none is the nearest page that could be."""
    number = min(max(number, 1), LAST_PAGE)
    start = (number - 1) * size
    # One more than is shown tells whether there are more.
    some = list(rows[start : start + size + 1])
    return Page(some[:size], number, has_next=len(some) > size)
