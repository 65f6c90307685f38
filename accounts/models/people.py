"""Who people are."""

import secrets
import uuid
from datetime import datetime
from typing import Any, ClassVar

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


def shown_name(username: str, display_name: str, deleted_at: datetime | None) -> str:
    """How somebody is called on pages; who has deleted their account, not by name."""
    return gettext("deleted account") if deleted_at else display_name or username


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
    # The short name of their picture (pictures.py), by which browsers keep it; empty where there is none.
    picture = models.CharField(max_length=16, blank=True, editable=False)
    theme = models.CharField(_("theme"), max_length=6, choices=Theme, default=Theme.SYSTEM)
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]

    objects: ClassVar[PeopleManager] = PeopleManager()

    # The address that a link to a new password is sent to, or was (reset_tokens.py).
    reset_address: Any = None
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
        return shown_name(self.username, self.display_name, self.deleted_at)

    @property
    def name_beside(self) -> str:
        """The username, where the name that is shown is another one: no display name may impersonate somebody."""
        return self.username if self.shown_name != self.username else ""

    def empty(self) -> None:
        """Take out of this row all that it says about somebody."""
        self.deleted_at = self.date_joined = timezone.now()
        self.username = f"{DELETED_PREFIX}{secrets.token_hex(8)}"
        self.display_name = self.email = self.picture = ""
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
