"""A row as JSON: the only serialiser, so that poll, socket, page and export cannot disagree."""

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.urls import reverse

from accounts.models import User
from rooms.models import Attachment, Membership, Message, Pin, Room
from rooms.queries.message_rows import SeenPerson, SeenRow

Json = dict[str, Any]

# Stands for the id in an address.
ANY_ID = UUID(int=0)


def encode(event: Json) -> str:
    """Return one event or answer as JSON text, without a space."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def address(operation: str, of: UUID) -> str:
    """Return the address of an operation of the API on the thing of this id."""
    before, after = _around_the_id(operation)
    return f"{before}{of}{after}"


@cache
def _around_the_id(operation: str) -> tuple[str, str]:
    # Once for each operation: a page of messages has hundreds of addresses, and reverse() takes long for each.
    before, _id, after = reverse(f"api-1:{operation}", args=[ANY_ID]).partition(str(ANY_ID))
    return before, after


def person_json(user: User | SeenPerson) -> Json:
    """``{id, username, display_name, picture}``; the display name is the username where none was chosen."""
    return {
        "id": str(user.pk),
        "username": user.username,
        "display_name": user.shown_name,
        "picture": f"{address('get_picture', user.pk)}?v={user.picture}" if user.picture else None,
    }


def instant(at: datetime) -> str:
    """``2026-11-20T21:00:00.123456Z``: UTC, always with microseconds, because the hash chain counts them."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def attachment_json(file: Attachment) -> Json:
    """A file: ``url`` saves it; the others, where they are not null, show something of it on a page."""
    is_image, is_text = file.kind == Attachment.Kind.IMAGE, file.kind == Attachment.Kind.TEXT
    is_played = file.kind in (Attachment.Kind.AUDIO, Attachment.Kind.VIDEO)
    return {
        "id": str(file.pk),
        "name": file.name,
        "size": file.size,
        "type": file.content_type,
        "kind": file.kind,
        "width": file.width,
        "height": file.height,
        "sha256": bytes(file.sha256).hex(),
        "url": address("get_file", file.pk),
        "view_url": address("view_file", file.pk) if is_image or is_played else None,
        "thumbnail_url": address("get_thumbnail", file.pk) if is_image else None,
        "preview_url": address("get_preview", file.pk) if is_text else None,
    }


def message_json(row: Message | SeenRow) -> Json:
    """The message of design §6, with the ``client_id`` by which its author's pages know it."""
    return {
        "seq": row.seq,
        "id": str(row.pk),
        "room": str(row.room_id),
        "kind": row.kind,
        "author": person_json(row.author) if row.author else None,
        "subject": person_json(row.subject) if row.subject else None,
        "target_seq": row.target_seq,
        "talk": row.talk,
        "body": row.body,
        "at": instant(row.created_at),
        "attachment": attachment_json(row.attachment) if row.attachment and not row.is_redacted else None,
        "redacted": row.is_redacted,
        "pinned": row.is_pinned,
        "hash": bytes(row.hash).hex(),
        "client_id": row.client_id,
    }


def message_event(row: Message | SeenRow) -> Json:
    return {"type": "message", **message_json(row)}


def pin_json(pin: Pin) -> Json:
    """A pinned message by its ``seq``: by whom, and when."""
    by = pin.row.author
    return {"seq": pin.message.seq, "by": person_json(by) if by else None, "at": instant(pin.row.created_at)}


def room_json(room: Room, membership: Membership | None, viewer: User | None) -> Json:
    """A room as one person sees it: ``role`` is null for who is not a member.

    ``partner`` is the other user of a direct room; without a viewer it is nobody, and a direct room has no name.
    """
    is_member = membership is not None and membership.is_active
    partner = room.partner_of(viewer) if viewer else None
    return {
        "id": str(room.pk),
        "name": room.name_for(viewer) if viewer else room.name,
        "kind": room.kind,
        "partner": person_json(partner) if partner else None,
        "topic": room.topic,
        "head": room.last_seq,
        "talk_count": room.talk_count,
        "member_count": room.member_count,
        "role": membership.role if membership and is_member else None,
        "unread": max(room.talk_count - membership.read_talk, 0) if membership and is_member else 0,
        "mentions": membership.unread_mentions if membership and is_member else 0,
        "muted": bool(membership and is_member and membership.is_muted),
        "favourite": bool(membership and is_member and membership.is_favourite),
        "talked_at": instant(room.talked_at),
        "opened_at": instant(room.created_at),
    }
