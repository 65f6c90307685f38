"""``/api/rooms/{id}/members`` and who is here."""

from typing import Annotated
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from ninja import Query, Router, Status

from accounts.models import User
from api.auth import Request
from api.contract import ADMITTED, MANAGED, contract
from api.schemas import (
    NO_NUL,
    Candidates,
    Cursor,
    Member,
    MemberIn,
    Members,
    OldPage,
    PresenceOut,
    RoleIn,
    rest_of,
)
from chatsite.text import fold, one_line
from rooms import errors, limits
from rooms.actions import memberships as actions
from rooms.events import Json, person_json
from rooms.models import Membership, Room
from rooms.queries.member_lists import called
from rooms.queries.pagination import Page, page_of
from rooms.realtime.presence.tracker import presence

router = Router(tags=["members"])

Words = Annotated[
    str,
    Query(max_length=60, description="Words in their username or display name.", pattern=NO_NUL),
]
MEMBERS_PER_PAGE = 100
SUGGESTED = 8


def member_json(membership: Membership) -> Json:
    return {"person": person_json(membership.user), "role": membership.role}


@router.get("{uuid:room_id}/members", response={200: Members}, summary="Who belongs to the room")
@contract(*ADMITTED, errors.BadCursor)
def list_members(
    request: Request,
    room_id: UUID,
    cursor: Cursor = "",
    page: OldPage = 1,
    q: Words = "",
) -> Json:
    room = Room.objects.find(room_id)
    room.admit(request.auth)
    rows = room.memberships.active().filter(called(q)).select_related("user").order_by("user__username_folded")
    found: Page[Membership] = page_of(rows, number=page, cursor=cursor, size=MEMBERS_PER_PAGE)
    return {"members": [member_json(row) for row in found.rows], **rest_of(found)}


@router.post("{uuid:room_id}/members", response={201: Member}, summary="Add somebody")
@contract(*MANAGED, errors.NoSuchPerson)
def add_member(request: Request, room_id: UUID, body: MemberIn) -> Status[Json]:
    user = User.objects.named(body.username).first()
    added = actions.add_member(Room(pk=room_id), actor=request.auth, user=user)
    return Status(201, member_json(added))


@router.patch(
    "{uuid:room_id}/members/{uuid:user_id}",
    response={200: Member},
    summary="Grant or revoke the admin role",
)
@contract(*MANAGED, errors.NotMember, errors.LastAdmin)
def change_role(request: Request, room_id: UUID, user_id: UUID, body: RoleIn) -> Json:
    act = actions.grant_admin if body.role == "admin" else actions.revoke_admin
    return member_json(act(Room(pk=room_id), actor=request.auth, user=User(pk=user_id)))


@router.delete("{uuid:room_id}/members/{uuid:user_id}", response={204: None}, summary="Remove somebody")
@contract(*MANAGED, errors.NotMember, errors.LastAdmin, errors.GiveUpFirst)
def remove_member(request: Request, room_id: UUID, user_id: UUID) -> Status[None]:
    actions.remove_member(Room(pk=room_id), actor=request.auth, user=User(pk=user_id))
    return Status(204, None)


@router.get(
    "{uuid:room_id}/candidates",
    response={200: Candidates},
    summary="Whom an admin could add: usernames and names that begin like this",
)
@contract(*MANAGED, limit=limits.SUGGESTING)
def list_candidates(request: Request, room_id: UUID, q: Words = "") -> Json:
    room = Room.objects.find(room_id)
    room.require_admin(request.auth)
    return {"people": [person_json(user) for user in candidates(room, q)]}


def candidates(room: Room, words: str) -> list[User]:
    """Return some people who are no members now, by the beginning of what they are called."""
    words = one_line(words)
    if not words:
        return []
    called = Q(username_folded__startswith=fold(words)) | Q(display_name__istartswith=words)
    members = Membership.objects.active().filter(room=room, user=OuterRef("pk"))
    found = User.objects.filter(called, ~Exists(members), is_active=True).order_by("username_folded")
    return list(found[:SUGGESTED])


@router.get("{uuid:room_id}/presence", response={200: PresenceOut}, summary="Who is here")
@contract(*ADMITTED)
def get_presence(request: Request, room_id: UUID) -> Json:
    Room.objects.find(room_id).admit(request.auth)
    return presence_json(room_id)


def presence_json(room_id: UUID) -> Json:
    return presence.snapshot(room_id)
