"""``/api/rooms``: finding, opening, naming, deleting, joining and leaving rooms."""

from typing import Literal
from uuid import UUID

from django.db.models import QuerySet
from ninja import Query, Router, Status

from rooms import errors, limits
from rooms.actions import memberships, rooms as actions
from rooms.api.auth import REFUSALS, Request
from rooms.api.schemas import PAGES_MAX, RoomIn, RoomOut, RoomPatch, Rooms
from rooms.events import Json, room_json
from rooms.models import Membership, Room
from rooms.realtime.presence import presence

router = Router(tags=["rooms"])

ROOMS_PER_PAGE = 50


@router.get("", response={200: Rooms, **REFUSALS}, summary="My rooms, or the public ones")
def list_rooms(
    request: Request,
    scope: Literal["mine", "public"] = "public",
    q: str = Query("", description="Words in the room's name, in any case or form."),
    page: int = Query(1, ge=1, le=PAGES_MAX),
) -> Json:
    rooms: QuerySet[Room] = Room.objects.of(request.auth) if scope == "mine" else Room.objects.public()
    found = rooms.open().search(q).order_by("name_folded", "pk")  # type: ignore[attr-defined]
    start = (page - 1) * ROOMS_PER_PAGE
    some = list(found[start : start + ROOMS_PER_PAGE + 1])
    shown = some[:ROOMS_PER_PAGE]
    mine = {row.room_id: row for row in Membership.objects.active().filter(user=request.auth, room__in=shown)}
    here = presence.counts([room.pk for room in shown])
    return {
        "rooms": [{**room_json(room, mine.get(room.pk)), "here": here.get(room.pk, 0)} for room in shown],
        "more": len(some) > len(shown),
    }


@router.post("", response={201: RoomOut, **REFUSALS}, summary="Open a room")
def open_room(request: Request, body: RoomIn) -> Status[Json]:
    limits.OPENING_ROOMS.spend(request.auth.pk)
    room = actions.open_room(actor=request.auth, name=body.name, topic=body.topic, kind=body.kind)
    return Status(201, seen_by(request, room.pk))


@router.get("{uuid:room_id}", response={200: RoomOut, **REFUSALS}, summary="One room")
def get_room(request: Request, room_id: UUID) -> Json:
    return seen_by(request, room_id)


@router.patch("{uuid:room_id}", response={200: RoomOut, **REFUSALS}, summary="Change name or topic")
def change_room(request: Request, room_id: UUID, body: RoomPatch) -> Json:
    actions.change_room(Room(pk=room_id), actor=request.auth, name=body.name, topic=body.topic)
    return seen_by(request, room_id)


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


def seen_by(request: Request, room_id: UUID) -> Json:
    """Return the room as the caller may see it: a public one also before joining."""
    room = Room.objects.find(room_id)
    membership = room.membership_of(request.auth)
    try:
        room.admit_as(membership)
    except (errors.JoinFirst, errors.Left):
        membership = None
    return room_json(room, membership)
