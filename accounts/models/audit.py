"""Who did what to rooms and people: what a site admin looks at when something went wrong."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

DETAIL_MAX_LENGTH = 500
TARGET_NAME_MAX_LENGTH = 80


class AuditEntry(models.Model):
    """One action. Written by ``accounts.audit.record`` in the transaction of the action itself, and never changed.

    Names are kept as they were then. What it was done to is named by kind and id, for it may be gone by now.
    """

    at = models.DateTimeField(_("when"), default=timezone.now, editable=False, db_index=True)
    # Null: the site itself, such as when it passes on the admin role.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    action = models.CharField(_("did what"), max_length=40)
    target_kind = models.CharField(_("kind"), max_length=20, blank=True)
    target_id = models.CharField(max_length=40, blank=True, db_index=True)
    target_name = models.CharField(_("to what"), max_length=TARGET_NAME_MAX_LENGTH, blank=True)
    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("to whom")
    )
    detail = models.CharField(_("detail"), max_length=DETAIL_MAX_LENGTH, blank=True)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")

    def __str__(self) -> str:
        return f"{self.action} {self.target_name}".strip()
