"""Stored answers, for requests that are sent again because the first answer got lost."""

from datetime import timedelta

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

IDEMPOTENCY_KEY_MAX_LENGTH = 255
ANSWERS_KEPT = timedelta(days=1)


class IdempotentAnswer(models.Model):
    """The answer to a request that a person sent under an Idempotency-Key; the limits bound how many there are."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=IDEMPOTENCY_KEY_MAX_LENGTH)
    # SHA-256 of what was asked.
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    answer = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("idempotent answer")
        verbose_name_plural = _("idempotent answers")
        constraints = [
            models.UniqueConstraint(fields=["person", "key"], name="rooms_idempotent_answer_key_unique"),
        ]

    def __str__(self) -> str:
        return self.key
