"""What rooms do when something happened to somebody's account."""

from typing import Any

from django.dispatch import receiver

from accounts import signals
from accounts.models import User
from rooms.actions.files import drop
from rooms.actions.memberships import end_memberships, pass_on_admin
from rooms.models import Attachment


@receiver(signals.deleting)
def leave_all_rooms(user: User, **kwargs: Any) -> None:
    """In the account's own transaction: it is gone from its rooms when it is gone, or not at all."""
    end_memberships(user)
    # What was posted stays in the log.
    drop(Attachment.objects.filter(owner=user))


@receiver(signals.suspending)
def give_rooms_an_admin(user: User, **kwargs: Any) -> None:
    """In the transaction that suspends: no room is without an admin in between."""
    pass_on_admin(user)


@receiver(signals.reactivating)
def give_rooms_an_admin_again(user: User, **kwargs: Any) -> None:
    """Where all others are still turned off, there is nobody else to look after the room."""
    pass_on_admin(user)
