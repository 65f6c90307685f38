"""People, for site admins."""

from collections.abc import Callable
from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import (
    AdminUserCreationForm,
    ReadOnlyPasswordHashField,
    ReadOnlyPasswordHashWidget,
    UserChangeForm as DjangoUserChangeForm,
)
from django.contrib.auth.models import Group
from django.db import IntegrityError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_lazy as _

from accounts.actions import reactivate, set_access, sign_out_everywhere, suspend, vouch_for_email
from accounts.admin.base import ActionAdmin, GuardedAdmin, site_admin
from accounts.audit import record
from accounts.errors import NameTaken
from accounts.models import EMAIL_TAKEN, User

# Only who has all rights hands out rights.
RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")
# What ``set_access`` changes.
ACCESS = ("is_staff", "is_superuser")


class ConfirmedEmailMixin(forms.ModelForm):
    """What a site admin types in becomes a confirmed address, which no two people can have."""

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if EmailAddress.objects.filter(email=email, verified=True).exclude(user=self.instance.pk).exists():
            raise forms.ValidationError(EMAIL_TAKEN)
        return email


class UserAddForm(ConfirmedEmailMixin, AdminUserCreationForm):
    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("username", "email")


class PasswordKind(ReadOnlyPasswordHashWidget):
    """Whether there is a password, and by what it is hashed. Django shows a piece of the hash, too."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        return {**context, "summary": context["summary"][:1]}


class UserChangeForm(ConfirmedEmailMixin, DjangoUserChangeForm):
    password = ReadOnlyPasswordHashField(label=_("Password"), widget=PasswordKind)

    class Meta(DjangoUserChangeForm.Meta):
        model = User

    def _get_validation_exclusions(self) -> set[str]:
        # Somebody keeps a name that no new one may be like.
        kept = {"username", "display_name"}.difference(self.changed_data)
        return super()._get_validation_exclusions() | kept  # type: ignore[misc]


@admin.register(User)
class UserAdmin(ActionAdmin, DjangoUserAdmin):
    form = UserChangeForm
    add_form = UserAddForm
    list_display = ["username", "display_name", "email", "is_active", "is_staff", "is_guest", "last_login"]
    list_filter = ["is_active", "is_staff", "is_superuser", "is_guest", "date_joined"]
    search_fields = ["username", "username_folded", "display_name", "email"]
    readonly_fields = ["is_active", "id", "is_guest", "addresses", "last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["username", "password", "display_name", "email", "addresses"]}),
        (_("Access"), {"fields": ["is_active", *RIGHTS]}),
        (_("Record"), {"fields": ["id", "is_guest", "last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (
            None,
            {"classes": ["wide"], "fields": ["username", "email", "usable_password", "password1", "password2"]},
        ),
    ]
    actions = ["suspend_users", "reactivate_users", "sign_out_users"]

    # --- Who may change whom ---

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if site_admin(request).is_superuser else [*fields, *RIGHTS]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        # Nobody takes over an account with all rights by way of its email address or its password.
        is_beyond = obj is not None and (obj.deleted_at or (obj.is_superuser and not site_admin(request).is_superuser))
        return not is_beyond and super().has_change_permission(request, obj)

    # --- Changes ---

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        fields = {field.name for field in User._meta.concrete_fields}
        try:
            # No more than was changed: the rest of the row may be another one by now, suspended for one.
            obj.save(update_fields=fields & set(form.changed_data) - set(ACCESS) if change else None)
        except IntegrityError:  # somebody took the name or the address in this very moment
            raise NameTaken from None
        if "email" in form.changed_data:
            vouch_for_email(obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        who, person = site_admin(request), form.instance
        if not change:
            record("person_made", actor=who, subject=person)
        elif set(ACCESS) & set(form.changed_data):
            set_access(person, actor=who, **{name: form.cleaned_data[name] for name in ACCESS})
        if change and (rest := [name for name in form.changed_data if name not in ACCESS]):
            record("person_changed", actor=who, subject=person, detail=", ".join(rest))

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        before = self.get_object(request, id)
        response = super().user_change_password(request, id, form_url)
        after = self.get_object(request, id)
        # The page redirects also where the form contradicted itself.
        if before and after and before.password != after.password:
            record("password_set", actor=site_admin(request), subject=after)
        return response

    @admin.display(description=_("addresses"))
    def addresses(self, person: User) -> str:
        addresses = EmailAddress.objects.filter(user=person).order_by("-primary", "email")
        return ", ".join(
            f"{one.email} ({gettext('confirmed') if one.verified else gettext('not confirmed')})" for one in addresses
        )

    # --- Actions on one row ---

    def object_actions(self, request: HttpRequest, obj: Model) -> list[tuple[str, str]]:
        assert isinstance(obj, User)
        if obj.deleted_at:
            return []
        senseless = "reactivate_users" if obj.is_active else "suspend_users"
        return [(name, label) for name, label in super().object_actions(request, obj) if name != senseless]

    @admin.action(description=_("Suspend: sign out everywhere and keep out"), permissions=["change"])
    def suspend_users(self, request: HttpRequest, people: QuerySet[User]) -> HttpResponse | None:
        question = gettext("They are signed out everywhere at once and cannot log in. What they wrote stays.")
        return self.ask(request, people, question=question, yes=gettext("Suspend")) or self._do(
            request, people, "Suspended.", suspend
        )

    @admin.action(description=_("Let in again"), permissions=["change"])
    def reactivate_users(self, request: HttpRequest, people: QuerySet[User]) -> HttpResponse | None:
        return self._do(request, people, "Let in again.", reactivate)

    @admin.action(description=_("Sign out everywhere"), permissions=["change"])
    def sign_out_users(self, request: HttpRequest, people: QuerySet[User]) -> HttpResponse | None:
        return self._do(request, people, "Signed out everywhere.", sign_out_everywhere)

    def _do(
        self, request: HttpRequest, people: QuerySet[User], what: str, action: Callable[..., object]
    ) -> HttpResponse | None:
        return self.do_to_each(request, people, what, lambda person: action(person, actor=site_admin(request)))


admin.site.unregister(Group)


@admin.register(Group)
class GuardedGroupAdmin(GuardedAdmin, GroupAdmin):
    """Django's own, asked for nothing but what it shows; a site that has no groups sees nothing of them."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) and Group.objects.exists()
