"""Links by which people become members of a room."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.audit import record
from accounts.models import User
from rooms import errors
from rooms.actions.memberships import come_in, may_come_in, require_account
from rooms.models import INVITATION_AGE, INVITATION_MAX_AGE, INVITATION_MAX_USES, Invitation, Membership, Room


@transaction.atomic
def invite(room: Room, *, actor: User, age: timedelta = INVITATION_AGE, uses: int | None = None) -> Invitation:
    """Make a link that is good for ``age`` and for so many people; None: for any number."""
    room = Room.objects.locked(room.pk)
    room.require_admin(actor)
    is_good_number = uses is None or 1 <= uses <= INVITATION_MAX_USES
    if not timedelta(0) < age <= INVITATION_MAX_AGE or not is_good_number:
        raise errors.BadInvitationTerms
    made = Invitation.objects.create(room=room, created_by=actor, expires_at=timezone.now() + age, uses_left=uses)
    record("invited", actor=actor, target=room, detail=f"{made.expires_at:%Y-%m-%d %H:%M} UTC, {uses or 'any number'}")
    return made


@transaction.atomic
def revoke_invitation(room: Room, *, actor: User, invitation_id: int) -> Invitation:
    """End an invitation; ending it twice is ending it once."""
    room = Room.objects.locked(room.pk)
    room.require_admin(actor)
    invitation = room.invitations.filter(pk=invitation_id).first()
    if invitation is None:
        raise errors.NoSuchInvitation
    if invitation.revoked_at is None:
        invitation.revoked_at = timezone.now()
        invitation.save(update_fields=["revoked_at"])
        record("invitation_revoked", actor=actor, target=room)
    return invitation


def find_invitation(code: str) -> Invitation:
    """Return a good invitation with its room, or raise ``BadInvitation``."""
    found = Invitation.objects.good().select_related("room", "created_by").filter(code=code).first()
    if found is None:
        raise errors.BadInvitation
    return found


def preview_invitation(code: str, *, actor: User) -> Invitation:
    """Return a good invitation for ``actor`` to look at; who was removed learns nothing more of the room by it."""
    found = find_invitation(code)
    may_come_in(found.room, actor)
    return found


@transaction.atomic
def accept_invitation(code: str, *, actor: User) -> Membership:
    """Make ``actor`` a member of the room that the link leads into. A member uses nothing up."""
    require_account(actor)
    room_id: UUID = find_invitation(code).room_id
    room = Room.objects.locked(room_id)
    # Again, under the lock under which all uses are counted.
    invitation = find_invitation(code)
    membership = may_come_in(room, actor)
    if membership is not None and membership.is_active:
        return membership
    if room.is_direct:
        raise errors.BadInvitation
    Invitation.objects.filter(pk=invitation.pk).update(used=F("used") + 1, uses_left=F("uses_left") - 1)
    return come_in(room, actor)
