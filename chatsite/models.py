"""What the site remembers of its storage, the mail that it has to send, and whether it is read-only."""

from typing import ClassVar, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Leftover(models.Model):
    """The name of an object in storage that no row refers to: not yet, or not any more (files/object_store.py)."""

    name = models.CharField(max_length=100, primary_key=True)
    since = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("leftover")
        verbose_name_plural = _("leftovers")

    def __str__(self) -> str:
        return self.name


class ReadOnly(models.Model):
    """While this row is there, people read and nobody writes (see readonly.py)."""

    # What the timers' commands say, which leave it for another night.
    NOTHING_REMOVED = "The site is read-only, so nothing was removed."

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("read-only switch")
        verbose_name_plural = _("read-only switches")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="chatsite_readonly_is_one")]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d %H:%M} UTC"


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    def waiting(self) -> Self:
        return self.exclude(state=OutgoingMail.State.GIVEN_UP)

    def due(self) -> Self:
        return self.waiting().filter(due_at__lte=timezone.now())


class OutgoingMail(models.Model):
    """A mail that the mail server has not taken yet; the row goes once it has (see outbox.py)."""

    ERROR_MAX_LENGTH = 300

    class State(models.TextChoices):
        NEW = "new"
        SENDING = "sending"
        # The server took nothing at all.
        HELD_UP = "held_up"
        # The server did not take this one for now.
        REFUSED = "refused"
        GIVEN_UP = "given_up"

    state = models.CharField(max_length=8, choices=State, default=State.NEW)
    sender = models.CharField(max_length=320)
    recipients = models.JSONField(default=list)
    # As it goes over the line. It may hold links that open accounts, so it is shown to nobody.
    content = models.BinaryField()
    queued_at = models.DateTimeField(default=timezone.now)
    # When it is tried next; while it is being sent, when another process may take it up.
    due_at = models.DateTimeField(default=timezone.now, db_index=True)
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=ERROR_MAX_LENGTH, blank=True)

    objects: ClassVar[OutgoingMailQuerySet] = OutgoingMailQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mail")

    def __str__(self) -> str:
        return ", ".join(self.recipients)
