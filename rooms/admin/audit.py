"""The audit log: who did what to rooms and people."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import ThroughActions
from accounts.models import AuditEntry, User
from rooms.log.append import AUDITED

# What is recorded besides the rows of transcripts. A test finds the one that is forgotten here.
OTHERS = {
    "access_changed": _("changed somebody’s rights"),
    "exported": _("took a transcript away"),
    "invitation_revoked": _("revoked an invitation"),
    "invited": _("made an invitation"),
    "password_link": _("made a link to a new password"),
    "password_set": _("set somebody’s password"),
    "person_changed": _("changed somebody’s account"),
    "person_made": _("made an account"),
    "purged": _("removed a deleted room for good"),
    "reactivated": _("let somebody in again"),
    "read_message": _("read a private message"),
    "report_dismissed": _("let a reported message stand"),
    "settings_changed": _("changed the site’s settings"),
    "signed_out": _("signed somebody out everywhere"),
    "suspended": _("suspended somebody"),
}
LABELS: dict[str, Any] = {kind.value: kind.label for kind in sorted(AUDITED)} | OTHERS


class ActionFilter(admin.SimpleListFilter):
    """By a list that is known: to ask the log which actions it holds, all of it would be read."""

    title = _("did what")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        return sorted(LABELS.items(), key=lambda pair: str(pair[1]))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditAdmin(ThroughActions):
    list_display = ("at", "actor", "action_label", "target_name", "subject", "detail")
    list_filter = (ActionFilter, "at")
    list_select_related = ("actor", "subject")
    # Only for the box to be there (get_search_results).
    search_fields = ("target_name",)
    search_help_text = _("Search by the name or the id of what it was done to, or by somebody’s whole username.")
    ordering = ("-id",)
    sortable_by = ()
    fields = ("at", "actor", "action_label", "target_kind", "target_id", "target_name", "subject", "detail")
    readonly_fields = ("action_label",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        words = search_term.strip()
        if not words:
            return queryset, False
        found = Q(target_name__icontains=words) | Q(target_id=words)
        if person := User.objects.named(words).first():
            found |= Q(actor=person) | Q(subject=person)
        return queryset.filter(found), False

    @admin.display(description=_("did what"))
    def action_label(self, entry: AuditEntry) -> str:
        return str(LABELS.get(entry.action, entry.action))
