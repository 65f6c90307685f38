"""``/api/blocks``: whom one does not want to hear from."""

from uuid import UUID

from ninja import Router, Status

from accounts import actions
from accounts.models import Block, User
from rooms import errors
from rooms.api.auth import REFUSALS, Request
from rooms.api.schemas import Blocks
from rooms.events import Json, person_json

router = Router(tags=["people"])


@router.get("blocks", response={200: Blocks, **REFUSALS}, summary="Whom I have blocked")
def list_blocks(request: Request) -> Json:
    rows = Block.objects.filter(blocker=request.auth).select_related("blocked").order_by("pk")
    return {"people": [person_json(row.blocked) for row in rows]}


@router.put("blocks/{uuid:user_id}", response={204: None, **REFUSALS}, summary="Block somebody")
def block(request: Request, user_id: UUID) -> Status[None]:
    actions.block_person(person(user_id), actor=request.auth)
    return Status(204, None)


@router.delete("blocks/{uuid:user_id}", response={204: None, **REFUSALS}, summary="Hear from somebody again")
def unblock(request: Request, user_id: UUID) -> Status[None]:
    actions.unblock_person(person(user_id), actor=request.auth)
    return Status(204, None)


def person(user_id: UUID) -> User:
    found = User.objects.filter(pk=user_id).first()
    if found is None:
        raise errors.NoSuchPerson
    return found
