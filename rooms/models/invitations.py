"""Links by which people become members of a room."""

import secrets
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from rooms.models.rooms import Room

# Longest and usual life of an invitation.
INVITATION_MAX_AGE = timedelta(days=365)
INVITATION_AGE = timedelta(days=7)
INVITATION_MAX_USES = 10_000
# As many as a list of them shows.
INVITATIONS_SHOWN = 100


def new_code() -> str:
    """Return 128 random bits: nobody guesses their way into a room."""
    return secrets.token_urlsafe(16)


def usual_end() -> datetime:
    return timezone.now() + INVITATION_AGE


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def good(self) -> Self:
        """Those by which somebody can still come in."""
        is_left = Q(uses_left=None) | Q(uses_left__gt=0)
        return self.filter(is_left, revoked_at=None, expires_at__gt=timezone.now(), room__deleted_at=None)

    def newest_good(self, room: Room) -> Self:
        return self.good().filter(room=room).select_related("created_by").order_by("-pk")


class Invitation(models.Model):
    """A link into a room, good until a day, for so many people (null: any number), or until it is revoked."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="invitations")
    code = models.CharField(_("code"), max_length=32, unique=True, default=new_code, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("made by")
    )
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("good until"), default=usual_end)
    uses_left = models.PositiveIntegerField(_("uses left"), null=True, blank=True)
    used = models.PositiveIntegerField(_("used"), default=0, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    objects: ClassVar[Any] = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("room invitation")
        verbose_name_plural = _("room invitations")

    def __str__(self) -> str:
        return f"{self.room} · {self.expires_at:%Y-%m-%d}"

    @property
    def is_good(self) -> bool:
        return self.revoked_at is None and self.uses_left != 0 and self.expires_at > timezone.now()
