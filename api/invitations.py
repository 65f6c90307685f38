"""``/api/rooms/{id}/invitations`` for a room's admins, and ``/api/invitations/{code}`` for who has a link."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from ninja import Path, Router, Status
from pydantic import Field

from api.auth import Request
from api.contract import MANAGED, contract
from api.idempotency import idempotent
from api.rooms import seen_by
from api.schemas import Cursor, InvitationIn, InvitationOut, InvitationPreview, Invitations, RoomOut, rest_of
from chatsite.text import LONGEST
from rooms import errors, limits
from rooms.actions import invitations as actions
from rooms.events import Json, instant, person_json
from rooms.models import INVITATIONS_SHOWN, Invitation, Room
from rooms.queries.pagination import Page, page_of

router = Router(tags=["invitations"])

Code = Annotated[str, Field(max_length=LONGEST, json_schema_extra={"minLength": 1, "pattern": r"^[^/\x00]+$"})]
# Larger numbers are answered like an invitation that does not exist.
Number = Annotated[int, Field(json_schema_extra={"minimum": 1})]


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


@router.get("rooms/{uuid:room_id}/invitations", response={200: Invitations}, summary="Good invitations")
@contract(*MANAGED, errors.BadCursor)
def list_invitations(request: Request, room_id: UUID, cursor: Cursor = "") -> Json:
    room = Room.objects.find(room_id)
    room.require_admin(request.auth)
    found: Page[Invitation] = page_of(Invitation.objects.newest_good(room), cursor=cursor, size=INVITATIONS_SHOWN)
    return {"invitations": [invitation_json(row) for row in found.rows], **rest_of(found)}


@router.post("rooms/{uuid:room_id}/invitations", response={201: InvitationOut}, summary="Make an invitation")
@contract(*MANAGED, limit=limits.INVITING)
@idempotent
def create_invitation(request: Request, room_id: UUID, body: InvitationIn) -> Status[Json]:
    age = timedelta(seconds=body.seconds)
    made = actions.invite(Room(pk=room_id), actor=request.auth, age=age, uses=body.uses)
    return Status(201, invitation_json(made))


@router.delete(
    "rooms/{uuid:room_id}/invitations/{int:invitation_id}",
    response={204: None},
    summary="Revoke an invitation",
)
@contract(*MANAGED, errors.NoSuchInvitation)
def revoke_invitation(request: Request, room_id: UUID, invitation_id: Path[Number]) -> Status[None]:
    actions.revoke_invitation(Room(pk=room_id), actor=request.auth, invitation_id=invitation_id)
    return Status(204, None)


@router.get("invitations/{code}", response={200: InvitationPreview}, summary="Where a link leads")
@contract(errors.BadInvitation, errors.RoomDeleted, errors.Removed, limit=limits.JOINING)
def get_invitation(request: Request, code: Code) -> Json:
    found = actions.preview_invitation(code, actor=request.auth)
    return {
        "room": {"id": str(found.room_id), "name": found.room.name},
        "topic": found.room.topic,
        "created_by": person_json(found.created_by),
    }


@router.post("invitations/{code}/accept", response={200: RoomOut}, summary="Become a member by a link")
@contract(errors.NoSuchPerson, errors.BadInvitation, errors.RoomDeleted, errors.Removed, limit=limits.JOINING)
def accept_invitation(request: Request, code: Code) -> Json:
    membership = actions.accept_invitation(code, actor=request.auth)
    return seen_by(request, membership.room_id)
