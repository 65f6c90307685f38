"""Who may sign up: the rule, and the part of allauth's sign-up forms (the page's and the app client's) that asks it.

allauth builds its forms on ``SignupRules`` (ACCOUNT_SIGNUP_FORM_CLASS), so this module cannot import them.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.db.models import F
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.errors import BadInvitation, EmailNotWelcome, InvitationNeeded, SignupClosed, SignupRefused
from accounts.models import Invitation, SiteSettings, User


def require_welcome(*, email: str, invitation: str) -> None:
    """Raise why this person may not sign up, if they may not. No invitation is used up by asking."""
    site = SiteSettings.current()
    if site.sign_up == site.SignUp.CLOSED:
        raise SignupClosed
    if site.sign_up == site.SignUp.DOMAIN and email.rpartition("@")[2].lower() not in site.domains:
        raise EmailNotWelcome
    if site.sign_up == site.SignUp.INVITATION:
        if not invitation:
            raise InvitationNeeded
        if not Invitation.objects.good(invitation).exists():
            raise BadInvitation


def use_welcome(*, email: str, invitation: str) -> None:
    """The same, for good: uses the invitation up in the transaction that makes the account, or raises."""
    require_welcome(email=email, invitation=invitation)
    if SiteSettings.current().sign_up == SiteSettings.SignUp.INVITATION:
        # One statement: of two who have the last use at once, the database lets one have it.
        used = Invitation.objects.good(invitation).update(uses_left=F("uses_left") - 1)
        if not used:
            raise BadInvitation


class SignupRules(forms.Form):
    invitation = forms.CharField(
        label=_("Invitation code"),
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "email" in cleaned:
            try:
                require_welcome(email=cleaned["email"], invitation=cleaned.get("invitation", ""))
            except SignupRefused as refusal:
                self.refuse(refusal)
        return cleaned

    def use_welcome(self) -> None:
        use_welcome(email=self.cleaned_data.get("email", ""), invitation=self.cleaned_data.get("invitation", ""))

    def refuse(self, refusal: SignupRefused) -> None:
        """Say so beside the field that it is about, where this form has it."""
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))

    def signup(self, request: HttpRequest, user: User) -> None:
        """What allauth calls for a new account: all is done (adapters.py)."""


class UntellingMixin:
    """Before allauth's sign-up forms: where somebody has the address already, neither answer nor time tells."""

    account_already_exists: bool

    def try_save(self, request: HttpRequest) -> Any:
        if self.account_already_exists:
            get_adapter().pretend_to_save(request, self)
        return super().try_save(request)  # type: ignore[misc]
