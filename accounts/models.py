"""Who people are."""

import secrets
import time
import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _

from chatsite.text import fold, one_line

USERNAME_MAX_LENGTH = 40
DISPLAY_NAME_MAX_LENGTH = 60
# Usernames that the site gives: nobody can choose one that begins like this.
GUEST_PREFIX = "guest-"
DELETED_PREFIX = "deleted-"
USERNAME_TAKEN = _("Somebody has this username. Please choose another.")
EMAIL_TAKEN = _("Somebody has an account with this email address.")


class PeopleManager(UserManager["User"]):
    def named(self, username: str) -> "models.QuerySet[User]":
        """People with this username, whatever its case or Unicode form: one at most."""
        return self.filter(username_folded=fold(one_line(username)))

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.named(username or "").get()


class User(AbstractUser):
    """A person. ``username`` is unique in every case and Unicode form; ``display_name`` is free, never shown alone."""

    class Theme(models.TextChoices):
        SYSTEM = "system", _("As the device is set")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(
        _("username"),
        max_length=USERNAME_MAX_LENGTH,
        unique=True,
        validators=[
            # No "@": a name must not read as somebody's email address, by which people also log in.
            RegexValidator(
                r"\A[\w.+-]+\Z", _("Use letters, digits and . + - _ only, without spaces."), code="bad_username"
            )
        ],
        error_messages={"unique": USERNAME_TAKEN},
    )
    username_folded = models.CharField(max_length=USERNAME_MAX_LENGTH * 4, unique=True, editable=False)
    email = models.EmailField(_("email address"), blank=True)
    display_name = models.CharField(_("display name"), max_length=DISPLAY_NAME_MAX_LENGTH, blank=True)
    is_guest = models.BooleanField(_("guest"), default=False, editable=False)
    # When the person last did something, to within some minutes (sessions.py).
    seen_at = models.DateTimeField(_("last seen"), null=True, editable=False)
    # The account is gone and the row is empty: only the log rows that name their author still need it.
    deleted_at = models.DateTimeField(_("deleted"), null=True, editable=False)
    # Empty: as the browser wishes.
    language = models.CharField(_("language"), max_length=10, blank=True)
    theme = models.CharField(_("theme"), max_length=6, choices=Theme, default=Theme.SYSTEM)
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]

    objects: ClassVar[PeopleManager] = PeopleManager()

    # What a save will change that others must hear of: noticed before it, told after it (receivers.py).
    changes: "list[Signal]"

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="accounts_user_email_unique",
                condition=~models.Q(email=""),
                violation_error_message=EMAIL_TAKEN,
            ),
            models.CheckConstraint(
                condition=models.Q(theme__in=["system", "light", "dark"]), name="accounts_user_theme_is_known"
            ),
        ]

    @property
    def shown_name(self) -> str:
        if self.deleted_at:
            return gettext("deleted account")
        return self.display_name or self.username

    @property
    def name_beside(self) -> str:
        """The username, where the name that is shown is another one: no display name may impersonate somebody."""
        return self.username if self.shown_name != self.username else ""

    def empty(self) -> None:
        """Take out of this row all that it says about somebody."""
        self.deleted_at = self.date_joined = timezone.now()
        self.username = f"{DELETED_PREFIX}{secrets.token_hex(8)}"
        self.display_name = self.email = ""
        self.is_active = self.is_staff = self.is_superuser = False
        self.last_login = self.seen_at = None
        self.language, self.theme = "", self.Theme.SYSTEM
        self.set_unusable_password()

    def get_full_name(self) -> str:
        return self.shown_name

    def get_short_name(self) -> str:
        return self.shown_name

    def clean(self) -> None:
        super().clean()
        self.display_name = one_line(self.display_name)
        # None in a form that refused the name.
        self.username_folded = fold(self.username or "")
        # Forms leave out fields that nobody edits, so the folded name's own uniqueness would be checked too late.
        if self.username and type(self).objects.named(self.username).exclude(pk=self.pk).exists():
            raise ValidationError({"username": ValidationError(USERNAME_TAKEN, code="unique")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.username_folded = fold(self.username)
        # allauth looks addresses up in lower case; createsuperuser keeps them as they were typed.
        self.email = self.email.lower()
        fields = kwargs.get("update_fields")
        if fields is not None and "username" in fields:
            kwargs["update_fields"] = {*fields, "username_folded"}
        super().save(*args, **kwargs)


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
    return secrets.token_hex(8)


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
        return self.note or self.code
