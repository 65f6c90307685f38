"""Pinning messages, so that everybody in the room finds them."""

from django.db import transaction

from accounts.models import User
from rooms import errors
from rooms.actions.moderation import talk_at
from rooms.log.append import announce
from rooms.models import PINS_MAX, Message, Room


@transaction.atomic
def pin_message(room: Room, *, actor: User, seq: int) -> Message | None:
    """Pin what was said at ``seq``; the row that says so, or None where it is pinned already."""
    room = Room.objects.locked(room.pk)
    room.require_admin(actor)
    message = talk_at(room, seq)
    if message.is_redacted:
        raise errors.Erased
    if message.is_pinned:
        return None
    if room.pin_count >= PINS_MAX:
        raise errors.TooManyPins
    return announce(room, actor=actor, kind=Message.Kind.PINNED, subject=message.author, target_seq=seq)


@transaction.atomic
def unpin_message(room: Room, *, actor: User, seq: int) -> Message | None:
    """Unpin what was said at ``seq``; the row that says so, or None where it is not pinned."""
    room = Room.objects.locked(room.pk)
    room.require_admin(actor)
    message = talk_at(room, seq)
    if not message.is_pinned:
        return None
    return announce(room, actor=actor, kind=Message.Kind.UNPINNED, subject=message.author, target_seq=seq)
