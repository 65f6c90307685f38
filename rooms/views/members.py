"""The buttons about a room's members."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from rooms import errors
from rooms.actions.memberships import grant_admin, remove_member, revoke_admin
from rooms.forms import AddMemberForm
from rooms.models import Membership, Room
from rooms.views.common import SignedInRequest, refusals_as_pages, settings_action
from rooms.views.rooms import appoint_first
from rooms.views.settings import settings_page


def to_members(room_id: UUID) -> HttpResponse:
    return redirect(f"{reverse('room_settings', args=[room_id])}#members")


@settings_action
def member_add(request: SignedInRequest, room_id: UUID) -> HttpResponse:
    room = Room.objects.with_pair().find(room_id)
    membership = room.admit(request.user)
    form = AddMemberForm(request.POST)
    added = form.add_to(room, actor=request.user)
    if not added:
        return settings_page(request, room, membership, add=form)
    messages.success(request, _("%(name)s is a member now.") % {"name": added.user.username})
    return to_members(room_id)


@settings_action
def member_role(request: SignedInRequest, room_id: UUID, user_id: UUID) -> HttpResponse:
    room = Room.objects.find(room_id)
    change = grant_admin if request.POST.get("role") == Membership.Role.ADMIN else revoke_admin
    try:
        change(room, actor=request.user, user=User(pk=user_id))
    except errors.LastAdmin as error:
        return appoint_first(request, room, error)
    return to_members(room_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_as_pages
def member_remove(request: SignedInRequest, room_id: UUID, user_id: UUID) -> HttpResponse:
    room = Room.objects.find(room_id)
    if request.method == "POST":
        remove_member(room, actor=request.user, user=User(pk=user_id))
        return to_members(room_id)
    room.require_admin(request.user)
    membership = room.memberships.active().filter(user=user_id).select_related("user").first()
    if membership is None:
        raise errors.NotMember
    return render(request, "rooms/member_remove.html", {"room": room, "member": membership.user})
