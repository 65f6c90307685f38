"""People, for site admins."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.actions import vouch_for_email
from accounts.models import EMAIL_TAKEN, User

# One way in for everybody: allauth's log-in page counts failed attempts, the admin's own does not.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = settings.SITE_NAME
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
