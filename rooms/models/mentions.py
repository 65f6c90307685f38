"""Who was called by name, and where. How many of them are unread is counted in each membership."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from rooms.models.messages import Message
from rooms.models.rooms import Room


class Mention(models.Model):
    """A message calls a member by name. Only rooms/log/mentions.py makes and removes these, with the counts."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    # Copies of the message's, so that unread mentions are found without reading messages.
    room = models.ForeignKey(Room, models.CASCADE, related_name="+", db_index=False)
    talk = models.PositiveBigIntegerField()

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        constraints = [models.UniqueConstraint(fields=["room", "user", "talk"], name="rooms_mention_once")]

    def __str__(self) -> str:
        return f"{self.room_id}#{self.talk} · {self.user_id}"
