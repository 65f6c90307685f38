"""How django-allauth meets our people."""

from collections.abc import Iterable
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import is_headless_request
from allauth.headless.internal.restkit.response import ErrorResponse
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.errors import SignupRefused
from accounts.models import (
    DELETED_PREFIX,
    EMAIL_TAKEN,
    GUEST_PREFIX,
    USERNAME_ALIKE,
    USERNAME_TAKEN,
    SiteSettings,
    User,
    skeleton_of,
)
from accounts.sessions import end_sessions
from accounts.signup import SignupRules, use_welcome
from chatsite.text import LONGEST, fold

WRONG_PASSWORD = _("This password does not belong to that account. Check both, or reset your password by email.")


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account has been turned off. Ask the people who run this site about it."),
        "email_taken": EMAIL_TAKEN,
        "email_password_mismatch": WRONG_PASSWORD,
        "enter_current_password": _("This is not your current password. Please type it again."),
        "incorrect_password": _("This is not your password. Please type it again."),
        "too_many_login_attempts": _("Too many attempts have failed. Wait a few minutes, or reset your password."),
        "username_alike": USERNAME_ALIKE,
        "username_reserved": _("Names that begin like this are given by the site itself. Please choose another."),
        "username_taken": USERNAME_TAKEN,
        "username_password_mismatch": WRONG_PASSWORD,
    }

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Refuse a name that somebody has, or one that looks like it; allauth itself compares case only."""
        username = super().clean_username(User.normalize_username(username), shallow=True)
        # What only looks like one of these is none of ours either.
        if skeleton_of(username).startswith((GUEST_PREFIX, DELETED_PREFIX)):
            raise self.validation_error("username_reserved")
        if not shallow and User.objects.named(username).exists():
            raise self.validation_error("username_taken")
        if not shallow and User.objects.alike(username).exists():
            raise self.validation_error("username_alike")
        return username

    def save_user(self, request: HttpRequest, user: User, form: SignupRules, commit: bool = True) -> User:
        """Save a new person; what was taken or used up since the form was checked is an error of the form."""
        answers = form.cleaned_data
        try:
            with transaction.atomic():
                use_welcome(email=answers.get("email", ""), invitation=answers.get("invitation", ""))
                return super().save_user(request, user, form, commit)
        except (IntegrityError, SignupRefused) as error:
            if not is_headless_request(request):
                raise  # the sign-up page shows its form again
            if isinstance(error, SignupRefused):
                form.refuse(error)
            else:
                form.full_clean()
            raise ImmediateHttpResponse(ErrorResponse(request, input=form)) from None

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return SiteSettings.current().sign_up != SiteSettings.SignUp.CLOSED

    def set_password(self, user: User, password: str) -> None:
        # allauth's headless client would give a guest a password, past the rules of who may sign up.
        if user.is_guest:
            raise PermissionDenied(_("Keep your account first: give it a username and a password."))
        super().set_password(user, password)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        # The limit of attempts counts per name: without this, each Unicode form of one name would have its own.
        if username := credentials.get("username"):
            credentials["username"] = fold(username)
        super().pre_authenticate(request, **credentials)

    def is_safe_url(self, url: str) -> bool:
        # allauth takes it apart before it asks Django, which looks at no long one: Python normalises the host in it.
        # A word alone would be a place for Django's check, but is a view's name for what leads there.
        return len(url) <= LONGEST and url.startswith(("/", "http://", "https://")) and super().is_safe_url(url)

    def get_phone(self, user: User) -> None:
        """None: nobody logs in by phone here, though allauth's client for apps has doors for it."""

    def clean_phone(self, phone: str) -> str:
        raise PermissionDenied

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        # allauth would let people remove their last address, and with it the way to a new password.
        return not email_address.primary and super().can_delete_email(email_address)

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        # Subjects are rendered without the request, and so without what every template may say about the site.
        return super().render_mail(
            template_prefix, email, {"site_name": SiteSettings.current().shown_name, **context}, headers
        )

    def get_login_stages(self) -> list[str]:
        ours = {"allauth.account.stages.EmailVerificationStage": "accounts.stages.PeopleVerificationStage"}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]


class SessionsAdapter(DefaultUserSessionsAdapter):
    def end_sessions(self, sessions: Iterable[UserSession]) -> None:
        # allauth deletes the rows; the sockets that were opened with these sessions must close at once too.
        end_sessions(sessions)
