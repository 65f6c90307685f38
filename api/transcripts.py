"""``/api/rooms/{id}/export``: the whole transcript, to take away."""

from collections.abc import Callable, Iterator
from typing import Any, Literal
from uuid import UUID

from django.http import StreamingHttpResponse
from django.utils.text import slugify
from ninja import Router

from api.auth import Request
from api.contract import MANAGED, contract
from chatsite.server.streaming import as_asked_for
from rooms import limits
from rooms.log import transcripts
from rooms.models import Room

router = Router(tags=["messages"])

FORMS: dict[str, tuple[str, Callable[[Room], Iterator[Any]]]] = {
    "jsonl": ("application/jsonl; charset=utf-8", transcripts.json_lines),
    "html": ("text/html; charset=utf-8", transcripts.readable_page),
    "zip": ("application/zip", transcripts.archive),
}


@router.get(
    "{uuid:room_id}/export",
    response={200: bytes},
    summary="The whole transcript, for a room's admins",
    description=(
        "`jsonl`: a line about the room, then one for each row, with what the hash chain needs: "
        "`python rooms/chain.py FILE` verifies it offline. `html`: a page to read. `zip`: both, and every file."
    ),
)
@contract(*MANAGED, limit=limits.EXPORTING, gives=("application/jsonl", "text/html", "application/zip"))
def export_transcript(
    request: Request, room_id: UUID, form: Literal["jsonl", "html", "zip"] = "jsonl"
) -> StreamingHttpResponse:
    room = Room.objects.with_pair().find(room_id)
    transcripts.require_export(room, actor=request.auth)
    mime, pieces = FORMS[form]
    file = StreamingHttpResponse(as_asked_for(request, pieces(room)), content_type=mime)
    # Django's gzip makes each piece of an asynchronous stream a file of its own; browsers unpack only the first.
    file.headers["Content-Encoding"] = "identity"
    file.headers["Content-Disposition"] = f'attachment; filename="{slugify(room.name) or "transcript"}.{form}"'
    return file
