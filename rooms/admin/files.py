"""Files: who sent what where, and how large it is. What is in one, its room's members see, and nobody here."""

from django.contrib import admin
from django.utils.translation import gettext as _, gettext_lazy

from chatsite.files.sizes import size_in_words
from rooms.admin.base import RoomRows
from rooms.models import Attachment, Room


@admin.register(Attachment)
class AttachmentAdmin(RoomRows):
    list_display = ("created_at", "shown_name", "room_name", "owner", "shown_size", "kind", "state")
    list_filter = ("state", "kind")
    list_select_related = ("room__one", "room__other", "owner")
    ordering = ("-created_at",)
    sortable_by = ()
    fields = (
        "shown_name",
        "room",
        "owner",
        "shown_size",
        "content_type",
        "kind",
        "state",
        "created_at",
        "sha256_in_hex",
    )
    readonly_fields = ("shown_name", "shown_size", "sha256_in_hex")

    @admin.display(description=gettext_lazy("name"))
    def shown_name(self, row: Attachment) -> str:
        if is_private(row):
            # Names are words, too.
            return _("(private: its message has it)")
        return row.name or _("(erased)")

    @admin.display(description=gettext_lazy("size"))
    def shown_size(self, row: Attachment) -> str:
        return size_in_words(row.size)

    @admin.display(description="SHA-256")
    def sha256_in_hex(self, row: Attachment) -> str:
        # By it one could tell whether a private file is the one that one has a copy of.
        return "–" if is_private(row) else bytes(row.sha256).hex() or "–"


def is_private(row: Attachment) -> bool:
    return row.room.kind != Room.Kind.PUBLIC
