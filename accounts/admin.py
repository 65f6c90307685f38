"""People, for site admins."""

from typing import Any
from urllib.parse import urlencode

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from accounts.actions import vouch_for_email
from accounts.models import EMAIL_TAKEN, Invitation, SiteSettings, User

# One way in for everybody: allauth's log-in page counts failed attempts, the admin's own does not.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = lazy(lambda: SiteSettings.current().shown_name, str)()
admin.site.index_title = _("Look after the site")


class ConfirmedEmailMixin(forms.ModelForm):
    """What a site admin types in becomes a confirmed address, which no two people can have."""

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if EmailAddress.objects.filter(email=email, verified=True).exclude(user=self.instance.pk).exists():
            raise forms.ValidationError(EMAIL_TAKEN)
        return email


class PersonAddForm(ConfirmedEmailMixin, AdminUserCreationForm):
    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("username", "email")


class PersonChangeForm(ConfirmedEmailMixin, UserChangeForm):
    class Meta(UserChangeForm.Meta):
        model = User


@admin.register(User)
class PersonAdmin(UserAdmin):
    form = PersonChangeForm
    add_form = PersonAddForm
    list_display = ["username", "display_name", "email", "is_active", "is_staff", "is_guest", "last_login"]
    list_filter = ["is_active", "is_staff", "is_superuser", "is_guest", "date_joined"]
    search_fields = ["username", "username_folded", "display_name", "email"]
    readonly_fields = ["id", "is_guest", "last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["username", "password", "display_name", "email"]}),
        (_("Access"), {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        (_("Record"), {"fields": ["id", "is_guest", "last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (
            None,
            {"classes": ["wide"], "fields": ["username", "email", "usable_password", "password1", "password2"]},
        ),
    ]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            vouch_for_email(obj)


@admin.register(SiteSettings)
class SiteSettingsAdmin(admin.ModelAdmin):
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


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):
    list_display = ["__str__", "uses_left", "expires_at", "created_by", "link"]
    list_filter = ["expires_at"]
    search_fields = ["code", "note"]
    fields = ["note", "code", "uses_left", "expires_at", "link", "created_by", "created_at"]
    readonly_fields = ["link", "created_by", "created_at"]

    @admin.display(description=_("link to pass on"))
    def link(self, invitation: Invitation) -> str:
        if not invitation.pk:
            return ""
        return f"{settings.SITE_URL}{reverse('account_signup')}?{urlencode({'invitation': invitation.code})}"

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        if not change:
            assert isinstance(request.user, User)
            obj.created_by = request.user
        super().save_model(request, obj, form, change)
