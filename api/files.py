"""``/api/files/{id}``: a posted file, and what pages show of it, for who is a member of its room today."""

from itertools import chain
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from ninja import Router

from api.auth import Request
from api.contract import contract
from api.problems import problem
from chatsite.files import object_store, ranges
from chatsite.files.filetypes import UNKNOWN
from chatsite.server.streaming import as_asked_for
from rooms import limits
from rooms.actions.files import find_file
from rooms.errors import NoSuchFile
from rooms.models import Attachment

router = Router(tags=["files"])

# Bytes of a text that a page shows.
PREVIEW = 2 * 1024
# Browsers neither run nor frame what users sent, however it is opened.
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    # The browser keeps the bytes but asks each time whether the user is still a member.
    "Cache-Control": "private, no-cache",
    # Django's gzip makes each piece of an asynchronous stream a file of its own; browsers unpack only the first.
    "Content-Encoding": "identity",
}
SHOWN: dict[Any, Any] = {200: bytes, 206: bytes, 304: None}
NO_PART = {416: "no_such_part"}
HEADER = {"type": "string", "maxLength": 1_000}
KNOWN = {"If-None-Match": {**HEADER, "description": "The ETag that the caller has: then 304 without a body."}}
PARTS = {
    **KNOWN,
    "Range": {**HEADER, "description": "`bytes=0-99`: a part of it, answered by 206."},
    "If-Range": {**HEADER, "description": "The ETag of the file that the part has to be of."},
}
TAGGED = {"ETag": {"type": "string"}}


@router.api_operation(["GET", "HEAD"], "{uuid:file_id}", response=SHOWN, summary="Save a file")
@contract(NoSuchFile, codes=NO_PART, limit=limits.FETCHING, gives=(UNKNOWN,), reads=PARTS, sets=TAGGED)
def get_file(request: Request, file_id: UUID) -> HttpResponseBase:
    file = find(request, file_id)
    about = {
        "Content-Type": UNKNOWN,
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=file.name) or "attachment",
    }
    return answer(request, file.stored, size=file.size, about=about)


@router.api_operation(
    ["GET", "HEAD"], "{uuid:file_id}/view", response=SHOWN, summary="A picture made anew, or what a player plays"
)
@contract(
    NoSuchFile,
    codes=NO_PART,
    limit=limits.FETCHING,
    gives=("image/webp", "audio/*", "video/*"),
    reads=PARTS,
    sets=TAGGED,
)
def view_file(request: Request, file_id: UUID) -> HttpResponseBase:
    file = find(request, file_id)
    if file.kind == Attachment.Kind.IMAGE:
        return picture(request, file.view)
    if file.kind in (Attachment.Kind.AUDIO, Attachment.Kind.VIDEO):
        return answer(request, file.stored, size=file.size, about={"Content-Type": file.content_type})
    raise NoSuchFile


@router.api_operation(["GET", "HEAD"], "{uuid:file_id}/thumbnail", response=SHOWN, summary="A small picture")
@contract(NoSuchFile, codes=NO_PART, limit=limits.FETCHING, gives=("image/webp",), reads=PARTS, sets=TAGGED)
def get_thumbnail(request: Request, file_id: UUID) -> HttpResponseBase:
    file = find(request, file_id)
    return picture(request, file.thumbnail)


@router.api_operation(
    ["GET", "HEAD"], "{uuid:file_id}/preview", response={200: bytes}, summary="The beginning of a text, as text/plain"
)
@contract(NoSuchFile, limit=limits.FETCHING, gives=("text/plain",))
def get_preview(request: Request, file_id: UUID) -> HttpResponseBase:
    file = find(request, file_id)
    if file.kind != Attachment.Kind.TEXT:
        raise NoSuchFile
    beginning = b"".join(object_store.read(file.stored, 0, min(PREVIEW, file.size))).decode(errors="ignore")
    return HttpResponse(beginning, headers={**SAFE, "Content-Type": "text/plain; charset=utf-8"})


def find(request: Request, file_id: UUID) -> Attachment:
    return find_file(file_id, actor=request.auth)


def picture(request: Request, name: str) -> HttpResponseBase:
    if not name:
        raise NoSuchFile
    return answer(request, name, size=object_store.size_of(name), about={"Content-Type": "image/webp"})


def answer(request: HttpRequest, name: str, *, size: int, about: dict[str, str]) -> HttpResponseBase:
    """Return an object, or the part that is asked for, or 304 if the caller has it already."""
    # Objects never change, so the name of one stands for what it holds.
    headers = {"ETag": f'"{name.rpartition("/")[2]}"', "Accept-Ranges": "bytes", **SAFE, **about}
    etag = headers["ETag"]
    if settings.FILES_ACCEL and isinstance(default_storage, object_store.Folder):
        # nginx handles ranges and conditions itself, and holds nothing in memory.
        return HttpResponse(headers={**headers, "X-Accel-Redirect": settings.FILES_ACCEL + name})
    if ranges.is_known(request.headers.get("If-None-Match"), etag):
        return HttpResponse(status=304, headers=headers)
    try:
        wanted = request.headers.get("Range") if ranges.still_holds(request.headers.get("If-Range"), etag) else None
        part = ranges.asked_for(wanted, size)
    except ranges.UnsatisfiableError:
        refused = problem("no_such_part", _("This file has no such part. Ask for all of it."), 416)
        refused.headers["Content-Range"] = f"bytes */{size}"
        return refused
    if part is None:
        return body(request, name, 0, size, status=200, headers=headers)
    headers["Content-Range"] = part.content_range
    return body(request, name, part.start, part.stop, status=206, headers=headers)


def body(  # noqa: PLR0913 (what an answer is made of)
    request: HttpRequest, name: str, start: int, stop: int, *, status: int, headers: dict[str, str]
) -> HttpResponseBase:
    headers["Content-Length"] = str(stop - start)
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers)
    pieces = object_store.read(name, start, stop)
    if stop - start <= object_store.PIECE:
        return HttpResponse(b"".join(pieces), status=status, headers=headers)
    # Open the object before the answer begins: if the storage is away, the status can still say so.
    pieces = chain([next(pieces, b"")], pieces)
    return StreamingHttpResponse(as_asked_for(request, pieces), status=status, headers=headers)
