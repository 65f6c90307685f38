"""What the pages of the Django admin have in common: changes go through actions, and lists count nothing."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import ngettext

from accounts.errors import AccountError
from accounts.models import User

ROWS_ON_A_PAGE = 50
# To come to a page, the database reads all rows before it: further back, one searches or filters.
LAST_PAGE = 200


def site_admin(request: HttpRequest) -> User:
    """Return the site admin who asks: Django's admin lets in users only."""
    assert isinstance(request.user, User)
    return request.user


class GuardedList(ChangeList):
    """Is sorted by columns that may be sorted by, and a question that it does not answer leads back to all of it."""

    def get_ordering_field(self, field_name: Any) -> Any:
        # Django takes the links out of the heads of the other columns, and sorts by them all the same.
        return super().get_ordering_field(field_name) if field_name in (self.sortable_by or ()) else None

    def get_filters(self, request: HttpRequest) -> Any:
        try:
            return super().get_filters(request)
        except DisallowedModelAdminLookup as error:
            raise IncorrectLookupParameters from error


class GuardedAdmin(admin.ModelAdmin):
    """What every page of the Django admin begins with: a list is asked for nothing but what stands here.

    Django lets an address filter by each column of the model, shown or not, and by its beginning or a pattern: whoever
    may look at a list could so spell out what it hides, word by word, and no log would know.
    """

    # Besides the parameters of ``list_filter``.
    allowed_lookups: ClassVar[tuple[str, ...]] = ()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return GuardedList

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup in self.allowed_lookups or any(
            lookup in self._parameters_of(item, request) for item in self.get_list_filter(request)
        )

    def _parameters_of(self, item: Any, request: HttpRequest) -> Iterable[str | None]:
        if isinstance(item, type) and issubclass(item, admin.SimpleListFilter):
            return [item.parameter_name]
        field = get_fields_from_path(self.model, item)[-1]
        made = admin.FieldListFilter.create(field, request, {}, self.model, self, field_path=item)
        return made.expected_parameters()


class UncountedList(GuardedList):
    """Looks one row past the page instead of counting: a count reads every row, and nobody pages through a million."""

    def get_results(self, request: HttpRequest) -> None:
        start = (self.page_num - 1) * self.list_per_page
        if not 1 <= self.page_num <= LAST_PAGE:
            raise IncorrectLookupParameters
        rows = list(self.queryset[start : start + self.list_per_page + 1])
        if start and not rows:
            raise IncorrectLookupParameters
        self.has_more = len(rows) > self.list_per_page
        self.result_list = rows[: self.list_per_page]
        # As many as are shown, so that no link offers to act on those that are not.
        self.result_count = len(self.result_list)
        # The same, so that the search box does not call what is on this page all that was found.
        self.full_result_count = self.result_count
        self.can_show_all = False
        self.show_admin_actions = True
        self.multi_page = bool(start) or self.has_more
        # For the links to the pages that are known of.
        known = min(start + len(rows), LAST_PAGE * self.list_per_page)
        self.paginator = Paginator(range(known), self.list_per_page)


class ActionAdmin(GuardedAdmin):
    """A list without counting; its actions are buttons on the page of each row, too; refusals become messages."""

    refusals: ClassVar[tuple[type[Exception], ...]] = (AccountError,)
    # Of these, what is answered by a page of its own.
    not_messages: ClassVar[tuple[type[Exception], ...]] = ()
    list_per_page = ROWS_ON_A_PAGE
    show_full_result_count = False
    # Facets would count every choice.
    show_facets = admin.ShowFacets.NEVER
    change_form_template = "admin/change_form_with_actions.html"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return UncountedList

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    # --- Refusals ---

    @contextmanager
    def refusals_as_messages(self, request: HttpRequest) -> Iterator[None]:
        """Tell the site admin why an action said no."""
        try:
            yield
        except self.not_messages:
            raise
        except self.refusals as error:
            messages.error(request, str(error))

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Outside the transaction that Django's view holds: what was saved before the refusal is undone.
        with self.refusals_as_messages(request):
            return super().changeform_view(request, *args, **kwargs)
        return HttpResponseRedirect(request.get_full_path())

    # --- Actions on one row ---

    def do_to_each(
        self, request: HttpRequest, rows: Iterable[Model], what: str, act: Callable[[Any], object]
    ) -> HttpResponse | None:
        """Do ``act`` to each row, note it in the admin's history, and say how many it was done to."""
        done = 0
        for row in rows:
            with self.refusals_as_messages(request):
                act(row)
                self.log_change(request, row, what)
                done += 1
        if done:
            messages.success(request, ngettext("Done for %d row.", "Done for %d rows.", done) % done)
        return None

    def ask(self, request: HttpRequest, rows: QuerySet, *, question: str, yes: str) -> HttpResponse | None:
        """Return the page that asks whether to go on, until it has been answered."""
        if request.POST.get("confirmed"):
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": yes,
            "opts": self.opts,
            "rows": [self.in_question(request, row) for row in rows],
            "pks": [row.pk for row in rows],
            "question": question,
            "action": request.POST.get("action"),
            "back": self.way_back(request),
        }
        return TemplateResponse(request, "admin/confirm_action.html", context)

    def in_question(self, request: HttpRequest, row: Any) -> str:
        """How ``ask`` calls a row."""
        return str(row)

    def object_actions(self, request: HttpRequest, obj: Model) -> list[tuple[str, str]]:
        """The actions that make sense for this row, each with its label."""
        return [(name, label) for name, label in self.get_action_choices(request) if name]

    def render_change_form(  # noqa: PLR0913, PLR0917 (Django's)
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        context["object_actions"] = self.object_actions(request, obj) if obj else []
        return super().render_change_form(request, context, add, change, form_url, obj)

    def response_action(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | None:
        response = super().response_action(request, *args, **kwargs)
        if isinstance(response, TemplateResponse):
            return response
        return HttpResponseRedirect(self.way_back(request) or request.get_full_path())

    @staticmethod
    def way_back(request: HttpRequest) -> str:
        """The page whose button was pressed, if it is one of this site's."""
        back = request.POST.get("back", "")
        return back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else ""


class ThroughActions(ActionAdmin):
    """Rows that are made, changed and ended by actions alone: there is no raw form of one."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
