"""The forms of the account pages: allauth's, with labels above the fields and words that say what to do."""

from typing import Any

from allauth.account import app_settings, forms as allauth
from allauth.account.adapter import get_adapter
from allauth.account.internal.userkit import filter_users_by_email
from django import forms
from django.conf import settings
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.password_validation import validate_password
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import get_language_info, gettext_lazy as _, pgettext_lazy

from accounts.errors import BadDisplayName
from accounts.models import DISPLAY_NAME_MAX_LENGTH, SiteSettings, User
from accounts.signup import UntellingMixin

PASSWORD_HELP = _("At least 8 characters, and not a password that many people use.")
USERNAME_HELP = _("The name that others see. Letters, digits and . + - _ only, without spaces.")

# allauth's labels that we word or write otherwise.
LABELS = {
    "Current Password": _("Current password"),
    "Email": _("Email address"),
    "New Password": _("New password"),
}


def make_revealable(field: forms.Field) -> None:
    """Let a password be shown on request (``js/accounts/reveal.js``), so that typing it once is enough."""
    field.widget.attrs |= {"data-reveal": _("Show"), "data-conceal": _("Hide")}


class SiteFields(forms.Form):
    """allauth writes each label inside its field, where it vanishes as one types: ours stand above."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A password that can be shown need not be typed twice.
        self.fields.pop("password2", None)
        for name, field in self.fields.items():
            field.label = LABELS.get(str(field.label), field.label)
            field.widget.attrs.pop("placeholder", None)
            if isinstance(field.widget, forms.PasswordInput):
                make_revealable(field)
            if name == "password1":
                field.help_text = PASSWORD_HELP


class LoginForm(SiteFields, allauth.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = self.fields["login"]
        login.label = _("Username or email address")
        login.widget.attrs |= {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}


class SignupForm(UntellingMixin, SiteFields, allauth.SignupForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if SiteSettings.current().sign_up == SiteSettings.SignUp.INVITATION:
            self.order_fields(["invitation", *self.fields])
        else:
            del self.fields["invitation"]
        username = self.fields["username"]
        username.help_text = USERNAME_HELP
        username.widget.attrs |= {
            "autocapitalize": "none",
            "spellcheck": "false",
            "data-check": reverse("username_check"),
        }


class AddEmailForm(SiteFields, allauth.AddEmailForm):
    def clean_email(self) -> str:
        email: str = super().clean_email()
        # Nobody confirms an address on a site without mail, so another's must be refused here. It tells no secret: on
        # such a site the sign-up page says as much.
        verifies = app_settings.EMAIL_VERIFICATION != app_settings.EmailVerificationMethod.NONE
        if not verifies and any(user != self.user for user in filter_users_by_email(email)):
            raise get_adapter().validation_error("email_taken")
        return email


class ChangePasswordForm(SiteFields, allauth.ChangePasswordForm):
    pass


class SetPasswordForm(SiteFields, allauth.SetPasswordForm):
    pass


class ResetPasswordForm(SiteFields, allauth.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(SiteFields, allauth.ResetPasswordKeyForm):
    pass


class ReauthenticateForm(SiteFields, allauth.ReauthenticateForm):
    pass


class KeepForm(SignupForm):
    """What a guest becomes a full account by: the same as anybody signs up by, with the same rules."""


class ProfileForm(forms.Form):
    """How others see one. The action decides about the name."""

    display_name = forms.CharField(
        label=_("Display name"),
        help_text=_("What others will call you here. Your username always stands beside it."),
        required=False,
        widget=forms.TextInput(attrs={"maxlength": DISPLAY_NAME_MAX_LENGTH, "autocomplete": "nickname"}),
    )


class PreferencesForm(forms.ModelForm):
    """How the pages look to one, and how long words wait before they go."""

    class Meta:
        model = User
        fields = ["language", "theme", "undo_seconds"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Languages call themselves by their own names: who looks for one may not read the page's.
        languages = [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES]
        self.fields["language"] = forms.ChoiceField(
            label=_("Language"), required=False, choices=[("", _("As the browser wishes")), *languages]
        )
        self.fields["undo_seconds"] = forms.TypedChoiceField(
            label=_("Time to take back what you send"),
            help_text=_("What has been sent stays as it is. For as long as you choose here your words wait with you."),
            required=False,
            choices=User.UndoSeconds.choices,
            coerce=int,
            empty_value="0",
        )


class DeleteForm(SiteFields):
    """Delete one's account: the password shows that it is the person, a word that they mean it where there is none."""

    WORD = pgettext_lazy("typed to confirm", "delete")

    proof = forms.CharField()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)
        if user.has_usable_password():
            self.fields["proof"] = forms.CharField(
                label=_("Your password"),
                strip=False,
                widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
            )
            make_revealable(self.fields["proof"])
        else:
            self.fields["proof"].label = format_lazy(_("Type the word “{word}”"), word=self.WORD)
            self.fields["proof"].widget.attrs |= {"autocomplete": "off", "autocapitalize": "none"}

    def clean_proof(self) -> str:
        proof: str = self.cleaned_data["proof"]
        if self.user.has_usable_password():
            if not self.user.check_password(proof):
                raise get_adapter().validation_error("incorrect_password")
        elif proof.casefold() != str(self.WORD).casefold():
            raise forms.ValidationError(format_lazy(_("Type “{word}” to go on, or leave this page."), word=self.WORD))
        return proof


class GuestForm(forms.Form):
    """All that a guest is asked. The action decides about the name, in the same words as everywhere."""

    display_name = forms.CharField(
        label=_("Your name"),
        help_text=_("What others will call you here."),
        error_messages={"required": BadDisplayName.sentence},
        widget=forms.TextInput(attrs={"maxlength": DISPLAY_NAME_MAX_LENGTH, "autocomplete": "nickname"}),
    )


class FirstAdminForm(forms.ModelForm):
    """The site's first admin. A model form, so that the rules of names and addresses are the model's own."""

    password = forms.CharField(
        label=_("Password"),
        help_text=PASSWORD_HELP,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    class Meta:
        model = User
        fields = ["username", "email"]
        field_classes = {"username": UsernameField}
        help_texts = {"username": USERNAME_HELP}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs.pop("autofocus", None)
        self.fields["email"].required = True
        make_revealable(self.fields["password"])

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # gives the instance its name and address, to which a password may not be alike
        if password := self.cleaned_data.get("password"):
            try:
                validate_password(password, self.instance)
            except forms.ValidationError as error:
                self.add_error("password", error)
