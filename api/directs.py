"""``/api/directs``: the rooms of two users."""

from ninja import Router, Status

from accounts.models import User
from api.auth import Request
from api.contract import contract
from api.rooms import seen_by
from api.schemas import DirectIn, RoomOut
from rooms import errors, limits
from rooms.actions.directs import open_direct as open_direct_action
from rooms.events import Json

router = Router(tags=["private talks"])


@router.post("", response={200: RoomOut}, summary="Talk to one person: the same room each time")
@contract(errors.NoSuchPerson, errors.Yourself, errors.Blocked, limit=limits.OPENING_DIRECTS)
def open_direct(request: Request, body: DirectIn) -> Status[Json]:
    user = User.objects.named(body.username).first()
    room = open_direct_action(actor=request.auth, user=user)
    return Status(200, seen_by(request, room.pk))
