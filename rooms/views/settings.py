"""The page of a room's members and settings, and the buttons about the room on it."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import DISPLAY_NAME_MAX_LENGTH, Block
from chatsite.text import one_line
from rooms import errors
from rooms.actions.invitations import revoke_invitation
from rooms.actions.memberships import favour_room, mute_room
from rooms.actions.rooms import set_kind
from rooms.forms import AboutForm, AddMemberForm, InvitationForm
from rooms.models import INVITATIONS_SHOWN, Invitation, Membership, Room
from rooms.queries.member_lists import is_only_admin, members_of
from rooms.views.common import SignedInRequest, as_refusal, page_number, refusals_as_pages, settings_action


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_as_pages
def room_settings(request: SignedInRequest, room_id: UUID) -> HttpResponse:
    room = Room.objects.with_pair().find(room_id)
    membership = room.admit(request.user)
    if request.method != "POST":
        return settings_page(request, room, membership)
    about = AboutForm(request.POST)
    if about.change(room, actor=request.user):
        messages.success(request, _("Saved."))
        return redirect("room_settings", room_id)
    return settings_page(request, room, membership, about=about)


def settings_page(
    request: SignedInRequest, room: Room, membership: Membership, **forms: AboutForm | AddMemberForm | InvitationForm
) -> HttpResponse:
    """Show the page, with the forms that were refused as they were filled in."""
    words = one_line(request.GET.get("q", "")[:DISPLAY_NAME_MAX_LENGTH])
    context: dict[str, Any] = {
        "room": room,
        "name": room.name_for(request.user),
        "membership": membership,
        "partner": room.partner_of(request.user),
        "can_manage": membership.is_admin,
        # How many rows of the log are no messages: the page refreshes when there are more.
        "system_messages": str(room.last_seq - room.talk_count),
        "websockets": settings.WEBSOCKETS,
        "site_url": settings.SITE_URL,
        "words": words,
        "page": members_of(room, words=words, number=page_number(request)),
        "is_only_admin": is_only_admin(room, membership),
    }
    if membership.is_admin:
        context |= {
            "about": AboutForm(initial={"name": room.name, "topic": room.topic}),
            "add": AddMemberForm(),
            "invite": InvitationForm(),
            "invitations": Invitation.objects.newest_good(room)[:INVITATIONS_SHOWN],
        }
    if context["partner"]:
        context["is_blocked"] = context["partner"].pk in Block.objects.blocked_by(request.user)
    page = render(request, "rooms/settings.html", context | forms)
    refusal = next((form.refusal for form in forms.values() if form.refusal), None)
    return as_refusal(page, refusal) if refusal else page


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_as_pages
def room_kind(request: SignedInRequest, room_id: UUID) -> HttpResponse:
    """Make a room private or, after a page that says what it means, public."""
    room = Room.objects.find(room_id)
    refusal = None
    if request.method == "POST":
        try:
            set_kind(room, actor=request.user, kind=request.POST.get("kind", ""), confirm="confirm" in request.POST)
        except (errors.ConfirmPublic, errors.NameTaken) as error:
            refusal = error
        else:
            return redirect("room_settings", room_id)
    room.require_admin(request.user)
    if room.kind == Room.Kind.PUBLIC:
        return redirect("room_settings", room_id)
    page = render(request, "rooms/room_publish.html", {"room": room, "refusal": refusal})
    return as_refusal(page, refusal) if refusal else page


@settings_action
def room_mute(request: SignedInRequest, room_id: UUID) -> HttpResponse:
    mute_room(Room(pk=room_id), actor=request.user, muted=request.POST.get("muted") == "yes")
    return redirect("room_settings", room_id)


@settings_action
def room_favour(request: SignedInRequest, room_id: UUID) -> HttpResponse:
    favour_room(Room(pk=room_id), actor=request.user, favourite=request.POST.get("favourite") == "yes")
    return redirect("room_settings", room_id)


@settings_action
def invitation_new(request: SignedInRequest, room_id: UUID) -> HttpResponse:
    room = Room.objects.with_pair().find(room_id)
    membership = room.admit(request.user)
    form = InvitationForm(request.POST)
    if form.invite(room, actor=request.user):
        return redirect(f"{reverse('room_settings', args=[room_id])}#invitations")
    return settings_page(request, room, membership, invite=form)


@settings_action
def invitation_revoke(request: SignedInRequest, room_id: UUID, invitation_id: int) -> HttpResponse:
    revoke_invitation(Room(pk=room_id), actor=request.user, invitation_id=invitation_id)
    return redirect(f"{reverse('room_settings', args=[room_id])}#invitations")
