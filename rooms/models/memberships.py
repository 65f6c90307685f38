"""Who belongs to a room, and how."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from rooms.models.rooms import Room


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> Self:
        return self.filter(state=Membership.State.ACTIVE)

    def admins(self) -> Self:
        return self.active().filter(role=Membership.Role.ADMIN)

    def acting_admins(self) -> Self:
        """Admins who can act now: a suspended user cannot."""
        return self.admins().filter(user__is_active=True)

    def shown(self) -> Self:
        """Memberships whose room is in the user's lists."""
        return self.active().filter(
            Q(hidden_talk=None) | Q(room__talk_count__gt=F("hidden_talk")), room__deleted_at=None
        )

    def visited(self) -> Self:
        """Memberships whose room the user has visited, the one of the last visit first."""
        return self.active().filter(visited_at__isnull=False, room__deleted_at=None).order_by("-visited_at")


class Membership(models.Model):
    """A user belongs to a room, or once did. A removed user stays removed until an admin adds them."""

    class State(models.TextChoices):
        ACTIVE = "active", _("member")
        LEFT = "left", _("left")
        REMOVED = "removed", _("removed")

    class Role(models.TextChoices):
        MEMBER = "member", _("member")
        ADMIN = "admin", _("admin")

    room = models.ForeignKey(Room, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.ACTIVE)
    role = models.CharField(_("role"), max_length=6, choices=Role, default=Role.MEMBER)
    # The talk up to which the user has read: unread is room.talk_count - read_talk.
    read_talk = models.PositiveBigIntegerField(default=0, editable=False)
    # How many messages after it call the user by name: rows of `Mention`, counted by rooms/log/mentions.py.
    unread_mentions = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now, editable=False)
    # The user wants no notice of this room; what is unread is counted all the same.
    is_muted = models.BooleanField(_("muted"), default=False, editable=False)
    # Above the others in the user's list.
    is_favourite = models.BooleanField(_("favourite"), default=False, db_default=False, editable=False)
    # A direct room that was put away shows again once its talk_count is beyond this.
    hidden_talk = models.PositiveBigIntegerField(null=True, editable=False)
    # When the user last visited this room; the latest of a user's is their last room. Leaving clears it.
    visited_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[Any] = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["room", "user"], name="rooms_membership_once"),
            models.CheckConstraint(
                condition=Q(state="active") | Q(role="member"), name="rooms_membership_admin_is_active"
            ),
        ]
        # To find a user's rooms with unread mentions without reading the others.
        indexes = [
            models.Index(fields=["user"], condition=Q(unread_mentions__gt=0), name="rooms_membership_called"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.room}"

    @property
    def is_active(self) -> bool:
        return self.state == self.State.ACTIVE

    @property
    def is_removed(self) -> bool:
        return self.state == self.State.REMOVED

    @property
    def is_admin(self) -> bool:
        return self.is_active and self.role == self.Role.ADMIN
