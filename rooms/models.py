"""What rooms are: the room, who belongs to it, and its log."""

import uuid
from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from chatsite.text import fold, one_line
from rooms import errors

ROOM_NAME_MAX_LENGTH = 80
TOPIC_MAX_LENGTH = 200
BODY_MAX_LENGTH = 10_000
CLIENT_ID_MAX_LENGTH = 64
# Messages in a page of the transcript: the first page, and the most that one request returns.
PAGE_SIZE = 100
# The hash before a room's first row.
GENESIS = bytes(32)


class RoomQuerySet(models.QuerySet["Room"]):
    def open(self) -> Self:
        return self.filter(deleted_at=None)

    def public(self) -> Self:
        return self.filter(kind=Room.Kind.PUBLIC)

    def search(self, words: str) -> Self:
        return self.filter(name_folded__contains=fold(one_line(words)))

    def of(self, user: User) -> Self:
        """Rooms that this person is an active member of."""
        return self.filter(memberships__user=user, memberships__state=Membership.State.ACTIVE)

    def find(self, room_id: uuid.UUID) -> "Room":
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
    name = models.CharField(_("name"), max_length=ROOM_NAME_MAX_LENGTH)
    name_folded = models.CharField(max_length=ROOM_NAME_MAX_LENGTH * 4, editable=False)
    topic = models.CharField(_("topic"), max_length=TOPIC_MAX_LENGTH, blank=True)
    last_seq = models.PositiveBigIntegerField(default=0, editable=False)
    talk_count = models.PositiveBigIntegerField(default=0, editable=False)
    # Kept under the room's lock by the membership actions, so that no page counts members.
    member_count = models.PositiveIntegerField(_("members"), default=0, editable=False)
    head_hash = models.BinaryField(max_length=32, default=GENESIS, editable=False)
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
            models.CheckConstraint(condition=Q(talk_count__lte=F("last_seq")), name="rooms_room_talk_is_logged"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None

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
        if membership.state == Membership.State.REMOVED:
            raise errors.Removed
        if membership.state == Membership.State.LEFT:
            raise errors.Left if self.kind == self.Kind.PUBLIC else errors.NoSuchRoom
        return membership

    def require_admin(self, actor: User) -> None:
        """Let pass an admin of this room, and a site admin at work in the Django admin; refuse everybody else."""
        if actor.is_staff and actor.has_perm("rooms.change_room"):
            if self.is_deleted:
                raise errors.RoomDeleted
            return
        if not self.admit(actor).is_admin:
            raise errors.NotAdmin


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> Self:
        return self.filter(state=Membership.State.ACTIVE)

    def admins(self) -> Self:
        return self.active().filter(role=Membership.Role.ADMIN)

    def last_visited(self, user: User) -> uuid.UUID | None:
        """Return the id of the room where somebody last was, if they may still go there."""
        visited = self.active().filter(user=user, visited_at__isnull=False, room__deleted_at=None)
        return visited.order_by("-visited_at").values_list("room_id", flat=True).first()


class Membership(models.Model):
    """That a person belongs to a room, or once did. Who was removed stays removed until an admin adds them."""

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
    # The last talk that this person has read: unread is room.talk_count - read_talk.
    read_talk = models.PositiveBigIntegerField(default=0, editable=False)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now, editable=False)
    # When the person was last here; the latest of theirs is where they were. Leaving clears it.
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

    def __str__(self) -> str:
        return f"{self.user} · {self.room}"

    @property
    def is_active(self) -> bool:
        return self.state == self.State.ACTIVE

    @property
    def is_admin(self) -> bool:
        return self.is_active and self.role == self.Role.ADMIN


class MessageQuerySet(models.QuerySet["Message"]):
    def after(self, seq: int) -> Self:
        return self.filter(seq__gt=seq).order_by("seq")

    def before(self, seq: int) -> Self:
        """Rows older than ``seq``, the newest of them first."""
        return self.filter(seq__lt=seq).order_by("-seq")

    def with_people(self) -> Self:
        return self.select_related("author", "subject")

    def newest(self, count: int = PAGE_SIZE) -> list["Message"]:
        """The last ``count`` rows, in order."""
        newest: list[Message] = list(self.with_people().order_by("-seq")[:count])
        return newest[::-1]


class Message(models.Model):
    """One row of a room's log: written once, never changed, chained to the row before by ``hash`` (see chain.py)."""

    class Kind(models.TextChoices):
        TEXT = "text", _("message")
        FILE = "file", _("file")
        OPENED = "opened", _("opened the room")
        JOINED = "joined", _("joined")
        LEFT = "left", _("left")
        ADDED = "added", _("added")
        REMOVED = "removed", _("removed")
        ADMIN_GRANTED = "admin_granted", _("made admin")
        ADMIN_REVOKED = "admin_revoked", _("no longer admin")
        RENAMED = "renamed", _("renamed the room")
        TOPIC_CHANGED = "topic_changed", _("changed the topic")

    TALK = (Kind.TEXT, Kind.FILE)

    # Of the row before, where whoever made or read this one knew it; no column, because that row has it.
    previous_hash = b""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    room = models.ForeignKey(Room, models.PROTECT, related_name="messages", db_index=False)
    seq = models.PositiveBigIntegerField()
    # A log row is never changed, so an account that wrote one is emptied, not deleted.
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="messages")
    subject = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    # The ordinal among the rows that are talk; null for the others.
    talk = models.PositiveBigIntegerField(null=True)
    body = models.TextField(_("text"), blank=True)
    client_id = models.CharField(max_length=CLIENT_ID_MAX_LENGTH, null=True)
    created_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("sent"))
    salt = models.BinaryField(max_length=16)
    body_digest = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    objects: ClassVar[Any] = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="rooms_message_seq_once"),
            models.UniqueConstraint(
                fields=["room", "author", "client_id"],
                condition=Q(client_id__isnull=False),
                name="rooms_message_client_id_once",
            ),
            models.CheckConstraint(condition=Q(seq__gte=1), name="rooms_message_seq_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.room_id}#{self.seq}"

    @property
    def is_talk(self) -> bool:
        return self.talk is not None


class Spending(models.Model):
    """What somebody has used of a limit, for several processes to agree on (see limits.py)."""

    key = models.CharField(max_length=80, primary_key=True)
    # Seconds since 1970: until then, at the steady pace.
    until = models.FloatField(db_index=True)

    class Meta:
        verbose_name = _("spending")
        verbose_name_plural = _("spendings")

    def __str__(self) -> str:
        return self.key
