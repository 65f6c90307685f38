"""The pages by which people come in, where allauth has none or they need more than it does."""

from typing import Any

from allauth.account.mixins import NextRedirectMixin
from allauth.account.views import PasswordResetView, SignupView
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET
from django.views.generic import FormView

from accounts.actions import come_in_as_guest, create_first_admin, require_setup_token, takes_guests
from accounts.errors import AccountError, BadInvitation, GuestsClosed, SetupError, SignupRefused, TooFast
from accounts.forms import FirstAdminForm, GuestForm, SignupForm
from accounts.limits import is_asking_too_fast, slow_down_coming_in
from accounts.models import Invitation, User
from accounts.sessions import begin


class InvitedMixin:
    """A form that an invitation's link leads to, with its code."""

    request: HttpRequest

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"invitation": self.request.GET.get("invitation", "")}  # type: ignore[misc]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        code = self.request.GET.get("invitation", "")
        if code and "invitation" in context["form"].fields and not Invitation.objects.good(code).exists():
            context["refusal"] = BadInvitation()
        return context


class SignupPage(InvitedMixin, SignupView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if isinstance(request.user, User) and request.user.is_guest:
            return redirect(f"{reverse('account_keep')}?{request.GET.urlencode()}")
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: SignupForm) -> HttpResponse:
        try:
            return self.sign_up(form)
        except SignupRefused as refusal:
            form.refuse(refusal)
            return self.form_invalid(form)
        except IntegrityError:
            # Somebody took the name or the address between the check and the save: check again, and say so.
            form.full_clean()
            return self.sign_up(form) if form.is_valid() else self.form_invalid(form)

    @transaction.atomic
    def sign_up(self, form: SignupForm) -> HttpResponse:
        """Make the account and write the mail that it waits for, or neither."""
        return super().form_valid(form)


class PasswordResetPage(PasswordResetView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # Printed mail is for who runs the site; mail that goes nowhere is for nobody.
        sends_mail = not settings.EMAIL_BACKEND.endswith("dummy.EmailBackend")
        return super().get_context_data(**kwargs) | {"sends_mail": sends_mail}


@require_GET
@never_cache
def username_check(request: HttpRequest) -> JsonResponse:
    """Whether a name could be had: asked while it is typed, answered by the sign-up form's own rules."""
    if is_asking_too_fast(request):
        refusal = TooFast()
        problem = {
            "code": refusal.code,
            "detail": _("Wait a moment and try again."),
            "retry_after": refusal.retry_after,
        }
        return JsonResponse(problem, status=429, headers={"Retry-After": str(refusal.retry_after)})
    form = SignupForm({"username": request.GET.get("username", "")})
    errors = [str(error) for error in form.errors.get("username", [])]
    return JsonResponse({"free": not errors, "detail": " ".join(errors) or _("This username is free.")})


@method_decorator(never_cache, name="dispatch")
class GuestPage(NextRedirectMixin, FormView):
    """Come in with a display name alone. The welcome page has the same form."""

    template_name = "account/guest.html"
    form_class = GuestForm
    success_url = reverse_lazy("room_list")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            # Not redirect(), to which a word is the name of an address.
            return HttpResponseRedirect(self.get_success_url())
        if not takes_guests():
            return render(request, "account/guests_closed.html", {"refusal": GuestsClosed()}, status=403)
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: GuestForm) -> HttpResponse:
        try:
            slow_down_coming_in(self.request)
            begin(self.request, come_in_as_guest(**form.cleaned_data))
        except AccountError as refusal:
            form.add_error("display_name", str(refusal))
            answer = self.form_invalid(form)
            if isinstance(refusal, TooFast):
                answer.status_code = refusal.status
                answer.headers["Retry-After"] = str(refusal.retry_after)
            return answer
        return HttpResponseRedirect(self.get_success_url())


@method_decorator([never_cache, sensitive_post_parameters("password")], name="dispatch")
class FirstAdminPage(FormView):
    template_name = "account/first_admin.html"
    form_class = FirstAdminForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            require_setup_token(kwargs["token"])
            return super().dispatch(request, *args, **kwargs)
        except SetupError as refusal:
            return render(request, "account/first_admin_closed.html", {"refusal": refusal}, status=410)

    def form_valid(self, form: FirstAdminForm) -> HttpResponse:
        try:
            user = create_first_admin(token=self.kwargs["token"], **form.cleaned_data)
        except (IntegrityError, ValidationError):  # somebody signed up with the name or address in this very moment
            form = self.get_form()
            if form.is_valid():
                raise
            return self.form_invalid(form)
        begin(self.request, user)
        return redirect(settings.LOGIN_REDIRECT_URL)
