"""Who may log in, and who comes into the Django admin with which rights."""

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models import QuerySet

from accounts.actions.first_admin import wait_for_setup
from accounts.audit import is_command_line, record
from accounts.errors import LastSiteAdmin, NotAllRights
from accounts.models import User
from accounts.sessions import end_sessions


@transaction.atomic
def suspend(user: User, *, actor: User | None) -> None:
    """Turn an account off: signed out everywhere at once, and nobody's messages are touched."""
    require_rank(actor, over=user)
    if user.is_superuser:
        wait_for_setup()
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not user.is_active:
        return
    if user.is_superuser and not other_site_admins(user).exists():
        raise LastSiteAdmin
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_sessions(UserSession.objects.filter(user=user))
    record("suspended", actor=actor, subject=user)


@transaction.atomic
def reactivate(user: User, *, actor: User | None) -> None:
    """Let somebody log in again whose account was turned off; one that was deleted stays so."""
    require_rank(actor, over=user)
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if user.is_active or user.deleted_at:
        return
    user.is_active = True
    user.save(update_fields=["is_active"])
    record("reactivated", actor=actor, subject=user)


@transaction.atomic
def sign_out_everywhere(user: User, *, actor: User) -> None:
    """End all of somebody's sessions, and with them their sockets."""
    require_rank(actor, over=user)
    end_sessions(UserSession.objects.filter(user=user))
    record("signed_out", actor=actor, subject=user)


@transaction.atomic
def set_access(user: User, *, actor: User | None, is_staff: bool, is_superuser: bool) -> None:
    """Say whether somebody comes into the Django admin, and whether with all rights; the last such one keeps them."""
    require_all_rights(actor)
    wait_for_setup()
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if (user.is_staff, user.is_superuser) == (is_staff, is_superuser):
        return
    if user.is_superuser and not (is_staff and is_superuser) and not other_site_admins(user).exists():
        raise LastSiteAdmin
    user.is_staff, user.is_superuser = is_staff, is_superuser
    user.save(update_fields=["is_staff", "is_superuser"])
    rights = [name for name in ("is_staff", "is_superuser") if getattr(user, name)]
    record("access_changed", actor=actor, subject=user, detail=", ".join(rights))


def require_rank(actor: User | None, *, over: User) -> None:
    """Raise if ``actor``, who has not all rights, is about to change a user who has."""
    if over.is_superuser:
        require_all_rights(actor)


def require_all_rights(actor: User | None) -> None:
    if not is_command_line(actor) and not (actor and actor.is_superuser):
        raise NotAllRights


def other_site_admins(user: User) -> QuerySet[User]:
    return User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
