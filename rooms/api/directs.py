"""``/api/directs``: private talks between two people."""

from ninja import Router, Status

from accounts.models import User
from rooms import limits
from rooms.actions.directs import open_direct as open_direct_action
from rooms.api.auth import REFUSALS, Request
from rooms.api.rooms import seen_by
from rooms.api.schemas import DirectIn, RoomOut
from rooms.events import Json

router = Router(tags=["private talks"])


@router.post("", response={200: RoomOut, **REFUSALS}, summary="Talk to one person: the same room each time")
def open_direct(request: Request, body: DirectIn) -> Status[Json]:
    limits.OPENING_DIRECTS.spend(request.auth.pk)
    user = User.objects.named(body.username).first()
    room = open_direct_action(actor=request.auth, user=user)
    return Status(200, seen_by(request, room.pk))
