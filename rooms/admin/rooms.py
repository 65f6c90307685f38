"""Rooms: their names and kinds, who belongs to them, and those that were deleted."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _, gettext_lazy

from accounts.admin.base import site_admin
from accounts.models import User
from rooms.actions.memberships import add_member
from rooms.actions.rooms import change_room, delete_room, restore_room
from rooms.admin.base import RoomActionAdmin
from rooms.errors import ConfirmPublic
from rooms.models import KEPT_DELETED, Room

# Members on a room's own page; the list of memberships has the others, page by page.
MEMBERS_SHOWN = 50


class DeletedFilter(admin.SimpleListFilter):
    title = gettext_lazy("deleted")
    parameter_name = "deleted"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        return [("no", _("No")), ("yes", _("Yes, and can be restored")), ("expired", _("Yes, for good"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        border = timezone.now() - KEPT_DELETED
        wanted: dict[str, dict[str, Any]] = {
            "no": {"deleted_at": None},
            "yes": {"deleted_at__gte": border},
            "expired": {"deleted_at__lt": border},
        }
        return queryset.filter(**wanted.get(self.value() or "", {}))


class RoomForm(forms.ModelForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=[(kind.value, kind.label) for kind in (Room.Kind.PUBLIC, Room.Kind.PRIVATE)]
    )
    confirm = forms.BooleanField(
        label=gettext_lazy("Yes, make it public"), required=False, help_text=ConfirmPublic.sentence
    )

    class Meta:
        model = Room
        fields = ("name", "topic", "kind")


@admin.register(Room)
class RoomAdmin(RoomActionAdmin):
    form = RoomForm
    change_form_template = "rooms/admin_room.html"
    list_display = ("__str__", "transcript", "kind", "member_count", "message_count", "created_at", "days_left")
    list_filter = ("kind", DeletedFilter)
    list_select_related = ("one", "other")
    # Only for the box to be there: what is compared is the folded name (get_search_results).
    search_fields = ("name",)
    search_help_text = gettext_lazy("Search by name, in any case or Unicode form.")
    ordering = ("name_folded", "id")
    readonly_fields = (
        "member_count",
        "message_count",
        "created_by",
        "created_at",
        "deleted_at",
        "days_left",
        "transcript",
    )
    actions = ("delete_rooms", "restore_rooms")

    def get_fields(self, request: HttpRequest, obj: Room | None = None) -> Any:
        is_private = obj is not None and obj.kind == Room.Kind.PRIVATE and self.has_change_permission(request, obj)
        return ("name", "topic", "kind", *(["confirm"] if is_private else []), *self.readonly_fields)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Room | None = None) -> bool:
        is_fixed = obj is not None and (obj.is_direct or obj.is_deleted)
        return not is_fixed and super().has_change_permission(request, obj)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[QuerySet[Room], bool]:
        return (queryset.search(search_term) if search_term else queryset), False

    @admin.display(description=gettext_lazy("messages"), ordering="last_seq")
    def message_count(self, room: Room) -> int:
        return room.last_seq

    @admin.display(description=gettext_lazy("transcript"))
    def transcript(self, room: Room) -> str:
        address = reverse("admin:rooms_message_changelist") + f"?room__id__exact={room.pk}"
        return format_html('<a href="{}">{}</a>', address, _("Read it"))

    @admin.display(description=gettext_lazy("days left to restore it"), ordering="deleted_at")
    def days_left(self, room: Room) -> str:
        if room.deleted_at is None:
            return "–"
        return str(max(0, (room.deleted_at + KEPT_DELETED - timezone.now()).days))

    # --- One room ---

    def save_model(self, request: HttpRequest, obj: Room, form: forms.ModelForm, change: bool) -> None:
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        change_room(obj, actor=site_admin(request), **changes)

    def get_urls(self) -> list[URLPattern]:
        add = path(
            "<path:object_id>/add-member/", self.admin_site.admin_view(self.add_member), name="rooms_room_add_member"
        )
        return [add, *super().get_urls()]

    def add_member(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Make the person with the username that was typed in a member."""
        room = self.get_object(request, object_id)
        if request.method != "POST" or room is None or not self.has_manage_permission(request):
            raise PermissionDenied
        user = User.objects.named(request.POST.get("username", "")).first()
        act = partial(add_member, actor=site_admin(request), user=user)
        self.do_to_each(request, [room], "Added a member.", act)
        return redirect("admin:rooms_room_change", room.pk)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        room = self.get_object(request, object_id)
        beside = self.beside(request, room) if room else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **beside})

    def beside(self, request: HttpRequest, room: Room) -> dict[str, Any]:
        """What the page shows beside the form: some of the members, the admins first."""
        members = room.memberships.active().select_related("user").order_by("role", "joined_at")
        can_see = request.user.has_perm("rooms.view_membership")
        return {
            "members": members[:MEMBERS_SHOWN] if can_see else [],
            "all_members": reverse("admin:rooms_membership_changelist") + f"?room__id__exact={room.pk}",
            "can_manage": self.has_manage_permission(request) and not room.is_direct and not room.is_deleted,
        }

    # --- Actions on one row ---

    def object_actions(self, request: HttpRequest, obj: Model) -> list[tuple[str, str]]:
        assert isinstance(obj, Room)
        wanted = "restore_rooms" if obj.is_deleted else "delete_rooms"
        return [] if obj.is_direct else [one for one in super().object_actions(request, obj) if one[0] == wanted]

    @admin.action(description=gettext_lazy("Delete"), permissions=["manage"])
    def delete_rooms(self, request: HttpRequest, rooms: QuerySet[Room]) -> HttpResponse | None:
        question = _(
            "This ends everybody’s access to these rooms at once. Who is in one of them is told so and sent away:"
        )
        return self.ask(request, rooms, question=question, yes=_("Delete these rooms")) or self.do_to_each(
            request, rooms, "Deleted.", partial(delete_room, actor=site_admin(request))
        )

    @admin.action(description=gettext_lazy("Restore"), permissions=["manage"])
    def restore_rooms(self, request: HttpRequest, rooms: QuerySet[Room]) -> HttpResponse | None:
        return self.do_to_each(request, rooms, "Restored.", partial(restore_room, actor=site_admin(request)))
