"""How many unread messages call each member by name: counted as it changes, so that nobody counts when it is read.

A membership is locked before its mentions are counted or removed, so that its number is theirs whatever comes at once.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce

from rooms import signals
from rooms.models import Membership, Mention, Message, Room


def call(message: Message, user_ids: Iterable[UUID]) -> None:
    """Call members by name in ``message``, just stored in this transaction; its room is locked by the caller.

    Left out are its author, who is no member, and who was called by it before.
    """
    others = set(user_ids) - {message.author_id}
    if not others:
        return
    others -= set(Mention.objects.filter(message=message).values_list("user_id", flat=True))
    found = list(message.room.memberships.active().filter(user__in=others).values_list("user_id", flat=True))
    if not found:
        return
    assert message.talk is not None
    _count_for(message, found, F("unread_mentions") + 1)
    Mention.objects.bulk_create(
        Mention(message=message, user_id=user_id, room_id=message.room_id, talk=message.talk) for user_id in found
    )


def withdraw(message: Message) -> None:
    """Remove the mentions in ``message``, whose words are being erased; its room is locked by the caller."""
    theirs = Mention.objects.filter(message=message)
    if called := list(theirs.values_list("user_id", flat=True)):
        _count_for(message, called, F("unread_mentions") - 1)
        theirs.delete()


def read_up_to(room: Room, user_id: UUID, talk: int) -> bool:
    """Let a member have read up to ``talk``, unless they have read further; return whether anything changed."""
    unread = room.memberships.active().filter(user=user_id, read_talk__lt=talk)
    # Most people are called in few rooms: one statement, which counts nothing.
    if unread.filter(unread_mentions=0).update(read_talk=talk):
        return True
    with transaction.atomic():
        # Locked first: a mention that was counted is seen by now, and one that waits for this lock adds itself after.
        membership = unread.filter(unread_mentions__gt=0).select_for_update().first()
        if membership is None:
            return False
        membership.read_talk = talk
        membership.unread_mentions = _unread_of(room.pk, user_id, talk)
        membership.save(update_fields=["read_talk", "unread_mentions"])
        _tell(room.pk, [user_id])
    return True


def fault_of(room: Room) -> str | None:
    """Return a sentence where a membership counts other mentions than there are; the room is locked by the caller."""
    if wrong := _counted(room).exclude(unread_mentions=F("found")).count():
        return f"{wrong} of its members have other mentions than are counted for them"
    return None


def recount(room: Room) -> None:
    """Count anew for each membership of ``room``, which is locked by the caller."""
    memberships = room.memberships.select_for_update().order_by("pk")
    # In two steps: first lock the memberships, so that no number changes while they are counted.
    list(memberships.values_list("pk", flat=True))
    for pk, found in _counted(room).exclude(unread_mentions=F("found")).values_list("pk", "found"):
        Membership.objects.filter(pk=pk).update(unread_mentions=found)


def _count_for(message: Message, user_ids: list[UUID], change: CombinedExpression) -> None:
    """In the order of memberships, so that two batches that call the same people cannot wait for each other."""
    members = Membership.objects.filter(room=message.room_id, user__in=user_ids, read_talk__lt=message.talk)
    locked = list(members.select_for_update().order_by("pk").values_list("pk", flat=True))
    Membership.objects.filter(pk__in=locked).update(unread_mentions=change)
    _tell(message.room_id, user_ids)


def _unread_of(room_id: UUID, user_id: UUID, read_talk: int) -> int:
    return Mention.objects.filter(room=room_id, user=user_id, talk__gt=read_talk).count()


def _counted(room: Room) -> "QuerySet[Any, Any]":
    theirs = Mention.objects.filter(room=OuterRef("room"), user=OuterRef("user"), talk__gt=OuterRef("read_talk"))
    counted = theirs.order_by().values("room").annotate(n=Count("pk")).values("n")
    return room.memberships.annotate(found=Coalesce(Subquery(counted), 0))


def _tell(room_id: UUID, user_ids: list[UUID]) -> None:
    transaction.on_commit(partial(signals.mentions.send, sender=Room, room_id=room_id, user_ids=user_ids))
