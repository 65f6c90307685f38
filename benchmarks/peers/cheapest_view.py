"""A Django view that answers as ``GET /api/rooms/{id}/messages`` does, and does nothing else.

No middleware, no session, no membership, no limit: one query without the ORM's objects, and the bytes. It runs on the
site's own database.
"""

import os
from typing import Any
from uuid import UUID

os.environ["DJANGO_SETTINGS_MODULE"] = "chatsite.settings"

import django

django.setup()

from django.conf import settings  # noqa: E402 (after the set-up)
from django.core.asgi import get_asgi_application  # noqa: E402
from django.http import HttpRequest, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402

from rooms.events import instant  # noqa: E402
from rooms.models import PAGE_SIZE, Message, Room  # noqa: E402

COLUMNS = (
    "seq", "id", "kind", "talk", "body", "created_at", "hash", "client_id",
    "author_id", "author__username", "author__display_name", "author__picture",
)  # fmt: skip


def messages(request: HttpRequest, room_id: UUID) -> JsonResponse:
    is_start = "before" not in request.GET
    before = int(request.GET.get("before", 2**62))
    rows = Message.objects.filter(room=room_id, seq__lt=before).order_by("-seq").values_list(*COLUMNS)
    some = list(rows[: PAGE_SIZE + 1])
    head, head_hash = Room.objects.filter(pk=room_id).values_list("last_seq", "head_hash").get()
    page = [as_json(str(room_id), row) for row in some[:PAGE_SIZE][::-1]]
    return JsonResponse(
        {
            "messages": page,
            "head": head,
            "hash": bytes(head_hash).hex() if is_start else None,
            "around": None,
            "more": len(some) > PAGE_SIZE,
            "more_before": len(some) > PAGE_SIZE,
            "more_after": before <= head,
            "reset": False,
            "pins": [] if is_start else None,
            "read_only": False,
        }
    )


def as_json(room: str, row: tuple[Any, ...]) -> dict[str, Any]:
    seq, pk, kind, talk, body, at, row_hash, client_id, author, username, display_name, picture = row
    return {
        "seq": seq,
        "id": str(pk),
        "room": room,
        "kind": kind,
        "author": {
            "id": str(author),
            "username": username,
            "display_name": display_name or username,
            "picture": f"/api/people/{author}/picture?v={picture}" if picture else None,
        },
        "subject": None,
        "target_seq": None,
        "talk": talk,
        "body": body,
        "at": instant(at),
        "attachment": None,
        "redacted": False,
        "pinned": False,
        "hash": bytes(row_hash).hex(),
        "client_id": client_id,
    }


# After the set-up, in which apps look for theirs.
settings.MIDDLEWARE = []
settings.ROOT_URLCONF = __name__
urlpatterns = [path("api/rooms/<uuid:room_id>/messages", messages)]
application = get_asgi_application()
