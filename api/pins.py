"""``/api/rooms/{id}/pins``: the messages that are pinned in a room."""

from uuid import UUID

from ninja import Path, Router, Status

from api.auth import Request
from api.contract import ADMITTED, MANAGED, contract
from api.messages import RowSeq
from api.schemas import Pins
from rooms import errors, limits
from rooms.actions import pins as actions
from rooms.events import Json, message_json, pin_json
from rooms.models import Room
from rooms.queries.pinned import pins_with_messages

router = Router(tags=["messages"])


@router.get("{uuid:room_id}/pins", response={200: Pins}, summary="Which messages are pinned")
@contract(*ADMITTED, limit=limits.READING)
def list_pins(request: Request, room_id: UUID) -> Json:
    room = Room.objects.find(room_id)
    room.admit(request.auth)
    return {"pins": [{**pin_json(pin), "message": message_json(pin.message)} for pin in pins_with_messages(room)]}


@router.put("{uuid:room_id}/pins/{int:seq}", response={204: None}, summary="Pin a message")
@contract(*MANAGED, errors.NoSuchMessage, errors.Erased, errors.TooManyPins, limit=limits.PINNING)
def pin_message(request: Request, room_id: UUID, seq: Path[RowSeq]) -> Status[None]:
    actions.pin_message(Room(pk=room_id), actor=request.auth, seq=seq)
    return Status(204, None)


@router.delete("{uuid:room_id}/pins/{int:seq}", response={204: None}, summary="Unpin a message")
@contract(*MANAGED, errors.NoSuchMessage, limit=limits.PINNING)
def unpin_message(request: Request, room_id: UUID, seq: Path[RowSeq]) -> Status[None]:
    actions.unpin_message(Room(pk=room_id), actor=request.auth, seq=seq)
    return Status(204, None)
