"""Reports of messages to the site's admins."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from rooms.models.messages import Message

REASON_MAX_LENGTH = 1_000


class Report(models.Model):
    """A user reports a message. A site admin erases it, or lets it stand."""

    class Outcome(models.TextChoices):
        OPEN = "open", _("waiting")
        REDACTED = "redacted", _("erased")
        DISMISSED = "dismissed", _("left as it is")

    message = models.ForeignKey(Message, models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("reporter"))
    reason = models.CharField(_("reason"), max_length=REASON_MAX_LENGTH, blank=True)
    created_at = models.DateTimeField(_("reported"), default=timezone.now, editable=False)
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome, default=Outcome.OPEN)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("handled by")
    )
    handled_at = models.DateTimeField(_("handled"), null=True)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.UniqueConstraint(fields=["message", "reporter"], name="rooms_report_once"),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["open", "redacted", "dismissed"]), name="rooms_report_outcome_is_known"
            ),
        ]
        indexes = [models.Index(fields=["outcome", "-created_at"], name="rooms_report_queue")]

    def __str__(self) -> str:
        return f"{self.message} · {self.reporter}"
