"""Who does not want to hear from whom."""

from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.users import User


class BlockManager(models.Manager["Block"]):
    def stands_between(self, one: User, other: User) -> bool:
        """Whether either has blocked the other: which of them it was, nobody is told."""
        return self.filter(Q(blocker=one, blocked=other) | Q(blocker=other, blocked=one)).exists()

    def blocked_by(self, user: User) -> list[UUID]:
        return list(self.filter(blocker=user).order_by("pk").values_list("blocked_id", flat=True))


class Block(models.Model):
    """That ``blocker`` gets no private messages from ``blocked``, and sees their words folded away."""

    blocker = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    objects: ClassVar[BlockManager] = BlockManager()

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="accounts_block_once"),
            models.CheckConstraint(condition=~Q(blocker=F("blocked")), name="accounts_block_another"),
        ]

    def __str__(self) -> str:
        return f"{self.blocker} × {self.blocked}"
