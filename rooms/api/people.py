"""``/api/me``."""

from ninja import Router

from rooms.api.auth import REFUSALS, Request
from rooms.api.schemas import Me
from rooms.events import Json, person_json
from rooms.models import Membership

router = Router(tags=["people"])


@router.get("me", response={200: Me, **REFUSALS}, summary="Who am I, and where was I")
def me(request: Request) -> Json:
    user = request.auth
    return {
        **person_json(user),
        "is_guest": user.is_guest,
        "last_room": Membership.objects.last_visited(user),
    }
