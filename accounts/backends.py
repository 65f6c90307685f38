"""Log in by username, in any case or Unicode form, or by email address."""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.base_user import AbstractBaseUser

from accounts.models import User


class UsernameOrEmailBackend(AuthenticationBackend):
    def _authenticate_by_username(self, username: str, password: str) -> AbstractBaseUser | None:
        # allauth compares case only; a name typed in another Unicode form is the same name here.
        return self._check_password(User.objects.named(username).first(), password)
