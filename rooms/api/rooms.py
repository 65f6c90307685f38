"""``/api/rooms``: finding, opening, naming, deleting, joining and leaving rooms."""

from contextlib import suppress
from typing import Literal
from uuid import UUID

from ninja import Query, Router, Status

from rooms import errors, limits, listing
from rooms.actions import memberships, rooms as actions
from rooms.api.auth import REFUSALS, Request
from rooms.api.schemas import PAGES_MAX, MineIn, RoomIn, RoomOut, RoomPatch, Rooms
from rooms.events import Json, room_json
from rooms.models import ROOM_NAME_MAX_LENGTH, Room

router = Router(tags=["rooms"])


@router.get(
    "",
    response={200: Rooms, **REFUSALS},
    summary="My rooms (private talks too), or the public ones; the newest talk first",
)
def list_rooms(
    request: Request,
    scope: Literal["mine", "public"] = "public",
    q: str = Query("", max_length=ROOM_NAME_MAX_LENGTH, description="Words in the room's name, in any case or form."),
    page: int = Query(1, ge=1, le=PAGES_MAX),
) -> Json:
    read = listing.own_rooms if scope == "mine" else listing.public_rooms
    found = read(request.auth, words=q, number=page)
    return {"rooms": [listed.json(request.auth) for listed in found.rows], "more": found.has_next}


@router.post("", response={201: RoomOut, **REFUSALS}, summary="Open a room")
def open_room(request: Request, body: RoomIn) -> Status[Json]:
    limits.OPENING_ROOMS.spend(request.auth.pk)
    room = actions.open_room(actor=request.auth, name=body.name, topic=body.topic, kind=body.kind)
    return Status(201, seen_by(request, room.pk))


@router.get("{uuid:room_id}", response={200: RoomOut, **REFUSALS}, summary="One room")
def get_room(request: Request, room_id: UUID) -> Json:
    return seen_by(request, room_id)


@router.patch("{uuid:room_id}", response={200: RoomOut, **REFUSALS}, summary="Change name, topic or kind")
def change_room(request: Request, room_id: UUID, body: RoomPatch) -> Json:
    actions.change_room(Room(pk=room_id), actor=request.auth, **body.dict())
    # A site admin, who may change it, need not be a member.
    return as_it_is(request, Room.objects.with_pair().find(room_id))


@router.delete("{uuid:room_id}", response={204: None, **REFUSALS}, summary="Delete a room")
def delete_room(request: Request, room_id: UUID) -> Status[None]:
    actions.delete_room(Room(pk=room_id), actor=request.auth)
    return Status(204, None)


@router.post("{uuid:room_id}/join", response={200: RoomOut, **REFUSALS}, summary="Join a public room")
def join_room(request: Request, room_id: UUID) -> Json:
    limits.JOINING.spend(request.auth.pk)
    memberships.join_room(Room(pk=room_id), actor=request.auth)
    return seen_by(request, room_id)


@router.post("{uuid:room_id}/leave", response={204: None, **REFUSALS}, summary="Leave a room")
def leave_room(request: Request, room_id: UUID) -> Status[None]:
    memberships.leave_room(Room(pk=room_id), actor=request.auth)
    return Status(204, None)


@router.patch("{uuid:room_id}/mine", response={200: RoomOut, **REFUSALS}, summary="Mute the room for me, or not")
def change_mine(request: Request, room_id: UUID, body: MineIn) -> Json:
    memberships.mute_room(Room(pk=room_id), actor=request.auth, muted=body.muted)
    return seen_by(request, room_id)


def seen_by(request: Request, room_id: UUID) -> Json:
    """Return the room as the caller may see it: a public one also before joining."""
    room = Room.objects.with_pair().find(room_id)
    with suppress(errors.JoinFirst, errors.Left):
        room.admit(request.auth)
    return as_it_is(request, room)


def as_it_is(request: Request, room: Room) -> Json:
    return room_json(room, room.membership_of(request.auth), request.auth)
