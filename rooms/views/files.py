"""A room's files in one list."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Block
from rooms import events
from rooms.models import Message, Room
from rooms.views.common import SignedInRequest, refusals_as_pages

FILES_SHOWN = 50
# Letters of an ending that fit on the sheet of paper that stands for a file.
ENDING_MAX_LENGTH = 5


@never_cache
@login_required
@require_safe
@refusals_as_pages
def room_files(request: SignedInRequest, room_id: UUID) -> HttpResponse:
    room = Room.objects.with_pair().find(room_id)
    room.admit(request.user)
    before = row_number(request, "before")
    files = room.messages.with_people().files()
    rows = files.order_by("-seq") if before is None else files.before(before)
    some: list[Message] = list(rows[: FILES_SHOWN + 1])
    context = {
        "room": room,
        "name": room.name_for(request.user),
        "files": [shown(row) for row in some[:FILES_SHOWN]],
        "before": before,
        # Where in the room one was reading, to come back to it.
        "at": row_number(request, "at"),
        "older": some[FILES_SHOWN - 1].seq if len(some) > FILES_SHOWN else None,
        "blocked": Block.objects.blocked_by(request.user),
    }
    return render(request, "rooms/files.html", context)


def shown(row: Message) -> dict[str, Any]:
    """A row as the list shows it: its file as the API tells it."""
    assert row.attachment is not None
    ending = row.attachment.name.rpartition(".")[2] if "." in row.attachment.name else ""
    return {
        "row": row,
        "file": events.attachment_json(row.attachment),
        "ending": ending.upper() if len(ending) <= ENDING_MAX_LENGTH else "",
    }


def row_number(request: HttpRequest, name: str) -> int | None:
    """Return the seq that the address names; None for what is none."""
    number = request.GET.get(name, "")
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 19 else None
