"""How a guest keeps their account where addresses are confirmed: asked for now, done by the link in the mail."""

from allauth.account.adapter import get_adapter
from allauth.account.internal.userkit import filter_users_by_email
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.signing import BadSignature, TimestampSigner
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.actions import PENDING_AGE, become_full, locked_guest
from accounts.errors import EmailTaken, PendingExpired, UsernameTaken
from accounts.models import PendingSignup, User
from accounts.signup import require_welcome

SIGNER = TimestampSigner(salt="accounts.pending")


@transaction.atomic
def ask_to_keep(guest: User, *, username: str, email: str, password: str, invitation: str = "") -> PendingSignup:
    """Note what a guest wants to become. Until the link is used that ``write_to`` sends, they stay a guest.

    A later request replaces an earlier one, whose link then no longer works.
    """
    user = locked_guest(guest)
    require_welcome(email=email, invitation=invitation)
    PendingSignup.objects.filter(user=user).delete()
    return PendingSignup.objects.create(
        user=user, username=username, email=email, password=make_password(password), invitation=invitation
    )


def write_to(pending: PendingSignup) -> None:
    """Send the link. If another account has the address, send a notice to its owner instead."""
    if filter_users_by_email(pending.email):
        get_adapter().send_account_already_exists_mail(pending.email)
        return
    link = f"{settings.SITE_URL}{reverse('account_keep_confirm', args=[SIGNER.sign(str(pending.pk))])}"
    get_adapter().send_mail("account/email/email_confirmation", pending.email, {"activate_url": link})


def pending_of(token: str) -> PendingSignup:
    """Return what the link in the mail is about, or raise ``PendingExpired``."""
    try:
        number = SIGNER.unsign(token, max_age=PENDING_AGE)
    except BadSignature:  # an expired signature is one too
        raise PendingExpired from None
    pending = PendingSignup.objects.filter(pk=number).select_related("user").first()
    if pending is None:
        raise PendingExpired
    return pending


@transaction.atomic
def keep_by_link(token: str) -> User:
    """Make the account a full one, now that the guest has shown the address; raise if a name was taken meanwhile.

    Their sessions end with it, as with every other password.
    """
    pending = pending_of(token)
    if User.objects.named(pending.username).exists():
        raise UsernameTaken
    if filter_users_by_email(pending.email):
        raise EmailTaken
    try:
        return become_full(pending, confirmed=True)
    except IntegrityError:  # in this very moment
        raise UsernameTaken from None
