"""Rooms in the Django admin: everything may be looked at, and every change goes through the actions."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet, Sum
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import truncatechars
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from accounts.models import User
from rooms.actions.memberships import grant_admin, remove_member, revoke_admin
from rooms.actions.rooms import change_room, delete_room
from rooms.errors import RoomError
from rooms.models import Membership, Message, Room

# Rows of a narrowed list of messages that are counted: beyond them one narrows further instead of paging on.
COUNTED_ROWS = 2_000
EXCERPT_LENGTH = 80
ROOM_NAME_SHOWN = 30


def site_admin(request: HttpRequest) -> User:
    """Return who is at the desk: Django's admin lets in people only."""
    assert isinstance(request.user, User)
    return request.user


@contextmanager
def refusals_as_messages(request: HttpRequest) -> Iterator[None]:
    """Tell the site admin why an action said no."""
    try:
        yield
    except RoomError as error:
        messages.error(request, str(error))


class ThroughActions(admin.ModelAdmin):
    """Rows that are made and ended by actions alone: no raw form adds one, and nothing erases one."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_manage_permission(self, request: HttpRequest) -> bool:
        """Whether the actions will accept this site admin: what ``Room.require_admin`` asks for."""
        return request.user.has_perm("rooms.change_room")

    def do_to_each(self, request: HttpRequest, rows: QuerySet, what: str, act: Callable[[Any], object]) -> None:
        """Do ``act`` to each row, note it in the admin's history, and say how many it was done to."""
        done = 0
        for row in rows:
            with refusals_as_messages(request):
                act(row)
                self.log_change(request, row, what)
                done += 1
        if done:
            messages.success(request, ngettext("Done for %d row.", "Done for %d rows.", done) % done)

    @admin.display(description=gettext_lazy("room"), ordering="room__name_folded")
    def room_name(self, row: Any) -> str:
        # The admin keeps a related row's name on one line: a long one would push the other columns out of sight.
        return truncatechars(row.room.name, ROOM_NAME_SHOWN)


class DeletedFilter(admin.SimpleListFilter):
    title = gettext_lazy("deleted")
    parameter_name = "deleted"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        return [("no", _("No")), ("yes", _("Yes"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        wanted = {"no": True, "yes": False}.get(self.value() or "")
        return queryset if wanted is None else queryset.filter(deleted_at__isnull=wanted)


@admin.register(Room)
class RoomAdmin(ThroughActions):
    list_display = ("name", "transcript", "kind", "member_count", "message_count", "created_at", "deleted_at")
    list_filter = ("kind", DeletedFilter)
    # Only for the box to be there: what is compared is the folded name (get_search_results).
    search_fields = ("name",)
    search_help_text = gettext_lazy("Search by name, in any case or Unicode form.")
    ordering = ("name_folded", "id")
    list_per_page = 50
    show_full_result_count = False
    fields = (
        "name",
        "topic",
        "kind",
        "member_count",
        "message_count",
        "created_by",
        "created_at",
        "deleted_at",
        "transcript",
    )
    readonly_fields = fields[2:]
    actions = ("delete_rooms",)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[QuerySet[Room], bool]:
        return (queryset.search(search_term) if search_term else queryset), False

    @admin.display(description=gettext_lazy("messages"), ordering="last_seq")
    def message_count(self, room: Room) -> int:
        return room.last_seq

    @admin.display(description=gettext_lazy("transcript"))
    def transcript(self, room: Room) -> str:
        address = reverse("admin:rooms_message_changelist") + f"?room__id__exact={room.pk}"
        return format_html('<a href="{}">{}</a>', address, _("Read it"))

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Outside the transaction that Django's view holds: what was saved before the refusal is undone.
        with refusals_as_messages(request):
            return super().changeform_view(request, *args, **kwargs)
        return redirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: Room, form: ModelForm, change: bool) -> None:
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        change_room(obj, actor=site_admin(request), **changes)

    @admin.action(description=gettext_lazy("Delete the selected rooms"), permissions=["manage"])
    def delete_rooms(self, request: HttpRequest, rooms: QuerySet[Room]) -> HttpResponse | None:
        if request.POST.get("confirmed"):
            self.do_to_each(request, rooms, "Deleted.", lambda room: delete_room(room, actor=site_admin(request)))
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": _("Delete rooms"),
            "opts": self.opts,
            "rooms": rooms,
        }
        return TemplateResponse(request, "rooms/admin_delete_rooms.html", context)


@admin.register(Membership)
class MembershipAdmin(ThroughActions):
    list_display = ("user", "room_name", "state", "role", "joined_at")
    list_filter = ("state", "role")
    list_select_related = ("user", "room")
    search_fields = ("user__username", "room__name")
    search_help_text = gettext_lazy("Search by username or by room.")
    ordering = ("-id",)
    list_per_page = 50
    show_full_result_count = False
    fields = ("room", "user", "state", "role", "joined_at", "visited_at")
    actions = ("grant_admins", "revoke_admins", "remove_members")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.action(description=gettext_lazy("Make admins of their rooms"), permissions=["manage"])
    def grant_admins(self, request: HttpRequest, rows: QuerySet[Membership]) -> None:
        self._do(request, rows, "Made admin.", grant_admin)

    @admin.action(description=gettext_lazy("Take the admin role"), permissions=["manage"])
    def revoke_admins(self, request: HttpRequest, rows: QuerySet[Membership]) -> None:
        self._do(request, rows, "No longer admin.", revoke_admin)

    @admin.action(description=gettext_lazy("Remove from their rooms"), permissions=["manage"])
    def remove_members(self, request: HttpRequest, rows: QuerySet[Membership]) -> None:
        self._do(request, rows, "Removed.", remove_member)

    def _do(self, request: HttpRequest, rows: QuerySet[Membership], what: str, action: Callable[..., object]) -> None:
        self.do_to_each(request, rows, what, lambda row: action(row.room, actor=site_admin(request), user=row.user))


class MessagePaginator(Paginator):
    """Knows how many messages there are without counting them: the rooms remember."""

    object_list: QuerySet[Message]

    @cached_property
    def count(self) -> int:
        if not self.object_list.query.has_filters():
            return Room.objects.aggregate(rows=Sum("last_seq"))["rows"] or 0
        return self.object_list.order_by()[:COUNTED_ROWS].count()


@admin.register(Message)
class MessageAdmin(ThroughActions):
    list_display = ("room_name", "seq", "author", "kind", "excerpt", "created_at")
    list_display_links = ("seq", "excerpt")
    list_filter = ("kind",)
    list_select_related = ("room", "author")
    search_fields = ("body", "author__username")
    search_help_text = gettext_lazy("Search by text or by author. For one room's transcript, begin at the room.")
    # Room by room, the newest first: the order of the index. By time alone, each look would sort the whole table.
    ordering = ("-room_id", "-seq")
    sortable_by = ()
    list_per_page = 50
    show_full_result_count = False
    # Facets would count every kind.
    show_facets = admin.ShowFacets.NEVER
    paginator = MessagePaginator
    fields = ("room", "seq", "kind", "author", "subject", "body", "created_at", "client_id", "hash_in_hex")
    readonly_fields = ("hash_in_hex",)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description=gettext_lazy("text"))
    def excerpt(self, row: Message) -> str:
        return truncatechars(row.body, EXCERPT_LENGTH) or "–"

    @admin.display(description=gettext_lazy("hash"))
    def hash_in_hex(self, row: Message) -> str:
        return bytes(row.hash).hex()
