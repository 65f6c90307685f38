"""A guest's answers, until they have shown that the address is theirs."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.users import USERNAME_MAX_LENGTH


class PendingSignup(models.Model):
    """A guest's answers in the form that keeps an account. Meanwhile the guest stays one, and the name free."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    username = models.CharField(max_length=USERNAME_MAX_LENGTH)
    email = models.EmailField()
    # The password's hash, as a full account has it.
    password = models.CharField(max_length=128)
    invitation = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("pending sign-up")
        verbose_name_plural = _("pending sign-ups")

    def __str__(self) -> str:
        return self.username
