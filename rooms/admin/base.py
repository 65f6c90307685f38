"""What the pages about rooms have in common."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.defaultfilters import truncatechars
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import ActionAdmin, ThroughActions
from rooms.errors import ReadOnly, RoomError
from rooms.models import Room

ROOM_NAME_SHOWN = 30


class RoomActionAdmin(ActionAdmin):
    refusals = (RoomError,)
    # It is not about this row, and the whole page says so (chatsite/http/errors.py).
    not_messages = (ReadOnly,)

    def has_manage_permission(self, request: HttpRequest) -> bool:
        """Whether the actions will accept this site admin: what ``Room.require_admin`` asks for."""
        return request.user.has_perm("rooms.change_room")


class RoomRows(RoomActionAdmin, ThroughActions):
    """Rows that belong to a room."""

    @admin.display(description=_("room"))
    def room_name(self, row: Any) -> str:
        # The admin keeps a related row's name on one line: a long one would push the other columns out of sight.
        return shorten(row.room)


def shorten(room: Room) -> str:
    return truncatechars(str(room), ROOM_NAME_SHOWN)
