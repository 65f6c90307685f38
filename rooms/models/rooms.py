"""The room, and the head of its log."""

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.audit import is_command_line
from accounts.models import User
from chatsite.text import fold, one_line
from rooms import errors

if TYPE_CHECKING:
    from rooms.models.memberships import Membership

ROOM_NAME_MAX_LENGTH = 80
TOPIC_MAX_LENGTH = 200
# How long a site admin can bring back a deleted room; then `manage.py purge_deleted` removes it for good.
KEPT_DELETED = timedelta(days=30)
# Seconds: many messages of one second move a room in the index of talked_at once.
TALKED_EVERY = 1.0
# The hash before a room's first row.
GENESIS = bytes(32)


class RoomQuerySet(models.QuerySet["Room"]):
    def open(self) -> Self:
        return self.filter(deleted_at=None)

    def public(self) -> Self:
        return self.filter(kind=Room.Kind.PUBLIC)

    def search(self, words: str, *, by: User | None = None) -> Self:
        """Rooms with these words in their name, which for a direct room is the name of its user who is not ``by``."""
        words = fold(one_line(words))
        found = Q(name_folded__contains=words) & ~Q(kind="direct")
        if by is not None:
            found |= Q(one=by, other__username_folded__contains=words)
            found |= Q(other=by, one__username_folded__contains=words)
        return self.filter(found) if words else self

    def of(self, user: User) -> Self:
        """Rooms that this person is an active member of."""
        return self.filter(memberships__user=user, memberships__state="active")

    def with_pair(self) -> Self:
        return self.select_related("one", "other")

    def expired(self) -> Self:
        """Rooms that were deleted so long ago that nobody can restore them."""
        return self.filter(deleted_at__lt=timezone.now() - KEPT_DELETED)

    def find(self, room_id: uuid.UUID) -> "Room":
        """Return a room by id, or raise ``NoSuchRoom``."""
        room = self.filter(pk=room_id).first()
        if room is None:
            raise errors.NoSuchRoom
        return room

    def locked(self, room_id: uuid.UUID) -> "Room":
        """Return the room, holding its row until the transaction ends; seq order is the order of this lock."""
        room = self.select_for_update().filter(pk=room_id).first()
        if room is None:
            raise errors.NoSuchRoom
        return room


class Room(models.Model):
    """A room and the head of its log: ``last_seq`` rows, of which ``talk_count`` are talk, ending in ``head_hash``."""

    class Kind(models.TextChoices):
        PUBLIC = "public", _("public")
        PRIVATE = "private", _("private")
        DIRECT = "direct", _("direct")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.PUBLIC)
    # Empty in a direct room: each of the two sees the other's name.
    name = models.CharField(_("name"), max_length=ROOM_NAME_MAX_LENGTH, blank=True)
    name_folded = models.CharField(max_length=ROOM_NAME_MAX_LENGTH * 4, editable=False)
    topic = models.CharField(_("topic"), max_length=TOPIC_MAX_LENGTH, blank=True)
    last_seq = models.PositiveBigIntegerField(default=0, editable=False)
    talk_count = models.PositiveBigIntegerField(default=0, editable=False)
    # Kept under the room's lock by the membership actions, so that no page counts members.
    member_count = models.PositiveIntegerField(_("members"), default=0, editable=False)
    # How many of its messages are pinned: if none is, as in nearly all rooms, no page asks for them.
    pin_count = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    head_hash = models.BinaryField(max_length=32, default=GENESIS, editable=False)
    # The time of the newest message, to within TALKED_EVERY; of a new room, when it was opened. Lists are sorted by
    # it, and the hub finds rooms with new messages by it.
    talked_at = models.DateTimeField(_("last talk"), default=timezone.now, editable=False, db_index=True)
    # The two people of a direct room, the one with the lower id first.
    one = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False)
    other = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField(_("opened"), default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, editable=False)

    objects: ClassVar[Any] = RoomQuerySet.as_manager()

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        constraints = [
            models.UniqueConstraint(
                fields=["name_folded"],
                condition=Q(kind="public", deleted_at=None),
                name="rooms_room_public_name_unique",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["public", "private", "direct"]), name="rooms_room_kind_is_known"
            ),
            models.UniqueConstraint(fields=["one", "other"], name="rooms_room_direct_once"),
            models.CheckConstraint(
                condition=Q(kind="direct", one__isnull=False, one__lt=F("other"))
                | (~Q(kind="direct") & Q(one=None, other=None)),
                name="rooms_room_direct_is_a_pair",
            ),
            models.CheckConstraint(condition=Q(talk_count__lte=F("last_seq")), name="rooms_room_talk_is_logged"),
        ]

    def __str__(self) -> str:
        return " · ".join(person.username for person in self.pair) if self.is_direct else self.name

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None

    @property
    def is_direct(self) -> bool:
        return self.kind == self.Kind.DIRECT

    @property
    def pair(self) -> list[User]:
        """The two people of a direct room; nobody in another."""
        return [person for person in (self.one, self.other) if person]

    def partner_of(self, user: User) -> User | None:
        """Return the other user of a direct room; None in another room."""
        return next((person for person in self.pair if person.pk != user.pk), None)

    def name_for(self, user: User) -> str:
        """Return the room's name as ``user`` sees it: in a direct room, the other user's."""
        partner = self.partner_of(user)
        return partner.shown_name if partner else str(self)

    def membership_of(self, user: User) -> "Membership | None":
        return self.memberships.filter(user=user).first()

    def admit(self, user: User) -> "Membership":
        """Return this person's active membership, or raise the error that they may be told."""
        return self.admit_as(self.membership_of(user))

    def admit_as(self, membership: "Membership | None") -> "Membership":
        """The rule behind ``admit``, for callers that have fetched the membership, or its absence, already."""
        if membership is None:
            if self.is_deleted or self.kind != self.Kind.PUBLIC:
                raise errors.NoSuchRoom
            raise errors.JoinFirst
        if self.is_deleted:
            raise errors.RoomDeleted
        if membership.is_removed:
            raise errors.Removed
        if not membership.is_active:
            raise errors.Left if self.kind == self.Kind.PUBLIC else errors.NoSuchRoom
        return membership

    def require_admin(self, actor: User | None) -> None:
        """Raise unless ``actor`` is an admin of this room, or may change all rooms; a direct room has no admin."""
        if looks_after_rooms(actor):
            if self.is_deleted:
                raise errors.RoomDeleted
        elif actor is None or not (self.admit(actor).is_admin or self.is_direct):
            raise errors.NotAdmin
        if self.is_direct:
            raise errors.DirectRoom


def looks_after_rooms(actor: User | None) -> bool:
    """Return whether ``actor`` may change all rooms: a site admin with that right, or the server's command line."""
    if actor is None:
        return is_command_line(actor)
    return actor.is_active and actor.is_staff and actor.has_perm("rooms.change_room")
