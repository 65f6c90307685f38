"""The pages about rooms: read the request, call one action, choose the page."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Block, User
from chatsite import readonly
from chatsite.assets.plurals import plural_samples
from chatsite.text import one_line
from rooms import errors, events, limits
from rooms.actions.directs import open_direct
from rooms.actions.invitations import accept_invitation, look_at_invitation
from rooms.actions.memberships import give_up_and_leave, join_room, leave_room
from rooms.actions.rooms import delete_room
from rooms.forms import RoomForm
from rooms.models import ROOM_NAME_MAX_LENGTH, Membership, Message, Room
from rooms.queries import windows
from rooms.queries.member_lists import members_of
from rooms.queries.message_rows import SeenRow
from rooms.queries.pinned import pins_of
from rooms.realtime.presence.tracker import presence
from rooms.room_lists import lists_for, own_rooms
from rooms.views.common import SignedInRequest, as_refusal, page_number, refusals_as_pages, room_action

# Of a row of the page, what its scripts do not read.
UNREAD = {"id", "hash", "target_seq", "pinned"}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Welcome a stranger; lead a person back to the room where they last were."""
    if not isinstance(request.user, User):
        return render(request, "home.html")
    last_room = Membership.objects.last_visited(request.user)
    return redirect("room", last_room) if last_room else redirect("room_list")


@login_required
@require_safe
def room_list(request: SignedInRequest) -> HttpResponse:
    words = one_line(request.GET.get("q", "")[:ROOM_NAME_MAX_LENGTH])
    return render(
        request,
        "rooms/room_list.html",
        {
            "words": words,
            "websockets": settings.WEBSOCKETS,
            **lists_for(request.user, words, page_number(request)),
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
    room = Room.objects.with_pair().find(room_id)
    try:
        membership = room.admit(request.user)
    except (errors.JoinFirst, errors.Left):
        return render(request, "rooms/preview.html", {"room": room})
    if not readonly.switch.is_on():
        Membership.objects.filter(pk=membership.pk).update(visited_at=timezone.now())
    context = {
        "room": room,
        "membership": membership,
        "plurals": plural_samples(),
        "page_data": room_page_data(room, membership, request.user, linked(room) if linked else None),
        "name": room.name_for(request.user),
        "partner": room.partner_of(request.user),
    }
    return render(request, "rooms/room.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_as_pages
def invitation(request: SignedInRequest, code: str) -> HttpResponse:
    """Say where a link leads, and make who follows it a member."""
    limits.JOINING.spend(request.user.pk)
    if request.method == "POST":
        return redirect("room", accept_invitation(code, actor=request.user).room_id)
    found = look_at_invitation(code, actor=request.user)
    membership = found.room.membership_of(request.user)
    if membership is not None and membership.is_active:
        return redirect("room", found.room_id)
    return render(request, "rooms/invitation.html", {"invitation": found, "room": found.room})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_as_pages
def direct_open(request: SignedInRequest) -> HttpResponse:
    """Lead into the private talk with somebody."""
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


def room_page_data(room: Room, membership: Membership, user: User, linked: int | None) -> dict[str, Any]:
    """What the room page's scripts start from: a part of the transcript, and who is here."""
    return {
        "you": events.person_json(user),
        "room": events.room_json(room, membership, user),
        "rooms": [listed.json(user) for listed in own_rooms(user).rows],
        "blocked": [str(user_id) for user_id in Block.objects.blocked_by(user)],
        **transcript_data(room, membership, linked),
        # Of the row at the head, which may be none of those that are drawn: from there the page goes on.
        "hash": bytes(room.head_hash).hex(),
        "pins": [events.pin_json(pin) for pin in pins_of(room)],
        "present": presence.snapshot(room.pk),
        "websockets": settings.WEBSOCKETS,
        "files": file_limits(),
        "urls": {
            "list": reverse("room_list"),
            "room": reverse("room", args=[room.pk]),
            # The socket's address is not among Django's (rooms/routing.py).
            "socket": f"/ws/rooms/{room.pk}/",
            "messages": reverse("api-1:list_messages", args=[room.pk]),
            "read": reverse("api-1:mark_read", args=[room.pk]),
            "files": reverse("api-1:list_files", args=[room.pk]),
            "rooms": reverse("api-1:list_rooms"),
            "directs": reverse("api-1:open_direct"),
            "blocks": reverse("api-1:list_blocks"),
            "members": reverse("api-1:list_members", args=[room.pk]),
            "pins": reverse("api-1:list_pins", args=[room.pk]),
            "mine": reverse("api-1:mute_room", args=[room.pk]),
            "settings": reverse("room_settings", args=[room.pk]),
        },
    }


def transcript_data(room: Room, membership: Membership, linked: int | None) -> dict[str, Any]:
    """The rows that the page opens with: around the row that a link leads to or where unread ones begin, or the newest.

    ``window`` says which row that is; null with the newest rows.
    """
    seq = windows.first_unread(room, membership) if linked is None else linked
    if seq is None:
        rows = room.messages.filter(seq__lte=room.last_seq).newest()
        return {"messages": page_rows(rows), "more": bool(rows) and rows[0].seq > 1, "window": None}
    window = windows.around(room, seq)
    return {
        "messages": page_rows(window.rows),
        "more": window.more_before,
        "window": {
            "seq": window.seq,
            "is_link": linked is not None,
            # Otherwise it is the nearest.
            "is_found": window.seq == seq,
            "more_after": window.more_after,
        },
    }


def page_rows(rows: Sequence[Message | SeenRow]) -> list[events.Json]:
    """The rows without what no script of the page reads: it cannot be compressed, and was half of what they weigh.

    Which of them are pinned, the page is told beside them.
    """
    return [{key: value for key, value in events.message_json(row).items() if key not in UNREAD} for row in rows]


def file_limits() -> dict[str, Any]:
    """What can be said of a file before it travels; ``allowed`` is null where all but ``refused`` may be sent."""

    def endings(suffixes: frozenset[str]) -> list[str]:
        return [f".{suffix}" for suffix in sorted(suffixes)]

    return {
        "max_size": settings.FILES_MAX_SIZE,
        "allowed": endings(settings.FILES_ALLOWED) or None,
        "refused": endings(settings.FILES_REFUSED),
    }
