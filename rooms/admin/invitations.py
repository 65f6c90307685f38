"""Links by which people become members of rooms."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _, gettext_lazy

from accounts.admin.base import site_admin
from rooms.actions.invitations import revoke_invitation
from rooms.admin.base import RoomRows
from rooms.models import Invitation


class GoodFilter(admin.SimpleListFilter):
    title = gettext_lazy("can be used")
    parameter_name = "good"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        return [("yes", _("Yes"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.good() if self.value() == "yes" else queryset


@admin.register(Invitation)
class InvitationAdmin(RoomRows):
    """Without their codes: a site admin who wants into a room adds themselves, and that is a row."""

    list_display = ("room_name", "created_by", "created_at", "expires_at", "uses_left", "used", "revoked_at")
    list_filter = (GoodFilter,)
    list_select_related = ("room", "created_by")
    search_fields = ("room__name", "created_by__username")
    search_help_text = gettext_lazy("Search by room or by who made it.")
    ordering = ("-id",)
    fields = ("room", "created_by", "created_at", "expires_at", "uses_left", "used", "revoked_at")
    actions = ("revoke_invitations",)

    def object_actions(self, request: HttpRequest, obj: Model) -> list[tuple[str, str]]:
        assert isinstance(obj, Invitation)
        return super().object_actions(request, obj) if obj.is_good else []

    @admin.action(description=gettext_lazy("Revoke"), permissions=["manage"])
    def revoke_invitations(self, request: HttpRequest, rows: QuerySet[Invitation]) -> HttpResponse | None:
        def revoke(row: Any) -> object:
            return revoke_invitation(row.room, actor=site_admin(request), invitation_id=row.pk)

        return self.do_to_each(request, rows, "Revoked.", revoke)
