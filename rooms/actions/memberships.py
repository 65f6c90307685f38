"""Who belongs to a room, and in which role."""

from functools import partial

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from chatsite import readonly
from rooms import errors, signals
from rooms.log import mentions
from rooms.log.append import announce
from rooms.models import Membership, Message, Room


@transaction.atomic
def join_room(room: Room, *, actor: User) -> Membership:
    """Make ``actor`` a member of a public room. Joining twice is joining once."""
    require_account(actor)
    room = Room.objects.locked(room.pk)
    membership = may_come_in(room, actor)
    if membership is not None and membership.is_active:
        return membership
    if room.kind != Room.Kind.PUBLIC:
        raise errors.NoSuchRoom
    return come_in(room, actor)


def may_come_in(room: Room, actor: User) -> Membership | None:
    """Return the membership that there is, or raise why ``actor`` can become no member of their own accord."""
    membership = room.membership_of(actor)
    if room.is_deleted:
        raise errors.RoomDeleted if membership else errors.NoSuchRoom
    if membership is not None and membership.is_removed:
        raise errors.Removed
    return membership


def come_in(room: Room, actor: User) -> Membership:
    """Make ``actor`` a member of ``room`` (locked by the caller), who has found that they may."""
    membership = _let_in(room, actor)
    announce(room, actor=actor, kind=Message.Kind.JOINED)
    have_an_admin(room)
    membership.refresh_from_db()
    return membership


@transaction.atomic
def leave_room(room: Room, *, actor: User) -> None:
    """End ``actor``'s own membership; an admin gives up that role before. A direct room is only put away."""
    room = Room.objects.locked(room.pk)
    membership = room.admit(actor)
    if room.is_direct:
        membership.hidden_talk, membership.visited_at = room.talk_count, None
        membership.save(update_fields=["hidden_talk", "visited_at"])
        tell_list_changed(actor)
        return
    if membership.is_admin:
        _require_another_admin(room, membership)
        raise errors.GiveUpFirst
    _let_out(room, membership, Membership.State.LEFT)
    announce(room, actor=actor, kind=Message.Kind.LEFT, subject=actor)


@transaction.atomic
def give_up_and_leave(room: Room, *, actor: User) -> None:
    """Give up the admin role and leave, both or neither."""
    if Room.objects.locked(room.pk).admit(actor).is_admin:
        revoke_admin(room, actor=actor, user=actor)
    leave_room(room, actor=actor)


@transaction.atomic
def add_member(room: Room, *, actor: User, user: User | None) -> Membership:
    """Make ``user`` a member, also after a removal."""
    is_there = user is not None and hold_account(user)
    room = Room.objects.locked(room.pk)
    # First: an actor who may not add members does not learn whether the user exists.
    room.require_admin(actor)
    if user is None or not is_there:
        raise errors.NoSuchPerson
    membership = room.membership_of(user)
    if membership is not None and membership.is_active:
        return membership
    membership = _let_in(room, user)
    announce(room, actor=actor, kind=Message.Kind.ADDED, subject=user)
    have_an_admin(room)
    membership.refresh_from_db()
    return membership


@transaction.atomic
def remove_member(room: Room, *, actor: User, user: User) -> None:
    """End ``user``'s membership until an admin adds them again."""
    room = Room.objects.locked(room.pk)
    room.require_admin(actor)
    membership = _membership_in(room, user)
    if membership.is_admin:
        _require_another_admin(room, membership)
        if membership.user_id == actor.pk:
            # Nobody gets around giving up the role, nor shuts themselves out by mistake.
            raise errors.GiveUpFirst
    _let_out(room, membership, Membership.State.REMOVED)
    room.invitations.filter(created_by=user, revoked_at=None).update(revoked_at=timezone.now())
    announce(room, actor=actor, kind=Message.Kind.REMOVED, subject=membership.user)


@transaction.atomic
def grant_admin(room: Room, *, actor: User, user: User) -> Membership:
    """Make a member an admin; all admins are equal."""
    room = Room.objects.locked(room.pk)
    room.require_admin(actor)
    membership = _membership_in(room, user)
    if not membership.is_admin:
        membership.role = Membership.Role.ADMIN
        membership.save(update_fields=["role"])
        announce(room, actor=actor, kind=Message.Kind.ADMIN_GRANTED, subject=membership.user)
    return membership


@transaction.atomic
def revoke_admin(room: Room, *, actor: User, user: User) -> Membership:
    """Take ``user``'s admin role; the last admin keeps it."""
    room = Room.objects.locked(room.pk)
    room.require_admin(actor)
    membership = _membership_in(room, user)
    if membership.is_admin:
        _give_up(room, membership, actor=actor)
    return membership


@transaction.atomic
def mute_room(room: Room, *, actor: User, muted: bool) -> Membership:
    """Keep what happens in the room from ``actor``'s notice, or bring it there again."""
    membership = Room.objects.find(room.pk).admit(actor)
    membership.is_muted = muted
    membership.save(update_fields=["is_muted"])
    tell_list_changed(actor)
    return membership


