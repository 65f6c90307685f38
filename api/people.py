"""``/api/me`` and ``/api/guests``."""

from io import BytesIO
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from ninja.errors import HttpError
from ninja.utils import check_csrf

from accounts.actions import come_in_as_guest, remove_picture, set_display_name, set_picture
from accounts.errors import (
    BadDisplayName,
    GuestsClosed,
    NoPicture,
    PicturesBusy,
    PictureTooLarge,
    SignedInAlready,
    TooFast,
)
from accounts.limits import slow_down_coming_in
from accounts.models import Picture, User
from accounts.sessions import begin, begin_apart
from api.auth import Request
from api.contract import contract
from api.files import KNOWN, SAFE, TAGGED
from api.schemas import NO_NUL, GuestIn, GuestOut, Me, MePatch
from chatsite.files.filetypes import UNKNOWN
from chatsite.files.pictures import digest_of
from chatsite.files.ranges import is_known
from rooms import limits
from rooms.errors import ChunkTooLarge, NoSuchFile
from rooms.events import Json, person_json
from rooms.models import CHUNK_BYTES
from rooms.queries.access import last_visited

router = Router(tags=["people"])


def me_json(user: User) -> Json:
    return {
        **person_json(user),
        "is_guest": user.is_guest,
        "last_room": last_visited(user),
    }


@router.get("me", response={200: Me}, summary="Who am I, and where was I")
def get_me(request: Request) -> Json:
    return me_json(request.auth)


@router.patch("me", response={200: Me}, summary="Change how others see me")
@contract(BadDisplayName)
def change_me(request: Request, body: MePatch) -> Json:
    if body.display_name is not None:
        set_display_name(request.auth, display_name=body.display_name)
    return me_json(request.auth)


@router.put(
    "me/picture",
    response={200: Me},
    summary="Show a picture beside my name",
    description="The body is the picture's bytes, 4 MiB at most; its middle is kept as a small square.",
)
@contract(ChunkTooLarge, NoPicture, PictureTooLarge, PicturesBusy, limit=limits.FINISHING, takes=(UNKNOWN,))
def set_my_picture(request: Request) -> Json:
    data = request.read(CHUNK_BYTES + 1)
    if len(data) > CHUNK_BYTES:
        raise ChunkTooLarge(CHUNK_BYTES)
    set_picture(request.auth, file=BytesIO(data))
    return me_json(request.auth)


@router.delete("me/picture", response={200: Me}, summary="Show no picture")
def remove_my_picture(request: Request) -> Json:
    remove_picture(request.auth)
    return me_json(request.auth)


@router.get("people/{uuid:user_id}/picture", response={200: bytes, 304: None}, summary="Somebody's picture")
@contract(NoSuchFile, limit=limits.FETCHING, gives=("image/webp",), reads=KNOWN, sets=TAGGED)
def get_picture(request: Request, user_id: UUID, v: str = Query("", max_length=64, pattern=NO_NUL)) -> HttpResponse:
    found = Picture.objects.filter(user=user_id).first()
    if found is None:
        raise NoSuchFile
    etag = digest_of(bytes(found.image))
    # With `v` the picture at this address never changes; without it, it may change at any time.
    kept = "private, max-age=31536000, immutable" if v == etag else "private, no-cache"
    headers = {**SAFE, "Content-Type": "image/webp", "Cache-Control": kept, "ETag": f'"{etag}"'}
    if is_known(request.headers.get("If-None-Match"), f'"{etag}"'):
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(bytes(found.image), headers=headers)


@router.post(
    "guests",
    auth=None,
    response={201: GuestOut},
    summary="Come in as a guest",
    description=(
        "A page, which has the CSRF cookie and sends its token, is signed in by the session cookie. A client without "
        "cookies is given `session_token`, to be sent as `X-Session-Token`."
    ),
)
@contract(SignedInAlready, GuestsClosed, BadDisplayName, TooFast)
def enter_as_guest(request: HttpRequest, body: GuestIn) -> Status[Json]:
    is_page = settings.CSRF_COOKIE_NAME in request.COOKIES
    # What needs no sign-in is not checked by ninja; without it, a foreign page could sign its visitors in here.
    if is_page and check_csrf(request):
        raise HttpError(403, "CSRF")
    if request.user.is_authenticated:
        raise SignedInAlready
    slow_down_coming_in(request)
    guest = come_in_as_guest(display_name=body.display_name)
    if is_page:
        begin(request, guest)
        return Status(201, me_json(guest))
    return Status(201, {**me_json(guest), "session_token": begin_apart(request, guest)})
