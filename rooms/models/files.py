"""Files that users send: being uploaded, ready, posted, erased."""

import uuid
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chatsite.files.filetypes import NAME_MAX_BYTES
from rooms.models.rooms import Room

# The most that one request carries: the server holds a request's body in memory.
CHUNK_BYTES = 4 * 1024 * 1024
# The least of all parts but the last: each part is a row and an object in storage.
CHUNK_LEAST_BYTES = 256 * 1024
# Files that one person may have on their way at once: a page sends three, whatever waits.
UPLOADS_MAX = 20
# How long an upload that nobody goes on with is kept, and a whole file that nobody has posted.
UPLOAD_KEPT = timedelta(hours=1)
READY_KEPT = timedelta(days=2)
# In the place of an owner, stands for all users.
EVERYBODY = uuid.UUID(int=0)


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def abandoned(self) -> Self:
        return self.filter(is_abandoned())

    def kept(self) -> Self:
        """All but abandoned uploads, which count as deleted, whether or not they have been swept."""
        return self.exclude(is_abandoned())


def is_abandoned() -> Q:
    now = timezone.now()
    return Q(state=Attachment.State.UPLOADING, touched_at__lt=now - UPLOAD_KEPT) | Q(
        state=Attachment.State.READY, touched_at__lt=now - READY_KEPT
    )


class Attachment(models.Model):
    """A file, from the beginning of its upload until it is erased. Once a row of the log has it, it never changes."""

    class State(models.TextChoices):
        UPLOADING = "uploading", _("on its way")
        READY = "ready", _("whole")
        POSTED = "posted", _("posted")

    class Kind(models.TextChoices):
        """How pages show a file."""

        IMAGE = "image", _("picture")
        AUDIO = "audio", _("sound")
        VIDEO = "video", _("video")
        TEXT = "text", _("text")
        OTHER = "other", _("other")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    room = models.ForeignKey(Room, models.CASCADE, related_name="attachments")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="attachments", verbose_name=_("sent by")
    )
    name = models.CharField(_("name"), max_length=NAME_MAX_BYTES)
    size = models.PositiveBigIntegerField(_("size"))
    received = models.PositiveBigIntegerField(default=0)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.UPLOADING)
    # By the bytes, not by the name.
    content_type = models.CharField(_("type"), max_length=120, blank=True)
    kind = models.CharField(_("kind"), max_length=5, choices=Kind, default=Kind.OTHER)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    sha256 = models.BinaryField(max_length=32, default=b"")
    # What the hash chain covers of the file (chain.py); it stays when the file is erased.
    digest = models.BinaryField(max_length=32, default=b"")
    # Names of objects in storage: the file, and what pages show of a picture.
    stored = models.CharField(max_length=100, blank=True)
    view = models.CharField(max_length=100, blank=True)
    thumbnail = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(_("begun"), default=timezone.now, editable=False)
    touched_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[Any] = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = [
            models.CheckConstraint(condition=Q(received__lte=F("size")), name="rooms_attachment_not_beyond_its_size"),
            models.CheckConstraint(
                condition=Q(state__in=["uploading", "ready", "posted"]), name="rooms_attachment_state_is_known"
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at"], name="rooms_attachment_newest"),
            models.Index(fields=["touched_at"], condition=~Q(state="posted"), name="rooms_attachment_abandoned"),
            models.Index(fields=["owner"], condition=Q(state="uploading"), name="rooms_attachment_unfinished"),
        ]

    def __str__(self) -> str:
        # Not by its name, which only members of its room may see.
        return str(self.pk)

    @property
    def is_whole(self) -> bool:
        return self.state != self.State.UPLOADING

    @property
    def objects_stored(self) -> list[str]:
        return [name for name in (self.stored, self.view, self.thumbnail) if name]


class Chunk(models.Model):
    """A part of an upload; its bytes are an object in storage."""

    attachment = models.ForeignKey(Attachment, models.CASCADE, related_name="chunks")
    offset = models.PositiveBigIntegerField()
    size = models.PositiveIntegerField()
    stored = models.CharField(max_length=100)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        verbose_name = _("part of a file")
        verbose_name_plural = _("parts of files")
        constraints = [models.UniqueConstraint(fields=["attachment", "offset"], name="rooms_chunk_once")]

    def __str__(self) -> str:
        return f"{self.attachment_id}+{self.offset}"


class Usage(models.Model):
    """How many bytes of somebody's files have arrived, or of everybody's. Triggers keep it (see usage.py)."""

    # No foreign key: this row must not keep a user who has nothing else on the site (accounts' sweep of guests).
    owner = models.UUIDField(primary_key=True)
    received = models.BigIntegerField()

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        verbose_name = _("space taken")
        verbose_name_plural = _("space taken")

    def __str__(self) -> str:
        return str(self.owner)
