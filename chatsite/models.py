"""What the site remembers of its storage."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Leftover(models.Model):
    """The name of an object in storage that no row refers to: not yet, or not any more (see store.py)."""

    name = models.CharField(max_length=100, primary_key=True)
    since = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("leftover")
        verbose_name_plural = _("leftovers")

    def __str__(self) -> str:
        return self.name
