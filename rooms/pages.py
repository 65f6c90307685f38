"""Pages of a room's log for the API, read without a model for each row: that took half the time of a page.

What comes has the attributes of a ``Message`` that its JSON shows, and nothing else (see events.py).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from accounts.models.people import shown_name
from rooms.models import Attachment, Message

PERSON = ("id", "username", "display_name", "picture", "deleted_at")
ROW = ("seq", "id", "room_id", "kind", "talk", "body", "created_at", "hash", "client_id", "redacted_at")
COLUMNS = (*ROW, "attachment_id", *(f"{person}__{name}" for person in ("author", "subject") for name in PERSON))
FILE = len(ROW)


class SeenPerson(NamedTuple):
    """Somebody as a transcript shows them."""

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
    talk: int | None
    body: str
    created_at: datetime
    hash: bytes
    client_id: str | None
    redacted_at: datetime | None
    author: SeenPerson | None
    subject: SeenPerson | None
    attachment: Attachment | None

    @property
    def is_redacted(self) -> bool:
        return self.redacted_at is not None


def read(rows: QuerySet[Message, Any]) -> list[SeenRow]:
    """Read the rows of a query for messages; their files, where there are any, with one more."""
    found = list(rows.values_list(*COLUMNS))
    files = files_of({values[FILE] for values in found} - {None})
    return [row_of(values, files) for values in found]


def files_of(ids: Collection[UUID]) -> dict[UUID, Attachment]:
    return Attachment.objects.in_bulk(ids) if ids else {}


def row_of(values: tuple[Any, ...], files: dict[UUID, Attachment]) -> SeenRow:
    author, subject = values[FILE + 1 : -len(PERSON)], values[-len(PERSON) :]
    people = [SeenPerson(*person) if person[0] else None for person in (author, subject)]
    shown: list[Any] = [*values[:FILE], *people, files.get(values[FILE])]
    return SeenRow(*shown)
