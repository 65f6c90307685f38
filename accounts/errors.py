"""What can be refused to somebody about their own account: one class, one code, one HTTP status and one sentence."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from chatsite.files import pictures


class AccountError(Exception):
    """An action said no. ``code`` is for programs, ``str(error)`` is a whole sentence for people."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400
    sentence: ClassVar[Any] = _("That cannot be done.")
    # Seconds after which the same call may succeed, where it may.
    retry_after: ClassVar[int | None] = None

    def __str__(self) -> str:
        return str(self.sentence)


# --- Setting up the site ---------------------------------------------------------------------------------------------


class SetupError(AccountError):
    """The link to make the first site admin does not work."""

    status = 410


class LinkExpired(SetupError):
    code = "link_expired"
    sentence = _("This link is older than a day, or a part of it got lost on the way.")


class LinkUsed(SetupError):
    code = "link_used"
    sentence = _("This site has an admin already, and a link like this one makes only the first.")


# --- Coming in -------------------------------------------------------------------------------------------------------


class TooFast(AccountError):
    code = "too_fast"
    status = 429
    sentence = _("Too many people have come in from your connection just now. Wait a minute and try again.")
    # Allauth counts this limit by the minute.
    retry_after = 60


class GuestsClosed(AccountError):
    code = "guests_closed"
    status = 403
    sentence = _("This site takes no guests. Sign up, or log in with an account that you have.")


class SignedInAlready(AccountError):
    code = "signed_in"
    status = 409
    sentence = _("You are signed in already. Log out first to come in as somebody else.")


class NoGuest(AccountError):
    code = "no_guest"
    status = 409
    sentence = _("This is a full account already, with a name and a password of its own.")


class PendingExpired(AccountError):
    code = "link_expired"
    status = 410
    sentence = _("This link has expired, is incomplete, or was followed by a newer one. Keep your account once more.")


class UsernameTaken(AccountError):
    code = "username_taken"
    status = 409
    sentence = _("Somebody took this username meanwhile. Keep your account once more, by another one.")


class EmailTaken(AccountError):
    code = "email_taken"
    status = 409
    sentence = _("There is an account with this email address by now. Log in to that one, or reset its password.")


class SignupRefused(AccountError):
    """This site does not let this person sign up. ``field`` is what they could mend in a form."""

    status = 403
    field: ClassVar[str | None] = None


class SignupClosed(SignupRefused):
    code = "signup_closed"
    sentence = _("This site takes no new people at the moment. Ask whoever told you about it to let you in.")


class InvitationNeeded(SignupRefused):
    code = "invitation_needed"
    field = "invitation"
    sentence = _("One comes to this site by invitation. Ask somebody who looks after it for a code.")


class BadInvitation(SignupRefused):
    code = "bad_invitation"
    field = "invitation"
    sentence = _("This invitation is not good any more, or it never was. Ask for a new one.")


class EmailNotWelcome(SignupRefused):
    code = "email_not_welcome"
    field = "email"
    sentence = _("Only people with an email address of this site's own can sign up. Use yours, if you have one.")


# --- Names -----------------------------------------------------------------------------------------------------------


class BadDisplayName(AccountError):
    code = "bad_display_name"
    status = 422
    sentence = _("A display name has 1 to 60 characters, and none that cannot be seen.")


class NameTaken(AccountError):
    code = "name_taken"
    status = 409
    sentence = _("Somebody has just taken this username or email address. Please choose another.")


class NoPicture(AccountError):
    code = "no_picture"
    status = 415
    sentence = _("This is no picture that can be shown. Choose a JPEG, PNG, GIF, WebP or AVIF.")


class PictureTooLarge(AccountError):
    code = "picture_too_large"
    status = 422
    sentence = _("This picture has too many pixels. Choose a smaller one.")


class PicturesBusy(AccountError):
    """As many pictures wait to be decoded as may. Nothing was changed."""

    code = "pictures_busy"
    status = 503
    sentence = _("The site is busy with other pictures. Try again in some seconds.")
    retry_after = pictures.RETRY_AFTER


# --- Blocking --------------------------------------------------------------------------------------------------------


class Yourself(AccountError):
    code = "yourself"
    status = 422
    sentence = _("This is you. Choose somebody else.")


# --- Going -----------------------------------------------------------------------------------------------------------


class LastSiteAdmin(AccountError):
    code = "last_site_admin"
    status = 409
    sentence = _("You are the only one who looks after this site. Make somebody else a site admin first.")


# --- Looking after the site ------------------------------------------------------------------------------------------


class NotAllRights(AccountError):
    code = "not_all_rights"
    status = 403
    sentence = _("Only somebody who has all rights on this site can do that. Ask one of them.")
