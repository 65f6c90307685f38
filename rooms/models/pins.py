"""The messages that are pinned now. The log says so too: each line here follows from its rows (rooms/log/state.py)."""

from typing import Any, ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from rooms.models.messages import PEOPLE_UNSEEN, Message
from rooms.models.rooms import Room

PINS_MAX = 50
AUTHOR_UNSEEN = [name for name in PEOPLE_UNSEEN if name.startswith("author__")]


class PinQuerySet(models.QuerySet["Pin"]):
    def newest_first(self) -> Self:
        return self.order_by("-row__seq")

    def with_people(self) -> Self:
        """Pins with the user who pinned, and the time."""
        return self.select_related("message", "row__author").defer(*(f"row__{name}" for name in AUTHOR_UNSEEN))

    def with_messages(self) -> Self:
        """Pins with their messages' authors and files. (A pinned row is a message, so it has no subject.)"""
        shown = self.select_related("message__author", "message__attachment")
        return shown.defer(*(f"message__{name}" for name in AUTHOR_UNSEEN))


class Pin(models.Model):
    room = models.ForeignKey(Room, models.CASCADE, related_name="pins")
    message = models.OneToOneField(Message, models.CASCADE, related_name="pin")
    # The row of the log by which it was pinned: it says by whom, and when.
    row = models.OneToOneField(Message, models.CASCADE, related_name="+")

    objects: ClassVar[Any] = PinQuerySet.as_manager()

    class Meta:
        verbose_name = _("pin")
        verbose_name_plural = _("pins")

    def __str__(self) -> str:
        return f"{self.room_id}#{self.message.seq}"
