"""What it means that somebody has shown an address to be theirs: by confirming it, or by the link to a new password."""

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest

from accounts.models import User
from accounts.sessions import end_others


@transaction.atomic
def settle(address: EmailAddress, *, request: HttpRequest) -> None:
    """Give the account to whose address this is: what others may have added to it meanwhile goes.

    Those are the addresses that nobody has confirmed, those that came later than this one, and all other sessions. So
    whoever had the account before under somebody else's address has no way back.
    """
    others = EmailAddress.objects.filter(user=address.user).exclude(pk=address.pk)
    going = list(others.filter(Q(verified=False) | Q(pk__gt=address.pk)))
    EmailAddress.objects.filter(pk__in=[other.pk for other in going]).delete()
    address.set_as_primary(conditional=True)
    end_others(request, address.user)
    for other in going:
        if other.verified:
            tell_removed(address.user, email=other.email)


def settle_if_first(address: EmailAddress, *, request: HttpRequest) -> None:
    """The same, where no older address of the account has been confirmed before."""
    if not EmailAddress.objects.filter(user=address.user, verified=True, pk__lt=address.pk).exists():
        settle(address, request=request)


def settle_reset(user: User, *, request: HttpRequest) -> None:
    """The same for who has chosen a new password by the link in the mail, which they must have read."""
    address: EmailAddress | None = user.reset_address
    if address and address.set_verified():
        settle(address, request=request)


def tell_removed(user: User, *, email: str) -> None:
    """Tell an address that it is no longer one of the account's."""
    get_adapter().send_notification_mail("account/email/email_deleted", user, {"deleted_email": email}, email=email)
