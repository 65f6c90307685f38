"""``/api/blocks``: the users whom a user has blocked."""

from uuid import UUID

from ninja import Query, Router, Status

from accounts import actions
from accounts.errors import Yourself
from accounts.models import Block, User
from api.auth import Request
from api.contract import contract
from api.schemas import Blocks, Cursor, rest_of
from rooms import errors
from rooms.events import Json, person_json
from rooms.queries.pagination import Page, page_of

router = Router(tags=["people"])

# More than anybody has blocked: a program that knows no cursors gets the whole list in one page.
BLOCKS_MAX = 10_000


@router.get("blocks", response={200: Blocks}, summary="Whom I have blocked")
@contract(errors.BadCursor)
def list_blocks(
    request: Request,
    cursor: Cursor = "",
    limit: int = Query(BLOCKS_MAX, ge=1, le=BLOCKS_MAX),
) -> Json:
    rows = Block.objects.filter(blocker=request.auth).select_related("blocked").order_by("pk")
    found: Page[Block] = page_of(rows, cursor=cursor, size=limit)
    return {"people": [person_json(row.blocked) for row in found.rows], **rest_of(found)}


@router.put("blocks/{uuid:user_id}", response={204: None}, summary="Block somebody")
@contract(errors.NoSuchPerson, Yourself)
def block_user(request: Request, user_id: UUID) -> Status[None]:
    actions.block_user(person(user_id), actor=request.auth)
    return Status(204, None)


@router.delete("blocks/{uuid:user_id}", response={204: None}, summary="Hear from somebody again")
@contract(errors.NoSuchPerson)
def unblock_user(request: Request, user_id: UUID) -> Status[None]:
    actions.unblock_user(person(user_id), actor=request.auth)
    return Status(204, None)


def person(user_id: UUID) -> User:
    """Return a user by id, or raise ``NoSuchPerson``."""
    found = User.objects.filter(pk=user_id).first()
    if found is None:
        raise errors.NoSuchPerson
    return found
