"""Pages of a room's log for the API, read without a model for each row: that took half the time of a page.

What comes has the attributes of a ``Message`` that its JSON shows, and nothing else (see events.py). The queries are
composed once (statements.py); the people, of whom a page has a few, come by a query of their own.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from accounts.models import User
from accounts.models.users import shown_name
from chatsite.statements import Prepared, Row
from rooms.models import PINNED, Attachment, Message

PERSON = ("id", "username", "display_name", "picture", "deleted_at")
ROW = ("seq", "id", "kind", "target_seq", "talk", "body", "created_at", "hash", "client_id", "redacted_at", "is_pinned")
COLUMNS = (*ROW, "author_id", "subject_id", "attachment_id")
_PEOPLE = Prepared(lambda ids: User.objects.filter(pk__in=ids).values_list(*PERSON))


def _columns_of(rows: Any) -> Any:
    return rows.annotate(is_pinned=PINNED).values_list(*COLUMNS)


def shown_in(room_id: UUID) -> Any:
    """The rows among which a window is opened: those that are drawn."""
    return Message.objects.filter(room=room_id).drawn()


@cache
def _rows_after(limit: int) -> Prepared:
    return Prepared(lambda rooms, seq: _columns_of(Message.objects.filter(room=rooms[0]).after(seq))[:limit], numbers=1)


@cache
def _rows_before(limit: int) -> Prepared:
    return Prepared(lambda rooms, seq: _columns_of(shown_in(rooms[0]).before(seq))[:limit], numbers=1)


# What follows in the transcript: apart from `_rows_after`, by which clients keep up with the whole log.
@cache
def _rows_below(limit: int) -> Prepared:
    return Prepared(lambda rooms, seq: _columns_of(shown_in(rooms[0]).after(seq))[:limit], numbers=1)


class SeenPerson(NamedTuple):
    """A user as a transcript shows them."""

    pk: UUID
    username: str
    display_name: str
    picture: str
    deleted_at: datetime | None

    @property
    def shown_name(self) -> str:
        return shown_name(self.username, self.display_name, self.deleted_at)


@dataclass(slots=True)
class SeenRow:
    """A row as a transcript shows it."""

    seq: int
    pk: UUID
    room_id: UUID
    kind: str
    target_seq: int | None
    talk: int | None
    body: str
    created_at: datetime
    hash: bytes
    client_id: str | None
    redacted_at: datetime | None
    is_pinned: bool
    author: SeenPerson | None
    subject: SeenPerson | None
    attachment: Attachment | None

    @property
    def is_redacted(self) -> bool:
        return self.redacted_at is not None


def after(room_id: UUID, seq: int, limit: int) -> list[SeenRow]:
    """Return the first rows after ``seq``, drawn or not, ``limit`` (a page and two at most) if there are so many."""
    return _seen(room_id, _rows_after(limit).rows([room_id], numbers=[seq]))


def before(room_id: UUID, seq: int, limit: int) -> list[SeenRow]:
    """Return the last rows before ``seq`` that are drawn, the newest first."""
    return _seen(room_id, _rows_before(limit).rows([room_id], numbers=[seq]))


def drawn_after(room_id: UUID, seq: int, limit: int) -> list[SeenRow]:
    """Return the first rows after ``seq`` that are drawn."""
    return _seen(room_id, _rows_below(limit).rows([room_id], numbers=[seq]))


def around(room_id: UUID, seq: int, before: int, after: int) -> tuple[list[SeenRow], list[SeenRow]]:
    """Return the last rows up to ``seq``, the newest first, and the first rows after it: so many at most."""
    above = _rows_before(before).rows([room_id], numbers=[seq + 1])
    below = _rows_below(after).rows([room_id], numbers=[seq])
    # Together, so that the people are asked for once.
    rows = _seen(room_id, above + below)
    return rows[: len(above)], rows[len(above) :]


def _seen(room_id: UUID, found: list[Row]) -> list[SeenRow]:
    people = _people({person for *_, author, subject, _file in found for person in (author, subject)} - {None})
    files = _files({row[-1] for row in found} - {None})
    rows = []
    for seq, pk, *values, author, subject, file in found:
        shown = (seq, pk, room_id, *values, people.get(author), people.get(subject), files.get(file))
        rows.append(SeenRow(*shown))
    return rows


def _people(ids: Collection[UUID]) -> dict[UUID, SeenPerson]:
    return {row[0]: SeenPerson(*row) for row in _PEOPLE.rows(ids)} if ids else {}


def _files(ids: Collection[UUID]) -> dict[UUID, Attachment]:
    return Attachment.objects.in_bulk(ids) if ids else {}
