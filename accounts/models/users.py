"""Users and their names."""

import re
import secrets
import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth import hashers
from django.contrib.auth.models import AbstractUser, UserManager as DjangoUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _

from accounts.errors import BadDisplayName
from chatsite import readonly
from chatsite.lookalikes import is_of_one_alphabet, skeleton
from chatsite.text import LONGEST, TextTooLongError, can_be_seen, fold, one_line

USERNAME_MAX_LENGTH = 40
DISPLAY_NAME_MAX_LENGTH = 60
# Usernames that the site gives: nobody can choose one that begins like this.
GUEST_PREFIX = "guest-"
DELETED_PREFIX = "deleted-"
USERNAME_FORM = re.compile(r"\A[\w.+-]+\Z")
USERNAME_TAKEN = _("Somebody has this username. Please choose another.")
USERNAME_ALIKE = _("This username looks like somebody else’s. Please choose another.")
EMAIL_TAKEN = _("Somebody has an account with this email address.")


def validate_username(username: str) -> None:
    """Raise if a text is no username or could pass for another: unseen characters, letters of several alphabets."""
    # No "@": a name must not read as somebody's email address, by which people also log in.
    if not USERNAME_FORM.search(username) or not can_be_seen(username):
        raise ValidationError(_("Use letters, digits and . + - _ only, without spaces."), code="bad_username")
    if not is_of_one_alphabet(username):
        raise ValidationError(_("Use the letters of one alphabet only."), code="mixed_username")


def validate_display_name(display_name: str) -> None:
    if not can_be_seen(display_name):
        raise ValidationError(BadDisplayName.sentence, code=BadDisplayName.code)


def skeleton_of(username: str) -> str:
    """Return the skeleton that all usernames which look like this one share, in any case and Unicode form."""
    return fold(skeleton(username))


# The columns that others see: a change is sent to those who see the user.
SHOWN = ("username", "display_name", "picture")


class UserManager(DjangoUserManager["User"]):
    def named(self, username: str) -> "models.QuerySet[User]":
        """People with this username, whatever its case or Unicode form: one at most."""
        try:
            return self.filter(username_folded=fold(one_line(username)))
        except TextTooLongError:
            return self.none()

    def alike(self, username: str) -> "models.QuerySet[User]":
        """People whose username is this one or looks like it."""
        return self.filter(username_skeleton=skeleton_of(username))

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **more: Any
    ) -> "User":
        # The command of this name asks for the rest of the rules, and reports a ValidationError.
        if self.alike(self.model.normalize_username(username)).exists():
            raise ValidationError(USERNAME_ALIKE, code="username_alike")
        return super().create_superuser(username, email, password, **more)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.named(username or "").get()


def shown_name(username: str, display_name: str, deleted_at: datetime | None) -> str:
    """The name that pages show; for a deleted account, a word instead of a name."""
    return gettext("deleted account") if deleted_at else display_name or username


