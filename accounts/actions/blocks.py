"""Blocking a user, and letting them write again."""

from functools import partial

from django.db import transaction

from accounts import signals
from accounts.errors import Yourself
from accounts.models import Block, User


@transaction.atomic
def block_user(user: User, *, actor: User) -> None:
    """Keep ``user``'s private messages from ``actor``; nobody else learns of it."""
    if user.pk == actor.pk:
        raise Yourself
    Block.objects.get_or_create(blocker=actor, blocked=user)
    transaction.on_commit(partial(signals.blocks_changed.send, sender=User, user=actor))


@transaction.atomic
def unblock_user(user: User, *, actor: User) -> None:
    Block.objects.filter(blocker=actor, blocked=user).delete()
    transaction.on_commit(partial(signals.blocks_changed.send, sender=User, user=actor))
