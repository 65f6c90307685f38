"""``/api/me`` and ``/api/guests``."""

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Status
from ninja.errors import HttpError
from ninja.utils import check_csrf

from accounts.actions import come_in_as_guest, set_display_name
from accounts.errors import SignedInAlready
from accounts.limits import slow_down_coming_in
from accounts.models import User
from accounts.sessions import begin, begin_apart
from rooms.api.auth import REFUSALS, Request
from rooms.api.schemas import GuestIn, GuestOut, Me, MePatch
from rooms.events import Json, person_json
from rooms.models import Membership

router = Router(tags=["people"])


def me_json(user: User) -> Json:
    return {
        **person_json(user),
        "is_guest": user.is_guest,
        "last_room": Membership.objects.last_visited(user),
    }


@router.get("me", response={200: Me, **REFUSALS}, summary="Who am I, and where was I")
def me(request: Request) -> Json:
    return me_json(request.auth)


@router.patch("me", response={200: Me, **REFUSALS}, summary="Change how others see me")
def change_me(request: Request, body: MePatch) -> Json:
    if body.display_name is not None:
        set_display_name(request.auth, display_name=body.display_name)
    return me_json(request.auth)


@router.post(
    "guests",
    auth=None,
    response={201: GuestOut, **REFUSALS},
    summary="Come in as a guest",
    description=(
        "A page, which has the CSRF cookie and sends its token, is signed in by the session cookie. A client without "
        "cookies is given `session_token`, to be sent as `X-Session-Token`."
    ),
)
def come_in(request: HttpRequest, body: GuestIn) -> Status[Json]:
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
