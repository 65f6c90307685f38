"""What is done to accounts beyond what allauth does."""

import secrets
from datetime import timedelta
from functools import partial
from typing import IO

from allauth.account import app_settings
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.signing import BadSignature, TimestampSigner
from django.db import connection, transaction
from django.db.models import Exists, ManyToOneRel, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts import signals
from accounts.audit import is_command_line, record
from accounts.errors import (
    BadDisplayName,
    GuestsClosed,
    LastSiteAdmin,
    LinkExpired,
    LinkUsed,
    NoGuest,
    NoPicture,
    NotAllRights,
    PicturesBusy,
    PictureTooLarge,
    Yourself,
)
from accounts.models import DISPLAY_NAME_MAX_LENGTH, GUEST_PREFIX, Block, PendingSignup, Picture, SiteSettings, User
from accounts.sessions import end_sessions
from accounts.signup import use_welcome
from chatsite.files import pictures
from chatsite.text import TextTooLongError, can_be_seen, one_line

SETUP_LINK_AGE = timedelta(days=1)
# A number for PostgreSQL's advisory locks that nothing else here uses.
SETUP_LOCK = 1_347_571
SIGNER = TimestampSigner(salt="accounts.first_admin")
# After this long without a sign of them, a guest does not come back: their session has long ended.
GUEST_AGE = timedelta(days=30)
# As long as a link that confirms an address is good (pending.py).
PENDING_AGE = timedelta(days=app_settings.EMAIL_CONFIRMATION_EXPIRE_DAYS)

# --- The first admin -------------------------------------------------------------------------------------------------


def needs_first_admin() -> bool:
    """Whether nobody can log in to the site as its admin."""
    return not User.objects.filter(is_superuser=True, is_active=True).exists()


def first_admin_link() -> str:
    """Return the path of the page that makes the first site admin: good for a day, and until there is one."""
    return reverse("first_admin", args=[SIGNER.sign("admin")])


def require_setup_token(token: str) -> None:
    """Raise ``LinkExpired`` or ``LinkUsed`` unless ``token``, from ``first_admin_link``, still opens the set-up."""
    try:
        SIGNER.unsign(token, max_age=SETUP_LINK_AGE)
    except BadSignature:  # an expired signature is one too
        raise LinkExpired from None
    if not needs_first_admin():
        raise LinkUsed


@transaction.atomic
def create_first_admin(*, token: str, username: str, email: str, password: str) -> User:
    """Make the site's first admin, whose address is taken as confirmed; of two calls at once, one makes it."""
    wait_for_setup()
    require_setup_token(token)
    user = User.objects.create_superuser(username=username, email=email, password=password)
    vouch_for_email(user)
    return user


@transaction.atomic
def vouch_for_email(user: User) -> None:
    """Make the person's ``email`` their one confirmed address, because a site admin typed it in."""
    EmailAddress.objects.filter(user=user).delete()
    if user.email:
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


def wait_for_setup() -> None:
    """Hold others back until this transaction ends. On SQLite, BEGIN IMMEDIATE has done so already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SETUP_LOCK])


# --- Names -----------------------------------------------------------------------------------------------------------


def clean_display_name(display_name: str) -> str:
    """Return the name on one line, or raise ``BadDisplayName`` where a part of it cannot be seen, or it is too long."""
    try:
        display_name = one_line(display_name)
    except TextTooLongError:
        raise BadDisplayName from None
    if not can_be_seen(display_name) or len(display_name) > DISPLAY_NAME_MAX_LENGTH:
        raise BadDisplayName
    return display_name


def set_display_name(user: User, *, display_name: str) -> None:
    """Change the name that others see. Without one they see the username; of a guest, they always see a name."""
    user.display_name = clean_display_name(display_name) if display_name.strip() or user.is_guest else ""
    user.save(update_fields=["display_name"])


def set_picture(user: User, *, file: IO[bytes]) -> None:
    """Show the middle of this picture beside somebody's name."""
    # Before the transaction: on SQLite it would keep everybody else from writing for as long as this takes.
    try:
        image = pictures.portrait(file, whose=user.pk)
    except pictures.PictureTooLargeError:
        raise PictureTooLarge from None
    except pictures.NoPictureError:
        raise NoPicture from None
    except pictures.BusyError:
        raise PicturesBusy from None
    keep_picture(user, image)


@transaction.atomic
def keep_picture(user: User, image: bytes) -> None:
    Picture.objects.update_or_create(user=user, defaults={"image": image})
    user.picture = pictures.digest_of(image)
    user.save(update_fields=["picture"])


@transaction.atomic
def remove_picture(user: User) -> None:
    Picture.objects.filter(user=user).delete()
    user.picture = ""
    user.save(update_fields=["picture"])


# --- Guests ----------------------------------------------------------------------------------------------------------


def takes_guests(site: SiteSettings | None = None) -> bool:
    """Whether a visitor may come in with a display name alone."""
    # A site that chooses its people does not let strangers in by another door.
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
    """The same by answers that were kept, or not; ``confirmed`` says whether the address is known to be theirs."""
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
    # The account before its rooms, as everywhere: somebody may be adding the person to a room.
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    signals.deleting.send(sender=User, user=user)
    end_sessions(UserSession.objects.filter(user=user))
    PendingSignup.objects.filter(user=user).delete()
    user.is_active = False
    user.save(update_fields=["is_active"])


def without_traces(people: QuerySet[User]) -> QuerySet[User]:
    """Return those to whom nothing refers, in any app, but what makes an account (addresses, sessions, picture)."""
    account = {EmailAddress, UserSession, PendingSignup, Picture}
    for relation in User._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel) and relation.related_model not in account:
            trace = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
            people = people.exclude(Exists(trace))
    return people


# --- Turning off and on ----------------------------------------------------------------------------------------------


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
    """Keep people with all rights from those without."""
    if over.is_superuser:
        require_all_rights(actor)


def require_all_rights(actor: User | None) -> None:
    if not is_command_line(actor) and not (actor and actor.is_superuser):
        raise NotAllRights


def other_site_admins(user: User) -> QuerySet[User]:
    return User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)


# --- Not hearing from somebody ---------------------------------------------------------------------------------------


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


# --- Going -----------------------------------------------------------------------------------------------------------


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
    # While the person is still themselves: the other apps say good-bye in their name.
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
