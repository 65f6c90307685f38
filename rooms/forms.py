"""The forms that people fill in about rooms. The actions decide what is allowed; a form only passes on their answer."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from rooms import errors, limits
from rooms.actions.rooms import open_room
from rooms.models import ROOM_NAME_MAX_LENGTH, TOPIC_MAX_LENGTH, Room


class RoomForm(forms.Form):
    """Open a room."""

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

    FIELD_OF: ClassVar[dict[str, str]] = {
        errors.NameTaken.code: "name",
        errors.BadName.code: "name",
        errors.BadTopic.code: "topic",
    }

    # The action's answer, where it was no.
    refusal: errors.RoomError | None = None

    def refuse(self, error: errors.RoomError) -> None:
        """Say why the action said no, beside the field that it is about."""
        self.add_error(self.FIELD_OF.get(error.code), str(error))

    def open(self, *, actor: User) -> Room | None:
        """Open the room; None where the form says why not."""
        if not self.is_valid():
            return None
        try:
            limits.OPENING_ROOMS.spend(actor.pk)
            return open_room(actor=actor, **self.cleaned_data)
        except errors.RoomError as error:
            self.refusal = error
            self.refuse(error)
            return None
