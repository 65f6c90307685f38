"""What users have used of their limits, for the site's processes to agree on."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Spending(models.Model):
    """What somebody has used of a limit, for several processes to agree on (rooms/limits/counting.py)."""

    key = models.CharField(max_length=80, primary_key=True)
    # Seconds since 1970: until then, at the steady pace.
    until = models.FloatField(db_index=True)

    class Meta:
        verbose_name = _("spending")
        verbose_name_plural = _("spendings")

    def __str__(self) -> str:
        return self.key
