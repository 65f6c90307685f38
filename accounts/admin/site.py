"""The site's own settings, and the invitations to it."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import GuardedAdmin, site_admin
from accounts.audit import record
from accounts.models import Invitation, SiteSettings


@admin.register(SiteSettings)
class SiteSettingsAdmin(GuardedAdmin):
    """One row, so its list is the row."""

    fields = ["name", "welcome_text", "sign_up", "email_domains"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        row, _made = SiteSettings.objects.get_or_create(pk=1)
        return redirect("admin:accounts_sitesettings_change", row.pk)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SiteSettings | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: SiteSettings, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.changed_data:
            record("settings_changed", actor=site_admin(request), detail=", ".join(form.changed_data))


@admin.register(Invitation)
class InvitationAdmin(GuardedAdmin):
    """Who may only look sees no code: whoever has it can sign up."""

    list_display = ["__str__", "uses_left", "expires_at", "created_by", "link"]
    list_filter = ["expires_at"]
    search_fields = ["note"]
    fields = ["note", "code", "uses_left", "expires_at", "link", "created_by", "created_at"]
    readonly_fields = ["link", "created_by", "created_at"]

    def get_list_display(self, request: HttpRequest) -> Any:
        return self._shown(request, super().get_list_display(request))

    def get_fields(self, request: HttpRequest, obj: Invitation | None = None) -> Any:
        return self._shown(request, super().get_fields(request, obj))

    def _shown(self, request: HttpRequest, names: Any) -> Any:
        is_theirs = self.has_add_permission(request) or self.has_change_permission(request)
        return names if is_theirs else [name for name in names if name not in {"code", "link"}]

    @admin.display(description=_("link to pass on"))
    def link(self, invitation: Invitation) -> str:
        if not invitation.pk:
            return ""
        return f"{settings.SITE_URL}{reverse('account_signup')}?{urlencode({'invitation': invitation.code})}"

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = site_admin(request)
        super().save_model(request, obj, form, change)
