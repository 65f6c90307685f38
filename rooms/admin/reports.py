"""The queue of messages that people found should not stand as they do."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _, gettext_lazy

from accounts.admin.base import site_admin
from rooms.actions.moderation import dismiss_report, redact_message
from rooms.admin.base import RoomRows, shorten
from rooms.admin.messages import excerpt, note_reading, read_out, words
from rooms.models import Report


class OutcomeFilter(admin.SimpleListFilter):
    """Those that wait, unless one asks for others."""

    title = gettext_lazy("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        return [*Report.Outcome.choices, ("all", _("All"))]

    def choices(self, changelist: ChangeList) -> Any:
        shown = self.value() or Report.Outcome.OPEN
        for value, label in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": shown == value, "query_string": query, "display": label}

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value() or Report.Outcome.OPEN
        return queryset.filter(outcome=value) if value in Report.Outcome.values else queryset


@admin.register(Report)
class ReportAdmin(RoomRows):
    list_display = ("created_at", "excerpt", "written_by", "room_name", "reporter", "reason", "outcome", "handled_by")
    list_filter = (OutcomeFilter,)
    list_select_related = ("message__room__one", "message__room__other", "message__author", "reporter", "handled_by")
    ordering = ("-created_at", "-id")
    sortable_by = ()
    fields = (
        "words",
        "written_by",
        "room_name",
        "in_the_transcript",
        "reporter",
        "reason",
        "created_at",
        "outcome",
        "handled_by",
        "handled_at",
    )
    readonly_fields = fields[:4]
    actions = ("erase_messages", "leave_messages")

    def object_actions(self, request: HttpRequest, obj: Model) -> list[tuple[str, str]]:
        assert isinstance(obj, Report)
        return super().object_actions(request, obj) if obj.outcome == Report.Outcome.OPEN else []

    def render_change_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        note_reading(request, kwargs["obj"].message)
        return super().render_change_form(request, *args, **kwargs)

    def in_question(self, request: HttpRequest, row: Report) -> str:
        return read_out(request, row.message)

    @admin.display(description=gettext_lazy("message"))
    def excerpt(self, report: Report) -> str:
        return excerpt(report.message)

    @admin.display(description=gettext_lazy("message"))
    def words(self, report: Report) -> str:
        # Also of a private room: somebody who may read it has shown it to those who look after the site.
        return words(report.message)

    @admin.display(description=gettext_lazy("written by"))
    def written_by(self, report: Report) -> str:
        return str(report.message.author)

    @admin.display(description=gettext_lazy("room"))
    def room_name(self, report: Report) -> str:
        return shorten(report.message.room)

    @admin.display(description=gettext_lazy("whole message"))
    def in_the_transcript(self, report: Report) -> str:
        address = reverse("admin:rooms_message_change", args=[report.message_id])
        return format_html('<a href="{}">{}</a>', address, _("Read it"))

    @admin.action(description=gettext_lazy("Erase the message"), permissions=["manage"])
    def erase_messages(self, request: HttpRequest, reports: QuerySet[Report]) -> HttpResponse | None:
        def erase(report: Any) -> object:
            return redact_message(report.message.room, actor=site_admin(request), seq=report.message.seq)

        question = _("The words of these messages are erased for good, on open pages too. A line says that you did it.")
        return self.ask(request, reports, question=question, yes=_("Erase them")) or self.do_to_each(
            request, reports, "Erased.", erase
        )

    @admin.action(description=gettext_lazy("Leave it as it is"), permissions=["manage"])
    def leave_messages(self, request: HttpRequest, reports: QuerySet[Report]) -> HttpResponse | None:
        return self.do_to_each(request, reports, "Left.", partial(dismiss_report, actor=site_admin(request)))
