"""The rows of a room's log."""

import uuid
from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rooms import chain
from rooms.models.files import Attachment
from rooms.models.rooms import Room

BODY_MAX_LENGTH = 10_000
CLIENT_ID_MAX_LENGTH = 64
# Messages in a page of the transcript: the first page, and the most that one request returns.
PAGE_SIZE = 100
# Columns of users that no transcript shows: without them a page of rows is read a good deal quicker.
PEOPLE_UNSEEN = [
    f"{person}__{name}"
    for person in ("author", "subject")
    for name in (
        "password",
        "last_login",
        "is_superuser",
        "date_joined",
        "username_folded",
        "username_skeleton",
        "skeleton_number",
        "email",
        "seen_at",
        "theme",
    )
]

# Whether a message is pinned, as an annotation.
PINNED = Q(pin__isnull=False)


class MessageQuerySet(models.QuerySet["Message"]):
    def after(self, seq: int) -> Self:
        return self.filter(seq__gt=seq).order_by("seq")

    def before(self, seq: int) -> Self:
        """Rows older than ``seq``, the newest of them first."""
        return self.filter(seq__lt=seq).order_by("-seq")

    def drawn(self) -> Self:
        """Rows that a transcript draws; the others only change how drawn rows look."""
        return self.filter(is_drawn=True)

    def about_rows(self) -> Self:
        """Rows about another row, those included that were written before there was a column for it."""
        return self.filter(Q(target_seq__isnull=False) | Q(kind=Message.Kind.REDACTED)).order_by("seq")

    def files(self) -> Self:
        """Rows whose file can be fetched."""
        return self.filter(kind=Message.Kind.FILE, redacted_at=None)

    def with_people(self) -> Self:
        """Rows with all that their JSON shows, such as whether they are pinned."""
        shown = self.select_related("author", "subject", "attachment").defer(*PEOPLE_UNSEEN)
        return shown.annotate(is_pinned=PINNED)

    def newest(self, count: int = PAGE_SIZE) -> list["Message"]:
        """The last ``count`` rows that are drawn, in order."""
        newest: list[Message] = list(self.drawn().with_people().order_by("-seq")[:count])
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
        # The body is the new kind.
        KIND_CHANGED = "kind_changed", _("changed who can read")
        # Its target is the message whose words a site admin has erased; in rows of before targets, the body is its seq.
        REDACTED = "redacted", _("erased a message")
        # Their target is a message.
        PINNED = "pinned", _("pinned a message")
        UNPINNED = "unpinned", _("unpinned a message")
        DELETED = "deleted", _("deleted the room")
        RESTORED = "restored", _("restored the room")

    TALK = tuple(map(Kind, chain.TALK))
    # Kinds of rows that no transcript draws: they change how their target looks.
    UNDRAWN = (Kind.PINNED, Kind.UNPINNED)

    # The hash of the row before, where the code that made or read this row knew it. No column: that row has it.
    previous_hash = b""
    # Set by ``with_people``; a new row is not pinned.
    is_pinned = False

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    room = models.ForeignKey(Room, models.PROTECT, related_name="messages", db_index=False)
    seq = models.PositiveBigIntegerField()
    # A log row is never changed, so an account that wrote one is emptied, not deleted.
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="messages")
    subject = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    # The earlier row of this room that this one is about.
    target_seq = models.PositiveBigIntegerField(_("about"), null=True)
    # Whether its kind is drawn. Here as well, so that a page of drawn rows is found without reading the others.
    is_drawn = models.BooleanField(db_default=True)
    # The number of the row among those that people read as messages; null for the others.
    talk = models.PositiveBigIntegerField(null=True)
    body = models.TextField(_("text"), blank=True)
    client_id = models.CharField(max_length=CLIENT_ID_MAX_LENGTH, null=True)
    # Its only index is the constraint's, which leaves out the many rows without one.
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="messages", db_index=False)
    created_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("sent"))
    salt = models.BinaryField(max_length=16)
    body_digest = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)
    # How ``hash`` and the digests were made (see chain.py). A row that comes without it is of a process from before
    # there were two formats; the database refuses it where the room has gone on to a later one (see log/triggers.py).
    hash_format = models.PositiveSmallIntegerField(db_default=1)
    # When a site admin erased body and salt; what is left is a tombstone, and the chain still holds.
    redacted_at = models.DateTimeField(_("erased"), null=True)

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
            # Which ones there are is for the verifiers to know: on SQLite, another list would mean another table.
            models.CheckConstraint(condition=Q(hash_format__gte=1), name="rooms_message_hash_format_from_one"),
            # Format 1 does not cover a target.
            models.CheckConstraint(
                condition=Q(target_seq=None) | Q(target_seq__gte=1, target_seq__lt=F("seq"), hash_format__gte=2),
                name="rooms_message_target_is_before",
            ),
            models.UniqueConstraint(
                fields=["attachment"], condition=Q(attachment__isnull=False), name="rooms_message_attachment_once"
            ),
        ]
        indexes = [
            models.Index(fields=["room", "seq"], condition=Q(is_drawn=True), name="rooms_message_drawn"),
            models.Index(
                fields=["room", "target_seq"], condition=Q(target_seq__isnull=False), name="rooms_message_target"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.room_id}#{self.seq}"

    @property
    def is_redacted(self) -> bool:
        return self.redacted_at is not None

    @property
    def target(self) -> int | None:
        """The seq of the row that this one is about, also where it was written before there was a column for it."""
        if self.target_seq is None and self.kind == self.Kind.REDACTED:
            return int(self.body)
        return self.target_seq

    @property
    def is_talk(self) -> bool:
        return self.talk is not None
