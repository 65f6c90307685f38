"""Our rules in django-allauth: names, passwords, addresses, mail and sessions."""

import logging
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.password_reset import get_reset_password_url
from allauth.account.models import EmailAddress
from allauth.account.utils import setup_user_email
from allauth.core import context as current
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import is_headless_request
from allauth.headless.internal.restkit.response import ErrorResponse
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts import limits
from accounts.devices import browser_of
from accounts.errors import SignupRefused
from accounts.known_devices import known_device, remember_device
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
from accounts.reset_tokens import ResetTokens
from accounts.sessions import end_sessions
from accounts.sessionstore import BEGUN_KEY
from accounts.signup import SignupRules
from chatsite.text import LONGEST

logger = logging.getLogger(__name__)

KEEP_FIRST = _("Keep your account first: give it a username and a password.")
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
        # A name that only looks like one of these is refused, too.
        if skeleton_of(username).startswith((GUEST_PREFIX, DELETED_PREFIX)):
            raise self.validation_error("username_reserved")
        if not shallow and User.objects.named(username).exists():
            raise self.validation_error("username_taken")
        if not shallow and User.objects.alike(username).exists():
            raise self.validation_error("username_alike")
        return username

    @contextmanager
    def errors_in_form(self, request: HttpRequest, form: SignupRules) -> Iterator[None]:
        """Sign up whole or not at all; what was taken or used up meanwhile is an error of the form."""
        try:
            with transaction.atomic():
                yield
        except (IntegrityError, SignupRefused) as error:
            if not is_headless_request(request):
                raise  # the sign-up page shows its form again
            if isinstance(error, SignupRefused):
                form.refuse(error)
            else:
                form.full_clean()
            raise ImmediateHttpResponse(ErrorResponse(request, input=form)) from None

    def save_user(self, request: HttpRequest, user: User, form: SignupRules, commit: bool = True) -> User:
        """Save a new person."""
        with self.errors_in_form(request, form):
            form.use_welcome()
            return super().save_user(request, user, form, commit)

    def pretend_to_save(self, request: HttpRequest, form: SignupRules) -> None:
        """Do the same work for an address that another account has, and undo it, so that the answer takes as long."""
        with self.errors_in_form(request, form):
            form.use_welcome()
            mark = transaction.savepoint()
            email = f"{secrets.token_hex(8)}@example.invalid"
            answers = SimpleNamespace(cleaned_data={**form.cleaned_data, "email": email})
            user = super().save_user(request, User(), answers)
            setup_user_email(request, user, [EmailAddress(email=email)])
            transaction.savepoint_rollback(mark)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return SiteSettings.current().sign_up != SiteSettings.SignUp.CLOSED

    def set_password(self, user: User, password: str) -> None:
        # allauth's headless client would give a guest a password, past the rules of who may sign up.
        if user.is_guest:
            raise PermissionDenied(KEEP_FIRST)
        super().set_password(user, password)

    # --- Logging in ---

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        # Every door where a password is tried comes by here: the page, the app client, "is it you?".
        name, email = credentials.get("username") or "", credentials.get("email") or ""
        # allauth gives this count back if the password is right.
        self._login_failed_rl_usage = limits.try_password(request, username=name, email=email)
        if not self._login_failed_rl_usage:
            raise self.validation_error("too_many_login_attempts")

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        # allauth's way, after a new password by mail, would also set back what counts where the link was opened.
        limits.forget_wrong_passwords(request, email=credentials["email"])

    def login(self, request: HttpRequest, user: User) -> None:
        is_news = user.last_login is not None and not user.is_guest and not known_device(request, user)
        super().login(request, user)
        request.session[BEGUN_KEY] = int(time.time())
        if user.is_guest:
            return
        remember_device(request, user)
        if is_news:
            self.send_notification_mail("account/email/new_device", user)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        # Asked before each change of addresses, of which a guest has none: the app client would give them some.
        if isinstance(user := self.request.user, User) and user.is_guest:
            raise PermissionDenied(KEEP_FIRST)
        return super().is_reauthentication_required(app=app, **kwargs)

    # --- Addresses and mail ---

    def get_phone(self, user: User) -> None:
        """None: nobody logs in by phone here, though allauth's client for apps has doors for it."""

    def clean_phone(self, phone: str) -> str:
        raise PermissionDenied

    def is_safe_url(self, url: str) -> bool:
        # allauth takes it apart before it asks Django, which looks at no long one: Python normalises the host in it.
        # A word alone would be a place for Django's check, but is a view's name for what leads there.
        if not url or len(url) > LONGEST or not url.startswith(("/", "http://", "https://")):
            return False
        try:
            return super().is_safe_url(url)
        except ValueError:  # such as http://[ is no address at all
            return False

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

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send what strangers can ask for, to any address: so many, and nothing in it that they have written."""
        if limits.may_write(current.request, template=template_prefix, to=email):
            super().send_mail(template_prefix, email, context)

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        email = email.lower()
        # A site admin from the command line has no row yet.
        address, _made = EmailAddress.objects.get_or_create(user=user, email=email)
        user.reset_address = address
        link = self.get_reset_password_from_key_url(f"{context['uid']}-{ResetTokens().make_token(user)}")
        # The username is somebody's own word, until the address is known to be theirs.
        username = user.username if address.verified else ""
        with translation.override(user.language or translation.get_language()):
            super().send_password_reset_mail(
                user, email, {"password_reset_url": link, "username": username, "request": current.request}
            )

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell somebody what happened to their account, at the address given or their main one, if it is confirmed."""
        email = email or EmailAddress.objects.get_primary_email(user)
        if not app_settings.EMAIL_NOTIFICATIONS or not email or not limits.may_tell(current.request, to=email):
            return
        if EmailAddress.objects.filter(user=user, email=email, verified=False).exists():
            return
        facts = {
            "at": timezone.now(),
            "device": browser_of(self.get_http_user_agent(self.request)),
            "password_reset_url": get_reset_password_url(self.request),
        }
        with translation.override(user.language or translation.get_language()):
            try:
                # Past our own limits of what strangers can ask for, which they could use up first.
                super().send_mail(template_prefix, email, {**facts, **(context or {})})
            except OSError as error:  # of a way to send that has no outbox: what was done is done, told or not
                logger.warning("A notice about an account could not be sent: %s", type(error).__name__)

    def get_login_stages(self) -> list[str]:
        ours = {"allauth.account.stages.EmailVerificationStage": "accounts.stages.UserVerificationStage"}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]


class SessionsAdapter(DefaultUserSessionsAdapter):
    def end_sessions(self, sessions: Iterable[UserSession]) -> None:
        # allauth deletes the rows; the sockets that were opened with these sessions must close at once too.
        end_sessions(sessions)
