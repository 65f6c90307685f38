"""``/api/rooms/{id}/messages``: reading the transcript, posting, and what has been read."""

import re
from datetime import date
from typing import Annotated
from uuid import UUID

from django.http import HttpResponse
from ninja import Path, Query, Router, Status
from pydantic import BeforeValidator, Field

from api.auth import Request
from api.contract import ADMITTED, contract
from api.recognised import note_caller, refusal_of
from api.schemas import NO_NUL, SEQ_MAX, Input, MessageOut, Messages, PostIn, ReadIn, ReportIn
from chatsite import readonly
from rooms import errors, limits
from rooms.actions.memberships import mark_read as mark_read_action
from rooms.actions.moderation import report_message as report_message_action
from rooms.actions.posts import clean_post
from rooms.events import Json, encode, message_json, pin_json
from rooms.models import PAGE_SIZE, Room
from rooms.queries import message_rows, windows
from rooms.queries.pinned import pins_of
from rooms.realtime import polling
from rooms.realtime.fanout import log_reader
from rooms.realtime.writer import writer

router = Router(tags=["messages"])

Seq = Annotated[int, Field(ge=0, le=SEQ_MAX)]
# Larger numbers are answered like a message that does not exist.
RowSeq = Annotated[int, Field(json_schema_extra={"minimum": 1, "maximum": SEQ_MAX})]


def written_day(value: object) -> object:
    """Let pass what RFC 3339 calls a full-date: pydantic would take a number of seconds for a day as well."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("a day is written as 2026-11-20")
    return value


class Where(Input):
    """Which part of the transcript: after a row, around one or a day, before one, or (none of them) the newest.

    Of several the first in this order counts.
    """

    after: Annotated[Seq | None, Field(description="The rows after this one.")] = None
    around: Annotated[Seq | None, Field(description="Rows on both sides of this one, or of the nearest.")] = None
    at: Annotated[
        Annotated[date, BeforeValidator(written_day)] | None,
        Field(description="Rows on both sides of the first one of this day (in UTC), or of a later one."),
    ] = None
    before: Annotated[Seq | None, Field(description="The rows before this one.")] = None
    limit: Annotated[int, Field(ge=1, le=PAGE_SIZE)] = PAGE_SIZE
    drawn: Annotated[bool, Field(description="With `after`: of the rows after it, those that are drawn.")] = False
    hash: Annotated[
        str | None,
        Field(
            description="The hash of the row at `after`; unknown here: a reset.",
            json_schema_extra={"pattern": NO_NUL},
        ),
    ] = None


@router.get("{uuid:room_id}/messages", response={200: Messages}, summary="Read the transcript")
@contract(*ADMITTED, limit=limits.READING)
def list_messages(request: Request, room_id: UUID, where: Query[Where]) -> HttpResponse:
    room = polling.admit(room_id, request.auth)
    reset = where.after is not None and not log_reader.is_same_log(room, where.after, where.hash)
    rows, more = page_of(room, where if not reset else Where(limit=where.limit))
    is_start = reset or (where.after is None and where.before is None)
    answer = {
        "messages": [message_json(row) for row in rows],
        "head": room.last_seq,
        "hash": bytes(room.head_hash).hex() if is_start else None,
        **more,
        "reset": reset,
        "pins": [pin_json(pin) for pin in pins_of(room)] if is_start else None,
        "read_only": readonly.switch.is_on(),
    }
    note_caller(request, [room])
    # Encoded as for a socket. Ninja would look at each field of a hundred rows once more, which takes half as long as
    # all the rest; that the answer is what the document says, the tests see to.
    return HttpResponse(encode(answer), content_type="application/json; charset=utf-8")


def page_of(room: Room, where: Where) -> tuple[list[message_rows.SeenRow], Json]:
    """Return rows in order of seq, and what the answer says of those beyond them.

    After a row come all rows, unless it was asked for those that are drawn; otherwise they, none of them newer than the
    head that is told.
    """
    if where.after is not None:
        read = message_rows.drawn_after if where.drawn else message_rows.after
        some = read(room.pk, where.after, where.limit + 1)
        more = len(some) > where.limit
        return some[: where.limit], beyond(more, before=where.after > 0, after=more)
    seq = where.around if where.at is None or where.around is not None else windows.seq_of_day(room, where.at)
    if seq is not None:
        window = windows.around(room, seq, where.limit)
        before, after = window.more_before, window.more_after
        return window.rows, beyond(before or after, before=before, after=after, around=window.seq)
    some = message_rows.before(room.pk, room.last_seq + 1 if where.before is None else where.before, where.limit + 1)
    more = len(some) > where.limit
    newer = where.before is not None and where.before <= room.last_seq
    return some[: where.limit][::-1], beyond(more, before=more, after=newer)


def beyond(more: bool, *, before: bool, after: bool, around: int | None = None) -> Json:
    return {"around": around, "more": more, "more_before": before, "more_after": after}


@router.post(
    "{uuid:room_id}/messages",
    response={200: MessageOut, 201: MessageOut},
    summary="Post a message",
    description="The same `client_id` with the same body again answers 200 and the row that is there.",
)
@contract(
    *ADMITTED,
    errors.BadClientId,
    errors.EmptyMessage,
    errors.MessageTooLong,
    errors.BadMessage,
    errors.ClientIdReused,
    errors.Blocked,
    errors.NoSuchFile,
    errors.FileUsed,
    errors.Incomplete,
    limit=limits.POSTING,
)
def post_message(request: Request, room_id: UUID, body: PostIn) -> Status[Json]:
    if refusal := refusal_of(request):
        raise refusal
    post = clean_post(
        room_id=room_id,
        author=request.auth,
        client_id=body.client_id,
        body=body.body,
        attachment=body.attachment,
    )
    posted = writer.post(post)
    note_caller(request, [])
    return Status(201 if posted.created else 200, message_json(posted.row))


@router.post("{uuid:room_id}/read", response={204: None}, summary="Mark as read up to a seq")
@contract(*ADMITTED)
def mark_read(request: Request, room_id: Path[UUID], body: ReadIn) -> Status[None]:
    room = Room.objects.find(room_id)
    room.admit(request.auth)
    mark_read_action(room, actor=request.auth, seq=body.seq)
    return Status(204, None)


@router.post(
    "{uuid:room_id}/messages/{int:seq}/report",
    response={204: None},
    summary="Report a message to the site's admins",
)
@contract(*ADMITTED, errors.ReasonTooLong, errors.NoSuchMessage, limit=limits.REPORTING)
def report_message(request: Request, room_id: Path[UUID], seq: Path[RowSeq], body: ReportIn) -> Status[None]:
    report_message_action(Room(pk=room_id), actor=request.auth, seq=seq, reason=body.reason)
    return Status(204, None)
