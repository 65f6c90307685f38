"""Direct rooms: one for each pair of users, for ever."""

from django.db import IntegrityError, transaction

from accounts.models import Block, User
from rooms import errors
from rooms.actions.memberships import require_account, tell_list_changed
from rooms.log.append import announce
from rooms.models import Membership, Message, Room


@transaction.atomic
def open_direct(*, actor: User, user: User | None) -> Room:
    """Return the room of ``actor`` and ``user``, made on the first call; it shows in ``actor``'s lists again."""
    if user is None:
        raise errors.NoSuchPerson
    if user.pk == actor.pk:
        raise errors.Yourself
    one, other = sorted((actor, user), key=lambda person: person.pk)
    room = Room.objects.filter(one=one, other=other).first()
    if room is not None:
        return _show_again(room, actor)
    # In id order, so that two who write to each other at once cannot wait for each other.
    for person in (one, other):
        require_account(person)
    if Block.objects.stands_between(one, other):
        raise errors.Blocked
    try:
        with transaction.atomic():
            room = Room.objects.create(kind=Room.Kind.DIRECT, one=one, other=other, created_by=actor, member_count=2)
    except IntegrityError:
        return _show_again(Room.objects.get(one=one, other=other), actor)
    Membership.objects.bulk_create([Membership(room=room, user=actor), Membership(room=room, user=user, hidden_talk=0)])
    announce(room, actor=actor, kind=Message.Kind.OPENED, subject=user)
    return room


def _show_again(room: Room, actor: User) -> Room:
    if room.memberships.filter(user=actor, hidden_talk__isnull=False).update(hidden_talk=None):
        tell_list_changed(actor)
    return room
