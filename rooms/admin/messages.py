"""Messages: read, never changed; what a site admin reads that is private is noted."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import truncatechars
from django.utils.translation import gettext as _, gettext_lazy

from accounts.admin.base import site_admin
from accounts.audit import record
from accounts.models import User
from rooms.actions.moderation import redact_message
from rooms.actions.pins import pin_message, unpin_message
from rooms.admin.base import RoomRows, shorten
from rooms.models import Message, Room

EXCERPT_LENGTH = 80


class ErasedFilter(admin.SimpleListFilter):
    title = gettext_lazy("erased")
    parameter_name = "erased"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        return [("no", _("No")), ("yes", _("Yes"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        wanted = {"no": True, "yes": False}.get(self.value() or "")
        return queryset if wanted is None else queryset.filter(redacted_at__isnull=wanted)


@admin.register(Message)
class MessageAdmin(RoomRows):
    list_display = ("room_name", "seq", "author", "kind", "excerpt", "created_at")
    list_display_links = ("seq", "excerpt")
    list_filter = ("kind", ErasedFilter)
    allowed_lookups = ("room__id__exact", "author__id__exact")
    list_select_related = ("room__one", "room__other", "author")
    # Only for the box to be there (get_search_results).
    search_fields = ("body",)
    search_help_text = gettext_lazy(
        "Search by text in public rooms, or by the author’s whole username. To read one room, begin there."
    )
    # Room by room, the newest first: the order of the index. By time alone, each look would sort the whole table.
    ordering = ("-room_id", "-seq")
    sortable_by = ()
    fields = (
        "room",
        "seq",
        "kind",
        "author",
        "subject",
        "target_seq",
        "text",
        "created_at",
        "redacted_at",
        "is_pinned",
        "client_id",
        "hash_in_hex",
    )
    readonly_fields = ("text", "is_pinned", "hash_in_hex")
    actions = ("erase_messages", "pin_messages", "unpin_messages")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Message], search_term: str
    ) -> tuple[QuerySet[Message], bool]:
        words = search_term.strip()
        if not words:
            return queryset, False
        # Looked up before: a join to the people would be made for each of the messages.
        author = User.objects.named(words).first()
        found = Q(body__icontains=words, room__kind=Room.Kind.PUBLIC)
        return queryset.filter(found | Q(author=author) if author else found), False

    def render_change_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Here, where the row is at hand that is about to be shown: an address may name it in more ways than one.
        note_reading(request, kwargs["obj"])
        return super().render_change_form(request, *args, **kwargs)

    def in_question(self, request: HttpRequest, row: Message) -> str:
        return read_out(request, row)

    def object_actions(self, request: HttpRequest, obj: Model) -> list[tuple[str, str]]:
        assert isinstance(obj, Message)
        if not obj.is_talk or obj.is_redacted:
            return []
        # A direct room has no pins; elsewhere, one of the two makes sense.
        senseless = {"pin_messages", "unpin_messages"}
        if not obj.room.is_direct:
            senseless.remove("unpin_messages" if self.is_pinned(obj) else "pin_messages")
        return [action for action in super().object_actions(request, obj) if action[0] not in senseless]

    @admin.display(description=gettext_lazy("text"))
    def excerpt(self, row: Message) -> str:
        return excerpt(row)

    @admin.display(description=gettext_lazy("text"))
    def text(self, row: Message) -> str:
        return row.body or words(row)

    @admin.display(description=gettext_lazy("pinned"), boolean=True)
    def is_pinned(self, row: Message) -> bool:
        return hasattr(row, "pin")

    @admin.display(description=gettext_lazy("hash"))
    def hash_in_hex(self, row: Message) -> str:
        return bytes(row.hash).hex()

    @admin.action(description=gettext_lazy("Erase the words for good"), permissions=["manage"])
    def erase_messages(self, request: HttpRequest, rows: QuerySet[Message]) -> HttpResponse | None:
        question = _("The words of these messages are erased for good, on open pages too. A line says that you did it.")
        return self.ask(request, rows, question=question, yes=_("Erase them")) or self.do_to_each(
            request, rows, "Erased.", lambda row: redact_message(row.room, actor=site_admin(request), seq=row.seq)
        )

    @admin.action(description=gettext_lazy("Pin in the room"), permissions=["manage"])
    def pin_messages(self, request: HttpRequest, rows: QuerySet[Message]) -> HttpResponse | None:
        return self.do_to_each(
            request, rows, "Pinned.", lambda row: pin_message(row.room, actor=site_admin(request), seq=row.seq)
        )

    @admin.action(description=gettext_lazy("Unpin"), permissions=["manage"])
    def unpin_messages(self, request: HttpRequest, rows: QuerySet[Message]) -> HttpResponse | None:
        return self.do_to_each(
            request, rows, "Unpinned.", lambda row: unpin_message(row.room, actor=site_admin(request), seq=row.seq)
        )


def is_private(message: Message) -> bool:
    """Whether reading it is noted: what is said in a public room, and what the site itself says, anybody may read."""
    return message.is_talk and message.room.kind != Room.Kind.PUBLIC


def note_reading(request: HttpRequest, message: Message) -> None:
    """Note that a site admin is shown the words of a message, if they are private: each page that does so calls it."""
    if is_private(message):
        record("read_message", actor=site_admin(request), target=message, subject=message.author)


def read_out(request: HttpRequest, row: Message) -> str:
    """Who said what and where, for a question about that message: of private words, the reading is noted."""
    note_reading(request, row)
    said = row.attachment.name if row.attachment and not row.body else words(row)
    return _("“%(words)s”, by %(author)s in %(room)s") % {
        "words": said,
        "author": row.author or _("somebody"),
        "room": shorten(row.room),
    }


def excerpt(row: Message) -> str:
    """What a list shows of a message: nothing that is private, so that looking at a list need not be noted."""
    if is_private(row) and not row.is_redacted:
        return _("(private: open it to read it; that is noted)")
    return words(row)


def words(row: Message) -> str:
    # Cut before: Django normalises all that it is given.
    return _("(erased)") if row.is_redacted else truncatechars(row.body[: 2 * EXCERPT_LENGTH], EXCERPT_LENGTH) or "–"