@transaction.atomic
def favour_room(room: Room, *, actor: User, favourite: bool) -> Membership:
    """Have the room above the others in ``actor``'s list, or among them again."""
    membership = Room.objects.find(room.pk).admit(actor)
    membership.is_favourite = favourite
    membership.save(update_fields=["is_favourite"])
    tell_list_changed(actor)
    return membership


@transaction.atomic
def end_memberships(user: User) -> None:
    """Have a user whose account ends leave all rooms. A room of which they are the only admin gets another one."""
    for room in _rooms_of(user):
        membership = room.membership_of(user)
        if membership is None or not membership.is_active:
            continue
        if room.is_direct:
            # A direct room keeps its pair, so the other user keeps the transcript.
            continue
        _let_out(room, membership, Membership.State.LEFT)
        # In a deleted room, too: it may be restored, and its rows tell who belongs to it.
        announce(room, kind=Message.Kind.LEFT, actor=user, subject=user)
        if not room.is_deleted:
            have_an_admin(room)


@transaction.atomic
def pass_on_admin(user: User) -> None:
    """Give each of somebody's rooms another admin, where none is left who can log in."""
    for room in _rooms_of(user):
        if not room.is_deleted:
            have_an_admin(room)


def mark_read(room: Room, *, actor: User, seq: int) -> None:
    """Remember that ``actor`` has read up to ``seq``; reading never goes back."""
    if readonly.switch.is_on():
        # No message up to there, so there is nothing to mark. It is no error: the next mark covers it.
        return
    row = room.messages.filter(seq__lte=seq, talk__isnull=False).order_by("-seq").only("talk").first()
    if row is None or row.talk is None:
        return
    if mentions.read_up_to(room, actor.pk, row.talk):
        news = {"user_id": actor.pk, "room_id": room.pk, "talk": row.talk}
        transaction.on_commit(partial(signals.read.send, sender=Room, **news))


def tell_list_changed(user: User) -> None:
    transaction.on_commit(partial(signals.list_changed.send, sender=Room, user_id=user.pk))


def _rooms_of(user: User) -> list[Room]:
    # In id order, so that two who take several rooms' locks cannot wait for each other.
    ids = Membership.objects.active().filter(user=user).values("room_id")
    return list(Room.objects.select_for_update().filter(pk__in=ids).order_by("pk"))


def have_an_admin(room: Room) -> None:
    """Where no admin is left who can log in, make the longest-standing member one; nobody did it, the row says."""
    members = room.memberships.active().filter(user__is_active=True).select_related("user")
    if room.is_direct or members.filter(role=Membership.Role.ADMIN).exists():
        return
    if heir := members.order_by("joined_at", "pk").first():
        heir.role = Membership.Role.ADMIN
        heir.save(update_fields=["role"])
        announce(room, kind=Message.Kind.ADMIN_GRANTED, actor=None, subject=heir.user)


def _membership_in(room: Room, user: User) -> Membership:
    membership = room.memberships.active().filter(user=user).select_related("user").first()
    if membership is None:
        raise errors.NotMember
    return membership


def hold_account(user: User) -> bool:
    """Hold an account until the transaction ends: one that is being closed leaves this room too, or does not get in.

    Before any room's lock, which is the order in which an account that ends takes them. Returns whether it is in use.
    """
    return bool(User.objects.select_for_update(no_key=True).filter(pk=user.pk, is_active=True))


def require_account(user: User) -> None:
    if not hold_account(user):
        raise errors.NoSuchPerson


def _let_in(room: Room, user: User) -> Membership:
    membership, _ = Membership.objects.update_or_create(
        room=room,
        user=user,
        defaults={
            "state": Membership.State.ACTIVE,
            "role": Membership.Role.MEMBER,
            # What was said before is history, not unread.
            "read_talk": room.talk_count,
            "unread_mentions": 0,
            "joined_at": timezone.now(),
        },
    )
    _count(room, 1)
    return membership


def _let_out(room: Room, membership: Membership, state: Membership.State) -> None:
    membership.state = state
    membership.role = Membership.Role.MEMBER
    membership.visited_at = None
    membership.save(update_fields=["state", "role", "visited_at"])
    _count(room, -1)


def _count(room: Room, change: int) -> None:
    room.member_count += change
    room.save(update_fields=["member_count"])


def _give_up(room: Room, membership: Membership, *, actor: User) -> None:
    _require_another_admin(room, membership)
    membership.role = Membership.Role.MEMBER
    membership.save(update_fields=["role"])
    announce(room, actor=actor, kind=Message.Kind.ADMIN_REVOKED, subject=membership.user)


def _require_another_admin(room: Room, membership: Membership) -> None:
    if not room.memberships.acting_admins().exclude(pk=membership.pk).exists():
        raise errors.LastAdmin