class User(AbstractUser):
    """A user. ``username`` is unique in every case and Unicode form; ``display_name`` is free, never shown alone."""

    class Theme(models.TextChoices):
        SYSTEM = "system", _("As the device is set")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class UndoSeconds(models.IntegerChoices):
        OFF = 0, _("Send at once")
        THREE = 3, _("3 seconds")
        FIVE = 5, _("5 seconds")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(
        _("username"),
        max_length=USERNAME_MAX_LENGTH,
        unique=True,
        validators=[validate_username],
        error_messages={"unique": USERNAME_TAKEN},
    )
    username_folded = models.CharField(max_length=USERNAME_MAX_LENGTH * 4, unique=True, editable=False)
    # Null: stored by a process from before there was this column.
    username_skeleton = models.CharField(max_length=USERNAME_MAX_LENGTH * 8, null=True, editable=False)
    # More than 0: the name looked like somebody else's already when such names were not refused yet.
    skeleton_number = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    email = models.EmailField(_("email address"), blank=True)
    display_name = models.CharField(
        _("display name"), max_length=DISPLAY_NAME_MAX_LENGTH, blank=True, validators=[validate_display_name]
    )
    is_guest = models.BooleanField(_("guest"), default=False, editable=False)
    # When what others see of the person changed last, by the clock of the process that changed it; null: not since this
    # column is there. Every process looks here for what it has not been told (rooms/realtime/reconcile/).
    profile_changed_at = models.DateTimeField(null=True, editable=False)
    # When the person last did something, to within some minutes (sessions.py).
    seen_at = models.DateTimeField(_("last seen"), null=True, editable=False)
    # The account is gone and the row is empty: only the log rows that name their author still need it.
    deleted_at = models.DateTimeField(_("deleted"), null=True, editable=False)
    # Empty: as the browser is set.
    language = models.CharField(_("language"), max_length=10, blank=True)
    # The short name of their picture (pictures.py), by which browsers keep it; empty where there is none.
    picture = models.CharField(max_length=16, blank=True, editable=False)
    theme = models.CharField(_("theme"), max_length=6, choices=Theme, default=Theme.SYSTEM)
    # For so many seconds after sending them one can take one's words back: nobody can once they are in a log.
    undo_seconds = models.PositiveSmallIntegerField(
        _("time to undo"), choices=UndoSeconds, default=UndoSeconds.OFF, db_default=0
    )
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]

    objects: ClassVar[UserManager] = UserManager()

    # The address to which a link to a new password was sent (reset_tokens.py).
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
            models.UniqueConstraint(
                fields=["username_skeleton", "skeleton_number"], name="accounts_user_looks_like_nobody_else"
            ),
            models.CheckConstraint(
                condition=models.Q(theme__in=["system", "light", "dark"]), name="accounts_user_theme_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(undo_seconds__in=[0, 3, 5]), name="accounts_user_undo_seconds_are_known"
            ),
        ]
        indexes = [
            # Asked for the last minute only, and few users change their profile, so the index is small.
            models.Index(
                fields=["profile_changed_at"],
                name="accounts_user_profile_changed",
                condition=models.Q(profile_changed_at__isnull=False),
            )
        ]

    def check_password(self, raw_password: str | None) -> bool:
        # At a log-in Django makes a hash of older parameters anew, which can wait while nothing may be written.
        if readonly.switch.is_on():
            return hashers.check_password(raw_password, self.password)
        return super().check_password(raw_password)

    @property
    def shown_name(self) -> str:
        return shown_name(self.username, self.display_name, self.deleted_at)

    @property
    def name_beside(self) -> str:
        """The username, where the name that is shown is another one: no display name may impersonate somebody."""
        return self.username if self.shown_name != self.username else ""

    def empty(self) -> None:
        """Empty this row of all that it says about the user."""
        self.deleted_at = self.date_joined = timezone.now()
        self.username = f"{DELETED_PREFIX}{secrets.token_hex(8)}"
        self.display_name = self.email = self.picture = ""
        self.is_active = self.is_staff = self.is_superuser = False
        self.last_login = self.seen_at = None
        self.language, self.theme, self.undo_seconds = "", self.Theme.SYSTEM, self.UndoSeconds.OFF
        self.set_unusable_password()

    def get_full_name(self) -> str:
        return self.shown_name

    def get_short_name(self) -> str:
        return self.shown_name

    @classmethod
    def normalize_username(cls, username: str) -> str:
        # What is too long is refused as it is, as by Django's own field. None, where a form has refused the name.
        return super().normalize_username(username) if len(username or "") <= LONGEST else username

    def clean(self) -> None:
        super().clean()
        self.display_name = one_line(self.display_name)
        # Forms leave out fields that nobody edits, so the constraints on what is made of the name would be checked too
        # late. There is no name in a form that refused it.
        if self.username and len(self.username) <= USERNAME_MAX_LENGTH:
            self.require_free_username()

    def require_free_username(self) -> None:
        """Refuse a new name that somebody else has, or one that looks like it."""
        if type(self).objects.named(self.username).exclude(pk=self.pk).exists():
            raise ValidationError({"username": ValidationError(USERNAME_TAKEN, code="unique")})
        # A user who had such a name before keeps it.
        is_new = skeleton_of(self.username) != self.username_skeleton
        if is_new and type(self).objects.alike(self.username).exclude(pk=self.pk).exists():
            raise ValidationError({"username": ValidationError(USERNAME_ALIKE, code="username_alike")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        # allauth looks addresses up in lower case; createsuperuser keeps them as they were typed.
        self.email = self.email.lower()
        fields = kwargs.get("update_fields")
        if fields is None or "username" in fields:
            self.derive_from_username()
            if fields is not None:
                kwargs["update_fields"] = fields = {*fields, "username_folded", "username_skeleton", "skeleton_number"}
        if fields is not None and not set(SHOWN).isdisjoint(fields):
            kwargs["update_fields"] = {*fields, "profile_changed_at"}
        super().save(*args, **kwargs)

    def derive_from_username(self) -> None:
        self.username_folded = fold(self.username)
        skeleton = skeleton_of(self.username)
        if skeleton != self.username_skeleton:
            self.username_skeleton, self.skeleton_number = skeleton, 0
