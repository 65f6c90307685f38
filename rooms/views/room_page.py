"""What the room's page brings along for its scripts: people, rooms, a part of the transcript, limits and addresses."""

from collections.abc import Container, Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.models import Block, User
from rooms import events
from rooms.models import PAGE_SIZE, Membership, Room
from rooms.queries import message_rows, windows
from rooms.queries.message_rows import SeenRow
from rooms.queries.pinned import pins_of
from rooms.realtime.presence.tracker import presence
from rooms.room_lists import own_rooms

# Of a row, what no script of the page reads.
NOT_READ = {"id", "hash", "target_seq", "pinned"}
# Of a room in the list, the same: times and numbers compress badly.
NOT_LISTED = {"topic", "head", "member_count", "role", "talked_at", "opened_at"}


def room_page_data(room: Room, membership: Membership, user: User, linked: int | None) -> dict[str, Any]:
    """What the room page's scripts start from: a part of the transcript, and who is here."""
    return {
        "you": events.person_json(user),
        "room": events.room_json(room, membership, user),
        "rooms": [without(NOT_LISTED, listed.json(user)) for listed in own_rooms(user).rows],
        "blocked": [str(user_id) for user_id in Block.objects.blocked_by(user)],
        **transcript_data(room, membership, linked),
        # Of the row at the head, which may be none of those that are drawn: from there the page goes on.
        "hash": bytes(room.head_hash).hex(),
        "pins": [events.pin_json(pin) for pin in pins_of(room)],
        "present": presence.snapshot(room.pk),
        "websockets": settings.WEBSOCKETS,
        "hold_ms": user.undo_seconds * 1000,
        "files": file_limits(),
        "urls": {
            "list": reverse("room_list"),
            "room": reverse("room", args=[room.pk]),
            # The socket's address is not among Django's (rooms/routing.py).
            "socket": "/ws/",
            "poll": reverse("api-1:poll"),
            "messages": reverse("api-1:list_messages", args=[room.pk]),
            "read": reverse("api-1:mark_read", args=[room.pk]),
            "files": reverse("api-1:list_files", args=[room.pk]),
            "rooms": reverse("api-1:list_rooms"),
            "directs": reverse("api-1:open_direct"),
            "blocks": reverse("api-1:list_blocks"),
            "members": reverse("api-1:list_members", args=[room.pk]),
            "pins": reverse("api-1:list_pins", args=[room.pk]),
            "mine": reverse("api-1:mute_room", args=[room.pk]),
            "settings": reverse("room_settings", args=[room.pk]),
        },
    }


def transcript_data(room: Room, membership: Membership, linked: int | None) -> dict[str, Any]:
    """The rows that the page opens with: around the row that a link leads to or where unread ones begin, or the newest.

    ``window`` says which row that is; null with the newest rows.
    """
    seq = windows.first_unread(room, membership) if linked is None else linked
    if seq is None:
        rows = message_rows.before(room.pk, room.last_seq + 1, PAGE_SIZE)[::-1]
        return {"messages": page_rows(rows), "more": bool(rows) and rows[0].seq > 1, "window": None}
    window = windows.around(room, seq)
    return {
        "messages": page_rows(window.rows),
        "more": window.more_before,
        "window": {
            "seq": window.seq,
            "is_link": linked is not None,
            # Otherwise it is the nearest.
            "is_found": window.seq == seq,
            "more_after": window.more_after,
        },
    }


def page_rows(rows: Sequence[SeenRow]) -> list[events.Json]:
    """The rows without what no script of the page reads: it cannot be compressed, and was half of what they weigh.

    Which of them are pinned, the page is told beside them.
    """
    return [without(NOT_READ, events.message_json(row)) for row in rows]


def without(names: Container[str], shape: events.Json) -> events.Json:
    return {name: value for name, value in shape.items() if name not in names}


def file_limits() -> dict[str, Any]:
    """What can be said of a file before it travels; ``allowed`` is null where all but ``refused`` may be sent."""

    def endings(suffixes: frozenset[str]) -> list[str]:
        return [f".{suffix}" for suffix in sorted(suffixes)]

    return {
        "max_size": settings.FILES_MAX_SIZE,
        "allowed": endings(settings.FILES_ALLOWED) or None,
        "refused": endings(settings.FILES_REFUSED),
    }
