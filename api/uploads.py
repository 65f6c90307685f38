"""``/api/rooms/{id}/files``: sending a file to a room in parts, and the room's files (docs/protocol.md)."""

from typing import Annotated
from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router, Status
from pydantic import Field

from api.auth import Request
from api.contract import ADMITTED, contract
from api.schemas import SEQ_MAX, AttachmentOut, Cursor, FileIn, Files, UploadOut, rest_of
from chatsite.files.filetypes import UNKNOWN
from rooms import errors, limits
from rooms.actions import files as actions
from rooms.errors import ChunkTooLarge
from rooms.events import Json, attachment_json, message_json
from rooms.models import CHUNK_BYTES, PAGE_SIZE, Attachment, Message, Room
from rooms.queries.pagination import Page, page_of

router = Router(tags=["files"])

# The refusals of find_upload.
OWN = (*ADMITTED, errors.Blocked, errors.NoSuchFile)
FULL = (errors.FileTooLarge, errors.QuotaExceeded, errors.SiteFull)
OFFSET = {"type": "integer", "minimum": 0}
FAR = {"Upload-Offset": OFFSET, "Upload-Length": OFFSET}

# The names of tus 1.0, whose way of sending a part this is.
TUS = {"Tus-Resumable": "1.0.0", "Cache-Control": "no-store"}
# More digits than any file has bytes.
DIGITS = 18


def upload_json(upload: Attachment) -> Json:
    return {
        "id": str(upload.pk),
        "name": upload.name,
        "size": upload.size,
        "offset": upload.received,
        "chunk": CHUNK_BYTES,
    }


@router.post("{uuid:room_id}/files", response={201: UploadOut}, summary="Begin to send a file")
@contract(
    *ADMITTED,
    errors.Blocked,
    errors.EmptyName,
    errors.BadSize,
    errors.TypeNotAllowed,
    errors.TooManyUploads,
    *FULL,
    limit=limits.UPLOADING,
)
def start_upload(request: Request, room_id: UUID, body: FileIn) -> Status[Json]:
    upload = actions.start_upload(Room(pk=room_id), actor=request.auth, name=body.name, size=body.size)
    return Status(201, upload_json(upload))


@router.get("{uuid:room_id}/files", response={200: Files}, summary="The room's files, the newest first")
@contract(*ADMITTED, errors.BadCursor, limit=limits.READING)
def list_files(
    request: Request,
    room_id: UUID,
    cursor: Cursor = "",
    before: Annotated[int | None, Field(ge=0, le=SEQ_MAX)] = None,
    limit: int = Query(PAGE_SIZE, ge=1, le=PAGE_SIZE),
) -> Json:
    room = Room.objects.find(room_id)
    room.admit(request.auth)
    rows = room.messages.with_people().files()
    found: Page[Message] = page_of(rows.before(SEQ_MAX if before is None else before), cursor=cursor, size=limit)
    return {"files": [message_json(row) for row in found.rows], **rest_of(found)}


@router.get("{uuid:room_id}/files/{uuid:upload_id}", response={200: UploadOut}, summary="How far a file is")
@contract(*OWN, sets=FAR)
def get_upload(request: Request, room_id: UUID, upload_id: UUID, response: HttpResponse) -> Json:
    upload = actions.find_upload(Room(pk=room_id), actor=request.auth, file_id=upload_id)
    tell_offset(response, upload)
    return upload_json(upload)


@router.api_operation(
    ["HEAD"],
    "{uuid:room_id}/files/{uuid:upload_id}",
    response={200: None},
    summary="How far a file is, in headers as of tus",
)
@contract(*OWN, sets=FAR)
def head_upload(request: Request, room_id: UUID, upload_id: UUID, response: HttpResponse) -> Status[None]:
    upload = actions.find_upload(Room(pk=room_id), actor=request.auth, file_id=upload_id)
    tell_offset(response, upload)
    return Status(200, None)


@router.patch(
    "{uuid:room_id}/files/{uuid:upload_id}",
    response={204: None},
    summary="Send the next part of a file",
    description=(
        "The body is the bytes from `Upload-Offset` on, 4 MiB at most. "
        "(A client of tus calls them `application/offset+octet-stream`.)"
    ),
)
@contract(
    *OWN,
    *FULL,
    errors.WrongOffset,
    errors.ChunkTooLarge,
    errors.ChunkTooSmall,
    limit=limits.UPLOADING,
    takes=(UNKNOWN,),
    takes_none=True,
    reads={"Upload-Offset": {**OFFSET, "description": "Bytes that have arrived before these."}},
    sets={"Upload-Offset": OFFSET},
)
def send_chunk(
    request: Request,
    room_id: UUID,
    upload_id: UUID,
    response: HttpResponse,
) -> Status[None]:
    # Not request.body, which would look for a form's limit.
    data = request.read(CHUNK_BYTES + 1)
    if len(data) > CHUNK_BYTES:
        raise ChunkTooLarge(CHUNK_BYTES)
    offset = actions.take_chunk(
        Room(pk=room_id), actor=request.auth, file_id=upload_id, offset=offset_of(request), data=data
    )
    tell(response, {"Upload-Offset": str(offset)})
    return Status(204, None)


@router.delete("{uuid:room_id}/files/{uuid:upload_id}", response={204: None}, summary="Forget a file not yet posted")
@contract(*OWN, errors.FileUsed)
def cancel_upload(request: Request, room_id: UUID, upload_id: UUID) -> Status[None]:
    actions.cancel_upload(Room(pk=room_id), actor=request.auth, file_id=upload_id)
    return Status(204, None)


@router.post(
    "{uuid:room_id}/files/{uuid:upload_id}/finish",
    response={200: AttachmentOut},
    summary="Put a file together, ready to be posted",
    description="Again: the same answer. Then `POST …/messages {client_id, body, attachment}`.",
)
@contract(
    *OWN,
    errors.Incomplete,
    errors.TypeNotAllowed,
    errors.PictureTooLarge,
    errors.SiteFull,
    errors.PicturesBusy,
    limit=limits.FINISHING,
)
def finish_upload(request: Request, room_id: UUID, upload_id: UUID) -> Json:
    return attachment_json(actions.finish_upload(Room(pk=room_id), actor=request.auth, file_id=upload_id))


def offset_of(request: Request) -> int:
    """Return the offset that a part gives; -1, which no part may follow, if it gives none."""
    text = request.headers.get("Upload-Offset", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else -1


def tell_offset(response: HttpResponse, upload: Attachment) -> None:
    tell(response, {"Upload-Offset": str(upload.received), "Upload-Length": str(upload.size)})


def tell(response: HttpResponse, headers: dict[str, str]) -> None:
    for name, value in {**TUS, **headers}.items():
        response.headers[name] = value
