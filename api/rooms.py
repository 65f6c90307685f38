"""``/api/rooms``: finding, opening, naming, deleting, joining and leaving rooms."""

from contextlib import suppress
from typing import Literal
from uuid import UUID

from django.db import transaction
from ninja import Query, Router, Status

from api.auth import Request
from api.contract import ADMITTED, MANAGED, contract
from api.idempotency import idempotent
from api.schemas import NO_NUL, Cursor, MineIn, OldPage, RoomIn, RoomOut, RoomPatch, Rooms, rest_of
from rooms import errors, limits, room_lists
from rooms.actions import memberships, rooms as actions
from rooms.events import Json, room_json
from rooms.models import ROOM_NAME_MAX_LENGTH, Room

router = Router(tags=["rooms"])


@router.get(
    "",
    response={200: Rooms},
    summary="My rooms (private talks too), or the public ones; the newest talk first",
)
@contract(errors.BadCursor)
def list_rooms(
    request: Request,
    scope: Literal["mine", "public"] = "public",
    q: str = Query(
        "",
        max_length=ROOM_NAME_MAX_LENGTH,
        description="Words in the room's name, in any case or form.",
        pattern=NO_NUL,
    ),
    cursor: Cursor = "",
    page: OldPage = 1,
) -> Json:
    read = room_lists.own_rooms if scope == "mine" else room_lists.public_rooms
    found = read(request.auth, words=q, cursor=cursor, number=page)
    return {"rooms": [listed.json(request.auth) for listed in found.rows], **rest_of(found)}


@router.post("", response={201: RoomOut}, summary="Open a room")
@contract(
    errors.GuestsCannot, errors.BadKind, errors.BadName, errors.BadTopic, errors.NameTaken, limit=limits.OPENING_ROOMS
)
@idempotent
def open_room(request: Request, body: RoomIn) -> Status[Json]:
    room = actions.open_room(actor=request.auth, name=body.name, topic=body.topic, kind=body.kind)
    return Status(201, seen_by(request, room.pk))


@router.get("{uuid:room_id}", response={200: RoomOut}, summary="One room")
@contract(errors.NoSuchRoom, errors.RoomDeleted, errors.Removed)
def get_room(request: Request, room_id: UUID) -> Json:
    return seen_by(request, room_id)


@router.patch("{uuid:room_id}", response={200: RoomOut}, summary="Change name, topic or kind")
@contract(*MANAGED, errors.BadKind, errors.BadName, errors.BadTopic, errors.NameTaken, errors.ConfirmPublic)
def change_room(request: Request, room_id: UUID, body: RoomPatch) -> Json:
    actions.change_room(Room(pk=room_id), actor=request.auth, **body.dict())
    # A site admin, who may change it, need not be a member.
    return as_it_is(request, Room.objects.with_pair().find(room_id))


@router.delete("{uuid:room_id}", response={204: None}, summary="Delete a room")
@contract(*MANAGED)
def delete_room(request: Request, room_id: UUID) -> Status[None]:
    actions.delete_room(Room(pk=room_id), actor=request.auth)
    return Status(204, None)


@router.post("{uuid:room_id}/join", response={200: RoomOut}, summary="Join a public room")
@contract(errors.NoSuchPerson, errors.NoSuchRoom, errors.RoomDeleted, errors.Removed, limit=limits.JOINING)
def join_room(request: Request, room_id: UUID) -> Json:
    memberships.join_room(Room(pk=room_id), actor=request.auth)
    return seen_by(request, room_id)


@router.post("{uuid:room_id}/leave", response={204: None}, summary="Leave a room")
@contract(*ADMITTED, errors.LastAdmin, errors.GiveUpFirst)
def leave_room(request: Request, room_id: UUID) -> Status[None]:
    memberships.leave_room(Room(pk=room_id), actor=request.auth)
    return Status(204, None)


@router.patch("{uuid:room_id}/mine", response={200: RoomOut}, summary="What I set for myself in the room")
@contract(*ADMITTED)
def mute_room(request: Request, room_id: UUID, body: MineIn) -> Json:
    room = Room(pk=room_id)
    with transaction.atomic():
        if "muted" in body.model_fields_set:
            memberships.mute_room(room, actor=request.auth, muted=body.muted)
        if "favourite" in body.model_fields_set:
            memberships.favour_room(room, actor=request.auth, favourite=body.favourite)
    return seen_by(request, room_id)


def seen_by(request: Request, room_id: UUID) -> Json:
    """Return the room as the caller may see it: a public one also before joining."""
    room = Room.objects.with_pair().find(room_id)
    with suppress(errors.JoinFirst, errors.Left):
        room.admit(request.auth)
    return as_it_is(request, room)


def as_it_is(request: Request, room: Room) -> Json:
    return room_json(room, room.membership_of(request.auth), request.auth)
