"""Deleting an account for good."""

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models import Q

from accounts import signals
from accounts.actions.access import other_site_admins
from accounts.actions.first_admin import wait_for_setup
from accounts.errors import LastSiteAdmin
from accounts.models import Block, PendingSignup, Picture, User
from accounts.sessions import end_sessions


@transaction.atomic
def delete_account(user: User) -> None:
    """Empty somebody's account for good: what they wrote stays, under nobody's name, and all else about them goes."""
    if user.is_superuser:
        wait_for_setup()
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if user.deleted_at:
        return
    if user.is_superuser and not other_site_admins(user).exists():
        raise LastSiteAdmin
    # Before the name is gone: the other apps append rows about this user leaving.
    signals.deleting.send(sender=User, user=user)
    end_sessions(UserSession.objects.filter(user=user))
    EmailAddress.objects.filter(user=user).delete()
    PendingSignup.objects.filter(user=user).delete()
    Block.objects.filter(Q(blocker=user) | Q(blocked=user)).delete()
    Picture.objects.filter(user=user).delete()
    user.groups.clear()
    user.user_permissions.clear()
    user.empty()
    user.save()
