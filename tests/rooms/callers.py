"""People who call others by name."""

from django.db import transaction

from accounts.models import User
from rooms.actions.messages import post_message
from rooms.log import mentions
from rooms.models import Message, Room


def say(room: Room, author: User, *called: User) -> Message:
    """Say something that calls these users, as one action does it: the room is locked."""
    with transaction.atomic():
        held = Room.objects.locked(room.pk)
        words = f"To {[user.username for user in called]}"
        row = post_message(held, actor=author, client_id=str(held.last_seq), body=words).row
        mentions.call(row, [user.pk for user in called])
    return row
