"""What stands between a right password and being logged in."""

from allauth.account.stages import EmailVerificationStage
from django.http import HttpResponseBase


class UserVerificationStage(EmailVerificationStage):
    """Ask people to confirm their address where the site does, but never a site admin.

    Only somebody with the server's command line or another site admin makes one, and vouches for them by that. An
    account from ``createsuperuser`` has no confirmed address, perhaps none at all, and asking for it would lock the
    only admin out of a site whose mail does not work yet.
    """

    def handle(self) -> tuple[HttpResponseBase | None, bool]:
        if self.login.user and self.login.user.is_superuser:
            return None, True
        return super().handle()
