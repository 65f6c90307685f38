"""Log in by username, in any case or Unicode form, or by email address."""

from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.models import EmailAddress
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import DEFAULT_DB_ALIAS
from django.http import HttpRequest

from accounts.models import User
from chatsite.statements import Prepared


def account_of(*, username: str = "", email: str = "") -> User | None:
    """Return whose account a name or an address opens: one at most, so that one guess tries one password.

    Of several who gave the same address, it is whose who has confirmed it, or else whose main address it is.
    """
    if username and "@" not in username:
        return User.objects.named(username).first()
    email = (email or username).lower()
    given = EmailAddress.objects.filter(email=email).select_related("user").order_by("-verified", "-primary", "pk")
    if address := given.first():
        return address.user
    return User.objects.filter(email=email).first() if email else None


COLUMNS = tuple(field.attname for field in User._meta.concrete_fields)
_USER = Prepared(lambda ids: User.objects.filter(pk__in=ids).values_list(*COLUMNS))


class UsernameOrEmailBackend(AuthenticationBackend):
    def get_user(self, user_id: UUID) -> User | None:
        for row in _USER.rows([user_id]):
            user = User.from_db(DEFAULT_DB_ALIAS, COLUMNS, row)
            return user if self.user_can_authenticate(user) else None
        return None

    def _authenticate(self, request: HttpRequest | None, **credentials: str) -> AbstractBaseUser | None:
        account = account_of(username=credentials.get("username", ""), email=credentials.get("email", ""))
        return self._check_password(account, credentials["password"])
