"""The pages about rooms: read the request, call one action, choose the page."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.limits import slow_down_following
from accounts.models import User
from chatsite import readonly
from chatsite.text import one_line
from rooms import errors, limits
from rooms.actions.directs import open_direct
from rooms.actions.invitations import accept_invitation, find_invitation, preview_invitation
from rooms.actions.memberships import give_up_and_leave, join_room, leave_room
from rooms.actions.rooms import delete_room
from rooms.forms import RoomForm
from rooms.models import ROOM_NAME_MAX_LENGTH, Membership, Room
from rooms.queries import access, windows
from rooms.queries.member_lists import is_only_admin, members_of
from rooms.room_lists import lists_for
from rooms.views.common import SignedInRequest, as_refusal, page_number, refusals_as_pages, room_action
from rooms.views.room_page import room_page_data

# The lists of the page of rooms, which have pages of their own.
LISTS = ("mine", "directs", "page")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Welcome a stranger; lead a person back to the room where they last were."""
    if not isinstance(request.user, User):
        return render(request, "home.html")
    last_room = access.last_visited(request.user)
    return redirect("room", last_room) if last_room else redirect("room_list")


@login_required
@require_safe
def room_keys(request: HttpRequest) -> HttpResponse:
    """What the keys of a room's page do: a part of that page, which asks for it."""
    return render(request, "rooms/keys.html")


@login_required
@require_safe
def room_list(request: SignedInRequest) -> HttpResponse:
    words = one_line(request.GET.get("q", "")[:ROOM_NAME_MAX_LENGTH])
    numbers = {name: page_number(request, name) for name in LISTS}
    return render(
        request,
        "rooms/room_list.html",
        {
            "words": words,
            "websockets": settings.WEBSOCKETS,
            # Not at the beginning of each list: what is not here may be before it.
            "is_further": max(numbers.values()) > 1,
            **lists_for(request.user, words, **numbers),
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def room_new(request: SignedInRequest) -> HttpResponse:
    form = RoomForm(request.POST or None, initial={"name": request.GET.get("name", "")})
    room = form.open(actor=request.user)
    if room:
        return redirect("room", room.pk)
    page = render(request, "rooms/room_new.html", {"form": form})
    return as_refusal(page, form.refusal) if isinstance(form.refusal, errors.TooFast | errors.TryAgain) else page


# Not kept by the browser: after a log-out, "Back" on a shared machine may not show the transcript.
@never_cache
@login_required
@require_safe
@refusals_as_pages
def room(request: SignedInRequest, room_id: UUID) -> HttpResponse:
    return show_room(request, room_id)


@never_cache
@login_required
@require_safe
@refusals_as_pages
def room_at(request: SignedInRequest, room_id: UUID, seq: int) -> HttpResponse:
    """The room, opened at a message, or at the nearest one where there is none of this number."""
    return show_room(request, room_id, lambda room: seq)


@never_cache
@login_required
@require_safe
@refusals_as_pages
def room_on_day(request: SignedInRequest, room_id: UUID, day: date) -> HttpResponse:
    """The room, opened where this day (UTC) begins."""
    return show_room(request, room_id, lambda room: windows.seq_of_day(room, day))


def show_room(request: SignedInRequest, room_id: UUID, linked: Callable[[Room], int] | None = None) -> HttpResponse:
    """Show a member the room, and who may join it what it is about; ``linked`` says at which row it opens."""
    try:
        room, membership = access.admit(room_id, request.user)
    except (errors.JoinFirst, errors.Left):
        return render(request, "rooms/preview.html", {"room": Room.objects.find(room_id)})
    if not readonly.switch.is_on():
        Membership.objects.filter(pk=membership.pk).update(visited_at=timezone.now())
    context = {
        "room": room,
        "membership": membership,
        "is_only_admin": is_only_admin(room, membership),
        "page_data": room_page_data(room, membership, request.user, linked(room) if linked else None),
        "name": room.name_for(request.user),
        "partner": room.partner_of(request.user),
    }
    return render(request, "rooms/room.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_as_pages
def invitation(request: HttpRequest, code: str) -> HttpResponse:
    """Say who invites into which room, and make who follows the link a member; strangers are led to sign up."""
    if not isinstance(request.user, User):
        if request.method == "POST":
            return redirect_to_login(request.get_full_path())
        slow_down_following(request)
        found = find_invitation(code)
        return render(request, "rooms/invitation.html", {"invitation": found, "room": found.room})
    limits.JOINING.spend(request.user.pk)
    if request.method == "POST":
        return redirect("room", accept_invitation(code, actor=request.user).room_id)
    found = preview_invitation(code, actor=request.user)
    membership = found.room.membership_of(request.user)
    if membership is not None and membership.is_active:
        return redirect("room", found.room_id)
    return render(request, "rooms/invitation.html", {"invitation": found, "room": found.room})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_as_pages
def direct_open(request: SignedInRequest) -> HttpResponse:
    """Lead into the direct room with somebody."""
    if request.method != "POST":
        return redirect("room_list")
    limits.OPENING_DIRECTS.spend(request.user.pk)
    partner = User.objects.named(request.POST.get("username", "")).first()
    return redirect("room", open_direct(actor=request.user, user=partner).pk)


@room_action
def room_join(request: SignedInRequest, room_id: UUID) -> HttpResponse:
    limits.JOINING.spend(request.user.pk)
    join_room(Room.objects.find(room_id), actor=request.user)
    return redirect("room", room_id)


@room_action
def room_leave(request: SignedInRequest, room_id: UUID) -> HttpResponse:
    room = Room.objects.with_pair().find(room_id)
    leave = give_up_and_leave if "give_up" in request.POST else leave_room
    try:
        leave(room, actor=request.user)
    except errors.LastAdmin as error:
        return appoint_first(request, room, error)
    left = _("You have put away the talk with %(room)s.") if room.is_direct else _("You have left “%(room)s”.")
    messages.success(request, left % {"room": room.name_for(request.user)})
    return redirect("room_list")


def appoint_first(request: SignedInRequest, room: Room, error: errors.LastAdmin) -> HttpResponse:
    """Refuse the only admin, and offer the members of whom one could be the next."""
    context = {"room": room, "error": error, "page": members_of(room, but=request.user)}
    return as_refusal(render(request, "rooms/appoint.html", context), error)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_as_pages
def room_delete(request: SignedInRequest, room_id: UUID) -> HttpResponse:
    room = Room.objects.find(room_id)
    if request.method == "POST":
        delete_room(room, actor=request.user)
        messages.success(request, _("“%(room)s” has been deleted. Nobody can enter it any more.") % {"room": room})
        return redirect("room_list")
    room.require_admin(request.user)
    return render(request, "rooms/room_delete.html", {"room": room})
