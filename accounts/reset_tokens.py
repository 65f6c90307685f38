"""The links to a new password, each of which knows the address that it was sent to.

allauth's forms look this up while they are being imported (ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR): it imports none.
"""

from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse

from accounts.models import User


class ResetTokens(PasswordResetTokenGenerator):
    """A token is the number of ``user.reset_address`` and Django's token, which vouches for it."""

    def make_token(self, user: User) -> str:
        if user.reset_address is None:
            # allauth asks before it says to which address the link goes (adapters.py).
            return ""
        return f"{user.reset_address.pk}~{super().make_token(user)}"

    def check_token(self, user: User | None, token: str | None) -> bool:
        number, _, token = (token or "").partition("~")
        if user is None or not (number.isascii() and number.isdecimal() and len(number) < 19):
            return False
        user.reset_address = EmailAddress.objects.filter(user=user, pk=int(number)).first()
        return user.reset_address is not None and super().check_token(user, token)

    def _make_hash_value(self, user: User, timestamp: Any) -> str:
        # Other addresses make it void, as with allauth's own.
        emails = EmailAddress.objects.filter(user=user).order_by("email").values_list("email", flat=True)
        return "|".join([super()._make_hash_value(user, timestamp), str(user.reset_address.pk), *emails])


def reset_link(user: User, *, address: EmailAddress) -> str:
    """Return the link to a new password; whoever follows it has shown that ``address`` is theirs."""
    # Late, because allauth's forms are in there.
    from allauth.account.utils import user_pk_to_url_str

    user.reset_address = address
    ids = {"uidb36": user_pk_to_url_str(user), "key": ResetTokens().make_token(user)}
    return f"{settings.SITE_URL}{reverse('account_reset_password_from_key', kwargs=ids)}"
