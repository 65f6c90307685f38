"""The pages about one's own account."""

from datetime import timedelta
from operator import attrgetter
from typing import Any

from allauth.account import app_settings
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import EmailView, PasswordChangeView, PasswordSetView
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.text import slugify
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET
from django.views.generic import FormView, TemplateView

from accounts.actions import block_user, delete_account, set_display_name, unblock_user
from accounts.devices import device_of
from accounts.errors import AccountError
from accounts.export import archive
from accounts.forms import DeleteForm, PreferencesForm, ProfileForm
from accounts.limits import slow_down_downloading, slow_down_proving
from accounts.models import EMAIL_TAKEN, Block, SiteSettings, User
from chatsite.server.streaming import as_asked_for

# Shorter than this is no time to tell: it would be 0 minutes.
A_MOMENT = timedelta(minutes=1)


def verifies() -> bool:
    """Whether an address has to be confirmed before it counts."""
    return app_settings.EMAIL_VERIFICATION != app_settings.EmailVerificationMethod.NONE


class OwnPage(LoginRequiredMixin):
    """A page for somebody who is signed in, about themselves."""

    request: HttpRequest

    @property
    def person(self) -> User:
        assert isinstance(self.request.user, User)
        return self.request.user


class AccountPage(OwnPage, TemplateView):
    template_name = "account/account.html"


class FullAccountMixin:
    """What only makes sense for an account with a username and a password leads a guest to getting one."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if isinstance(request.user, User) and request.user.is_guest:
            return redirect("account_keep")
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


# What is changed, and the mail about it, are there, or neither.
@method_decorator(transaction.atomic, name="post")
class EmailPage(FullAccountMixin, EmailView):
    def _action_primary(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseRedirect | None:
        try:
            with transaction.atomic():
                return super()._action_primary(request, *args, **kwargs)
        except IntegrityError:  # it is another person's, who has not confirmed it
            messages.error(request, str(EMAIL_TAKEN))
            return None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"verifies": verifies()}


class PasswordChangePage(FullAccountMixin, PasswordChangeView):
    @transaction.atomic
    def form_valid(self, form: Form) -> HttpResponse:
        return super().form_valid(form)


class PasswordSetPage(FullAccountMixin, PasswordSetView):
    @transaction.atomic
    def form_valid(self, form: Form) -> HttpResponse:
        return super().form_valid(form)


class ProfilePage(OwnPage, FormView):
    """One's display name."""

    template_name = "account/profile.html"
    form_class = ProfileForm
    success_url = reverse_lazy("account")

    def get_initial(self) -> dict[str, Any]:
        return {"display_name": self.person.display_name}

    def form_valid(self, form: ProfileForm) -> HttpResponse:
        try:
            set_display_name(self.person, display_name=form.cleaned_data["display_name"])
        except AccountError as refusal:
            form.add_error("display_name", str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("That is how others see you now."))
        return super().form_valid(form)


class PreferencesPage(OwnPage, FormView):
    """Language, theme, and the time to take words back."""

    template_name = "account/preferences.html"
    form_class = PreferencesForm
    success_url = reverse_lazy("account_preferences")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.person}

    def form_valid(self, form: PreferencesForm) -> HttpResponse:
        person = form.save()
        response = super().form_valid(form)
        # For this browser's pages before the log-in, too.
        if person.language:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                person.language,
                secure=settings.LANGUAGE_COOKIE_SECURE,
                httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
                samesite="Lax",
            )
        else:
            response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
        return response


class SessionsPage(OwnPage, TemplateView):
    """Where one is signed in, and how to end it."""

    template_name = "account/sessions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sessions = sorted(UserSession.objects.purge_and_list(self.person), key=attrgetter("last_seen_at"), reverse=True)
        now = timezone.now()
        rows = [
            {
                "session": session,
                "device": device_of(session.user_agent),
                "just_used": now - session.last_seen_at < A_MOMENT,
            }
            for session in sessions
        ]
        return super().get_context_data(**kwargs) | {"rows": rows}

    def post(self, request: HttpRequest) -> HttpResponse:
        """End the session that was pointed at, or all but this one."""
        ended = [session for session in UserSession.objects.filter(user=self.person) if self.is_meant(session)]
        end_sessions(request, ended)
        messages.success(
            request,
            ngettext("One device is signed out.", "%(count)s devices are signed out.", len(ended))
            % {"count": len(ended)},
        )
        return redirect("usersessions_list" if request.user.is_authenticated else "home")

    def is_meant(self, session: UserSession) -> bool:
        chosen = self.request.POST.get("session", "")
        return str(session.pk) == chosen or (chosen == "others" and not session.is_current())


class BlocksPage(OwnPage, TemplateView):
    """Whom one does not want to hear from."""

    template_name = "account/blocks.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        blocks = Block.objects.filter(blocker=self.person).select_related("blocked").order_by("-created_at")
        return super().get_context_data(**kwargs) | {"blocks": blocks}

    def post(self, request: HttpRequest) -> HttpResponse:
        """Block or unblock the person whose id the pressed button has, and go back to where it was pressed."""
        for name, act in (("block", block_user), ("unblock", unblock_user)):
            try:
                act(User.objects.get(pk=request.POST[name]), actor=self.person)
            except (KeyError, ValidationError, User.DoesNotExist):
                continue
            except AccountError as refusal:
                messages.error(request, str(refusal))
        # Not redirect(), to which a word is the name of an address.
        return HttpResponseRedirect(get_next_redirect_url(request) or reverse("account_blocks"))


class DataPage(OwnPage, TemplateView):
    """What the site holds about one, and how to take it along or have it gone."""

    template_name = "account/data.html"


@login_required
@never_cache
@require_GET
def download(request: HttpRequest) -> HttpResponseBase:
    assert isinstance(request.user, User)
    if too_often := slow_down_downloading(request):
        return too_often
    file = StreamingHttpResponse(as_asked_for(request, archive(request.user)), content_type="application/zip")
    # Django's gzip makes each piece of an asynchronous stream a file of its own; browsers unpack only the first.
    file.headers["Content-Encoding"] = "identity"
    file.headers["Content-Disposition"] = (
        f'attachment; filename="{slugify(SiteSettings.current().shown_name) or "data"}.zip"'
    )
    return file


@method_decorator(sensitive_post_parameters("proof"), name="dispatch")
class DeletePage(OwnPage, FormView):
    template_name = "account/delete.html"
    form_class = DeleteForm
    success_url = reverse_lazy("home")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Whoever found a browser open may not try passwords here without end.
        return slow_down_proving(request, self.person) or super().post(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.person}

    def form_valid(self, form: DeleteForm) -> HttpResponse:
        try:
            delete_account(self.person)
        except AccountError as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        logout(self.request)
        messages.success(self.request, _("Your account is deleted. What you wrote stays, without your name."))
        return super().form_valid(form)
