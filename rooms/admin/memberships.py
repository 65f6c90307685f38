"""Who belongs to which room, and how."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import site_admin
from rooms.actions.memberships import grant_admin, remove_member, revoke_admin
from rooms.admin.base import RoomRows
from rooms.models import Membership


@admin.register(Membership)
class MembershipAdmin(RoomRows):
    list_display = ("user", "room_name", "state", "role", "joined_at")
    list_filter = ("state", "role")
    allowed_lookups = ("room__id__exact",)
    list_select_related = ("user", "room__one", "room__other")
    search_fields = ("user__username", "room__name")
    search_help_text = _("Search by username or by room.")
    ordering = ("-id",)
    fields = ("room", "user", "state", "role", "joined_at", "visited_at")
    actions = ("grant_admins", "revoke_admins", "remove_members")

    def object_actions(self, request: HttpRequest, obj: Model) -> list[tuple[str, str]]:
        assert isinstance(obj, Membership)
        senseless = "grant_admins" if obj.is_admin else "revoke_admins"
        is_over = not obj.is_active or obj.room.is_direct or obj.room.is_deleted
        return [] if is_over else [action for action in super().object_actions(request, obj) if action[0] != senseless]

    @admin.action(description=_("Make admins of their rooms"), permissions=["manage"])
    def grant_admins(self, request: HttpRequest, rows: QuerySet[Membership]) -> HttpResponse | None:
        return self._do(request, rows, "Made admin.", grant_admin)

    @admin.action(description=_("Take the admin role"), permissions=["manage"])
    def revoke_admins(self, request: HttpRequest, rows: QuerySet[Membership]) -> HttpResponse | None:
        return self._do(request, rows, "No longer admin.", revoke_admin)

    @admin.action(description=_("Remove from their rooms"), permissions=["manage"])
    def remove_members(self, request: HttpRequest, rows: QuerySet[Membership]) -> HttpResponse | None:
        return self._do(request, rows, "Removed.", remove_member)

    def _do(
        self, request: HttpRequest, rows: QuerySet[Membership], what: str, action: Callable[..., object]
    ) -> HttpResponse | None:
        def act(row: Any) -> object:
            return action(row.room, actor=site_admin(request), user=row.user)

        return self.do_to_each(request, rows, what, act)
