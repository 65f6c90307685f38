"""Guests: coming in, keeping the account as a full one, and being swept."""

import secrets
from datetime import timedelta

from allauth.account import app_settings
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Exists, ManyToOneRel, OuterRef, QuerySet
from django.utils import timezone

from accounts import signals
from accounts.actions.profiles import clean_display_name
from accounts.errors import GuestsClosed, NoGuest
from accounts.models import GUEST_PREFIX, PendingSignup, Picture, SiteSettings, User
from accounts.sessions import end_sessions
from accounts.signup import use_welcome

# A guest who was not seen for this long does not come back: their session has ended long ago.
GUEST_AGE = timedelta(days=30)
# As long as a link that confirms an address is good (pending.py).
PENDING_AGE = timedelta(days=app_settings.EMAIL_CONFIRMATION_EXPIRE_DAYS)


def takes_guests(site: SiteSettings | None = None) -> bool:
    """Whether a visitor may come in with a display name alone."""
    # A site that takes users by invitation only has no guests either.
    return bool(settings.GUESTS) and (site or SiteSettings.current()).sign_up == SiteSettings.SignUp.OPEN


def come_in_as_guest(*, display_name: str) -> User:
    """Make a person who has a display name and no more; the username of a guest always stands beside it."""
    if not takes_guests():
        raise GuestsClosed
    guest = User(
        username=f"{GUEST_PREFIX}{secrets.token_hex(4)}",
        display_name=clean_display_name(display_name),
        is_guest=True,
        seen_at=timezone.now(),
    )
    guest.set_unusable_password()
    guest.save(force_insert=True)
    return guest


@transaction.atomic
def keep_account(guest: User, *, username: str, email: str, password: str, invitation: str = "") -> User:
    """Make a guest's account a full one: the same person, with the same rooms and messages. It is signing up."""
    answers = PendingSignup(user=guest, username=username, email=email, invitation=invitation)
    answers.password = make_password(password)
    return become_full(answers, confirmed=False)


def become_full(answers: PendingSignup, *, confirmed: bool) -> User:
    """The same with stored answers; ``confirmed`` says whether the guest has shown that the address is theirs."""
    user = locked_guest(answers.user)
    use_welcome(email=answers.email, invitation=answers.invitation)
    user.username, user.email, user.password, user.is_guest = answers.username, answers.email, answers.password, False
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=confirmed)
    PendingSignup.objects.filter(user=user).delete()
    return user


def locked_guest(guest: User) -> User:
    """Return the guest's row, locked, or raise ``NoGuest``."""
    user = User.objects.select_for_update(no_key=True).get(pk=guest.pk)
    if not user.is_guest or not user.is_active:
        raise NoGuest
    return user


def sweep_guests() -> tuple[int, int]:
    """Remove the guests who have not been seen for long and left no trace; retire those who did.

    Whoever wrote keeps their name in the transcript. Nobody can sign in as them again, so they leave their rooms too.
    Returns how many were removed and how many retired.
    """
    absent = User.objects.filter(is_guest=True, is_active=True, seen_at__lt=timezone.now() - GUEST_AGE)
    removed = 0
    for guest in without_traces(absent):
        end_sessions(UserSession.objects.filter(user=guest))
        guest.delete()
        removed += 1
    retired = 0
    PendingSignup.objects.filter(created_at__lt=timezone.now() - PENDING_AGE).delete()
    for guest in absent:
        retire(guest)
        retired += 1
    return removed, retired


@transaction.atomic
def retire(user: User) -> None:
    """Close an account that nobody will come back to: its name stays where it was."""
    # Lock the account before its rooms, as everywhere: another transaction may be adding the user to a room.
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    signals.deleting.send(sender=User, user=user)
    end_sessions(UserSession.objects.filter(user=user))
    PendingSignup.objects.filter(user=user).delete()
    user.is_active = False
    user.save(update_fields=["is_active"])


def without_traces(people: QuerySet[User]) -> QuerySet[User]:
    """Return the accounts to which no row of any app refers, except addresses, sessions and the picture."""
    account = {EmailAddress, UserSession, PendingSignup, Picture}
    for relation in User._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel) and relation.related_model not in account:
            trace = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
            people = people.exclude(Exists(trace))
    return people
