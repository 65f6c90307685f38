"""The forms that people fill in about rooms. The actions decide what is allowed; a form only passes on their answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import USERNAME_MAX_LENGTH, User
from rooms import errors, limits
from rooms.actions.invitations import invite
from rooms.actions.memberships import add_member
from rooms.actions.rooms import change_room, open_room
from rooms.models import (
    INVITATION_MAX_USES,
    ROOM_NAME_MAX_LENGTH,
    TOPIC_MAX_LENGTH,
    Invitation,
    Membership,
    Room,
)


class ActionForm(forms.Form):
    """A form whose answer is an action's."""

    FIELD_OF: ClassVar[dict[str, str]] = {
        errors.NameTaken.code: "name",
        errors.BadName.code: "name",
        errors.BadTopic.code: "topic",
        errors.BadKind.code: "kind",
        errors.NoSuchPerson.code: "username",
        errors.BadInvitationTerms.code: "uses",
    }

    # The action's answer, where it was no.
    refusal: errors.RoomError | None = None

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Say why the action said no, beside the field that it is about."""
        try:
            yield
        except (errors.NotAdmin, errors.DirectRoom):
            # Who cannot do this at all has no form to read it beside.
            raise
        except errors.RoomError as error:
            self.refusal = error
            field = self.FIELD_OF.get(error.code)
            self.add_error(field if field in self.fields else None, str(error))


class AboutForm(ActionForm):
    """What a room is called, and what it is about."""

    # The browser stops at the maximum; what gets past it is refused by the action, in the same words as everywhere.
    name = forms.CharField(
        label=_("Name"),
        help_text=_("What people will find it by."),
        error_messages={"required": errors.BadName.sentence},
        widget=forms.TextInput(attrs={"maxlength": ROOM_NAME_MAX_LENGTH, "autocomplete": "off"}),
    )
    topic = forms.CharField(
        label=_("Topic (optional)"),
        help_text=_("One line about what is talked about here."),
        required=False,
        widget=forms.TextInput(attrs={"maxlength": TOPIC_MAX_LENGTH, "autocomplete": "off"}),
    )

    def change(self, room: Room, *, actor: User) -> bool:
        """Name the room so; False where the form says why not."""
        if not self.is_valid():
            return False
        with self.refusing():
            change_room(room, actor=actor, **self.cleaned_data)
        return self.refusal is None


class RoomForm(AboutForm):
    """Open a room."""

    kind = forms.ChoiceField(
        label=_("Who can come in?"),
        choices=[
            (Room.Kind.PUBLIC.value, _("Public: everybody on this site can find it, join it and then read all of it.")),
            (Room.Kind.PRIVATE.value, _("Private: only its members see it. Its admins add people or invite them.")),
        ],
        initial=Room.Kind.PUBLIC.value,
        required=False,
        widget=forms.RadioSelect,
    )

    def open(self, *, actor: User) -> Room | None:
        """Open the room; None where the form says why not."""
        if not self.is_valid():
            return None
        words = {**self.cleaned_data, "kind": self.cleaned_data["kind"] or Room.Kind.PUBLIC.value}
        with self.refusing():
            limits.OPENING_ROOMS.spend(actor.pk)
            return open_room(actor=actor, **words)
        return None


class AddMemberForm(ActionForm):
    """Add somebody to a room."""

    username = forms.CharField(
        label=_("Username"),
        error_messages={"required": _("Write the username of the person to add.")},
        widget=forms.TextInput(
            attrs={
                "maxlength": USERNAME_MAX_LENGTH,
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
    )

    def add_to(self, room: Room, *, actor: User) -> Membership | None:
        """Make the person a member; None where the form says why not."""
        if not self.is_valid():
            return None
        user = User.objects.named(self.cleaned_data["username"].removeprefix("@")).first()
        with self.refusing():
            return add_member(room, actor=actor, user=user)
        return None


class InvitationForm(ActionForm):
    """Make a link by which people become members."""

    days = forms.TypedChoiceField(
        label=_("Good for"),
        coerce=int,
        choices=[(1, _("one day")), (7, _("a week")), (30, _("30 days")), (365, _("a year"))],
        initial=7,
    )
    uses = forms.IntegerField(
        label=_("People (optional)"),
        help_text=_("Empty: for any number."),
        required=False,
        widget=forms.NumberInput(attrs={"min": 1, "max": INVITATION_MAX_USES, "autocomplete": "off"}),
    )

    def invite(self, room: Room, *, actor: User) -> Invitation | None:
        """Make the link; None where the form says why not."""
        if not self.is_valid():
            return None
        with self.refusing():
            limits.INVITING.spend(actor.pk)
            return invite(
                room, actor=actor, age=timedelta(days=self.cleaned_data["days"]), uses=self.cleaned_data["uses"]
            )
        return None
