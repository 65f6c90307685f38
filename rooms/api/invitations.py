"""``/api/rooms/{id}/invitations`` for a room's admins, and ``/api/invitations/{code}`` for who has a link."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from ninja import Router, Status
from pydantic import Field

from chatsite.text import LONGEST
from rooms import limits
from rooms.actions import invitations as actions
from rooms.api.auth import REFUSALS, Request
from rooms.api.rooms import seen_by
from rooms.api.schemas import InvitationIn, InvitationOut, InvitationPreview, Invitations, RoomOut
from rooms.events import Json, instant, person_json
from rooms.models import Invitation, Room

router = Router(tags=["invitations"])

Code = Annotated[str, Field(max_length=LONGEST)]


def address_of(invitation: Invitation) -> str:
    return f"{settings.SITE_URL}{reverse('invitation', args=[invitation.code])}"


def invitation_json(invitation: Invitation) -> Json:
    return {
        "id": invitation.pk,
        "code": invitation.code,
        "url": address_of(invitation),
        "created_by": person_json(invitation.created_by),
        "expires_at": instant(invitation.expires_at),
        "uses_left": invitation.uses_left,
        "used": invitation.used,
    }


@router.get("rooms/{uuid:room_id}/invitations", response={200: Invitations, **REFUSALS}, summary="Good invitations")
def list_invitations(request: Request, room_id: UUID) -> Json:
    room = Room.objects.find(room_id)
    room.require_admin(request.auth)
    return {"invitations": [invitation_json(row) for row in Invitation.objects.newest_good(room)]}


@router.post(
    "rooms/{uuid:room_id}/invitations", response={201: InvitationOut, **REFUSALS}, summary="Make an invitation"
)
def invite(request: Request, room_id: UUID, body: InvitationIn) -> Status[Json]:
    limits.INVITING.spend(request.auth.pk)
    age = timedelta(seconds=body.seconds)
    made = actions.invite(Room(pk=room_id), actor=request.auth, age=age, uses=body.uses)
    return Status(201, invitation_json(made))


@router.delete(
    "rooms/{uuid:room_id}/invitations/{int:invitation_id}",
    response={204: None, **REFUSALS},
    summary="Revoke an invitation",
)
def revoke_invitation(request: Request, room_id: UUID, invitation_id: int) -> Status[None]:
    actions.revoke_invitation(Room(pk=room_id), actor=request.auth, invitation_id=invitation_id)
    return Status(204, None)


@router.get("invitations/{code}", response={200: InvitationPreview, **REFUSALS}, summary="Where a link leads")
def preview(request: Request, code: Code) -> Json:
    limits.JOINING.spend(request.auth.pk)
    found = actions.look_at_invitation(code, actor=request.auth)
    return {
        "room": {"id": str(found.room_id), "name": found.room.name},
        "topic": found.room.topic,
        "created_by": person_json(found.created_by),
    }


@router.post("invitations/{code}/accept", response={200: RoomOut, **REFUSALS}, summary="Become a member by a link")
def accept(request: Request, code: Code) -> Json:
    limits.JOINING.spend(request.auth.pk)
    membership = actions.accept_invitation(code, actor=request.auth)
    return seen_by(request, membership.room_id)
