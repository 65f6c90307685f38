"""How a guest's account becomes a full one: the form, and where the link in the mail leads."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, TemplateView

from accounts.actions import keep_account
from accounts.errors import AccountError, SignupRefused
from accounts.forms import KeepForm
from accounts.known_devices import remember_device
from accounts.limits import slow_down_coming_in
from accounts.models import PendingSignup, User
from accounts.pending import ask_to_keep, keep_by_link, pending_of, write_to
from accounts.sessions import SEEN_KEY, end_others
from accounts.views.entrance import InvitedMixin
from accounts.views.manage import OwnPage, verifies

KEPT = _("This account is yours to keep. From now on you can log in from anywhere.")


@method_decorator(sensitive_post_parameters("password1"), name="dispatch")
class KeepPage(OwnPage, InvitedMixin, FormView):
    """Make a guest's account a full one."""

    template_name = "account/keep.html"
    form_class = KeepForm
    success_url = reverse_lazy("account")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if isinstance(request.user, User) and not request.user.is_guest:
            return redirect("account")
        if not get_adapter().is_open_for_signup(request):
            return render(request, "account/signup_closed.html", status=403)
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: KeepForm) -> HttpResponse:
        answers = {name: form.cleaned_data[name] for name in ("username", "email")}
        answers |= {"password": form.cleaned_data["password1"], "invitation": form.cleaned_data.get("invitation", "")}
        try:
            slow_down_coming_in(self.request)
            if verifies():
                with transaction.atomic():
                    write_to(ask_to_keep(self.person, **answers))
                return self.ask_to_confirm(answers["email"])
            user = keep_account(self.person, **answers)
        except IntegrityError:
            # Somebody took the name or the address between the check and the save: check again, and say so.
            form.full_clean()
            if form.is_valid():
                raise
            return self.form_invalid(form)
        except SignupRefused as refusal:
            form.refuse(refusal)
            return self.form_invalid(form)
        except AccountError as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        keep_session(self.request, user)
        messages.success(self.request, str(KEPT))
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"pending": PendingSignup.objects.filter(user=self.person).first()}

    def ask_to_confirm(self, email: str) -> HttpResponse:
        get_adapter().add_message(
            self.request, messages.INFO, "account/messages/email_confirmation_sent.txt", {"email": email}
        )
        return redirect("account_keep")


@method_decorator(never_cache, name="dispatch")
class KeepConfirmPage(TemplateView):
    """Where the link in the mail leads, in whichever browser."""

    template_name = "account/keep_confirm.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        try:
            return context | {"pending": pending_of(kwargs["token"])}
        except AccountError as refusal:
            return context | {"refusal": refusal}

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            user = keep_by_link(token)
        except AccountError as refusal:
            return self.render_to_response({"refusal": refusal}, status=refusal.status)
        if request.user.pk == user.pk:
            keep_session(request, user)
        end_others(request, user)
        messages.success(request, str(KEPT))
        return redirect("account" if request.user.pk == user.pk else "account_login")


def keep_session(request: HttpRequest, user: User) -> None:
    """Let the session outlast the new password, under a new key, of which note shall be taken at once."""
    update_session_auth_hash(request, user)
    request.session.pop(SEEN_KEY, None)
    remember_device(request, user)
