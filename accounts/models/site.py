"""What site admins decide without a restart, and whom they invite to sign up."""

import secrets
import time
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chatsite.text import one_line


class SiteSettings(models.Model):
    """What site admins decide without a restart: one row, or none while everything is as the environment says."""

    class SignUp(models.TextChoices):
        OPEN = "open", _("everybody")
        INVITATION = "invitation", _("who has an invitation")
        DOMAIN = "domain", _("who has an email address at certain domains")
        CLOSED = "closed", _("nobody")

    # Seconds for which a process keeps its copy: every page asks.
    COPY_AGE = 3

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField(
        _("name of the site"), max_length=60, blank=True, help_text=_("Empty: what the setting SITE_NAME says.")
    )
    welcome_text = models.TextField(
        _("welcome text"), max_length=1000, blank=True, help_text=_("What strangers read on the first page.")
    )
    sign_up = models.CharField(
        _("who may sign up"),
        max_length=10,
        choices=SignUp,
        default=SignUp.OPEN,
        help_text=_("Guests come in only while everybody may sign up."),
    )
    email_domains = models.TextField(
        _("email domains"),
        max_length=10_000,
        blank=True,
        help_text=_(
            "Such as example.org, one in each line; subdomains count only where they are named. Without a mail server "
            "nobody confirms an address, and anybody could claim one."
        ),
    )

    _copy: ClassVar["tuple[float, SiteSettings] | None"] = None

    class Meta:
        verbose_name = _("site settings")
        verbose_name_plural = _("site settings")
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="accounts_sitesettings_one_row"),
            models.CheckConstraint(
                condition=models.Q(sign_up__in=["open", "invitation", "domain", "closed"]),
                name="accounts_sitesettings_sign_up_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.shown_name

    @classmethod
    def current(cls) -> "SiteSettings":
        """Return the settings as they were some seconds ago at most."""
        if cls._copy is None or cls._copy[0] < time.monotonic():
            cls._copy = (time.monotonic() + cls.COPY_AGE, cls.objects.first() or cls())
        return cls._copy[1]

    @classmethod
    def last_known(cls) -> "SiteSettings":
        """Return the settings without asking the database: for pages that say what broke."""
        return cls._copy[1] if cls._copy else cls()

    @classmethod
    def forget_copy(cls, **kwargs: Any) -> None:
        cls._copy = None

    @property
    def shown_name(self) -> str:
        return self.name or settings.SITE_NAME

    @property
    def domains(self) -> set[str]:
        return {domain.lstrip("@").lower() for domain in self.email_domains.replace(",", " ").split()}

    def clean(self) -> None:
        self.name = one_line(self.name)
        if self.sign_up == self.SignUp.DOMAIN and not self.domains:
            raise ValidationError({"email_domains": _("Name one domain at least, or let others sign up.")})


def new_code() -> str:
    return secrets.token_urlsafe(16)


def in_a_week() -> datetime:
    return timezone.now() + timedelta(days=7)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def good(self, code: str) -> "InvitationQuerySet":
        """The invitation of this code, if somebody can still use it."""
        return self.filter(code=code.strip(), uses_left__gt=0, expires_at__gt=timezone.now())


class Invitation(models.Model):
    """A code, or the link that holds it, by which some people may sign up for some time."""

    code = models.CharField(_("code"), max_length=64, unique=True, default=new_code)
    expires_at = models.DateTimeField(_("good until"), default=in_a_week)
    uses_left = models.PositiveIntegerField(_("uses left"), default=1, help_text=_("Zero ends it."))
    note = models.CharField(_("note"), max_length=200, blank=True, help_text=_("For whom it is. Only you see it."))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)

    objects: ClassVar[Any] = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        # Not its code: the admin keeps these names in its history.
        return self.note or f"#{self.pk}"
