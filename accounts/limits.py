"""How often strangers may try, counted by allauth in a cache that nothing pushes a count out of (chatsite/counters.py).

An attempt is counted for the address that it comes from, and for what it is about: an account, an address that is
written to. Those counts are exact over all processes, and cost two queries each; what users do is counted without
(rooms/limits/). What has no limit here has allauth's own (signing up), or one of ACCOUNT_RATE_LIMITS in the settings.
"""

from allauth.core import ratelimit
from allauth.core.internal import ratelimit as counter
from allauth.core.internal.ratelimit import RateLimitUsage
from django.http import HttpRequest, HttpResponse

from accounts.backends import account_of
from accounts.errors import TooFast
from accounts.known_devices import known_device
from accounts.models import User
from chatsite.text import fold

# Wrong passwords. From where nobody has signed in to the account before, all that come from there and all that come for
# it count. A device on which its owner has signed in counts for itself, so that no stranger locks the owner out there.
ACCOUNT_LIMIT = "5/5m/key"
WRONG_PASSWORDS = {"wrong_password": f"10/m/ip,{ACCOUNT_LIMIT}"}
ONLY_ACCOUNT = {"wrong_password": ACCOUNT_LIMIT}
ON_KNOWN_DEVICE = {"wrong_password_known_device": "10/5m/key"}

# Mail that anybody can have sent, to any address: about one thing to one address, and all from one place. Which of two
# mails about a thing goes out tells whether the address has an account, so they count together; and what is sent about
# signing up keeps no new password from who has forgotten theirs.
MAILS = {"mail": "60/h/ip,5/h/key"}
ABOUT_PASSWORDS = {"account/email/password_reset_key", "account/email/unknown_account"}
# What an account's own address is told. Apart, so that no stranger can use it up first and then act unseen.
NOTICES = {"notice": "20/h/key"}

# Whether a name is free is asked while it is typed; more than this looks for who has an account.
USERNAME_CHECKS = {"username_check": "120/m/ip"}
# Who follows an invitation before they sign up; more than this looks for one.
INVITATIONS_FOLLOWED = {"invitation_followed": "60/m/ip"}
# An archive of all that somebody has sent is work, as much as they have sent.
DOWNLOADS = {"download": "10/h/user"}


def consume(request: HttpRequest, config: dict[str, str], key: str = "") -> RateLimitUsage | None:
    """Count one, or return None beyond the limit. (allauth's public function counts no GET.)"""
    (action,) = config
    return counter.consume(request, app="accounts", action=action, config=config, key=key, limit_get=True)


def slow_down_coming_in(request: HttpRequest) -> None:
    """Raise ``TooFast`` beyond the limit of sign-ups, in which guests count too."""
    if not ratelimit.consume(request, action="signup"):
        raise TooFast


def slow_down_following(request: HttpRequest) -> None:
    """Raise ``TooFast`` beyond the limit of invitations that strangers follow."""
    if not consume(request, INVITATIONS_FOLLOWED):
        raise TooFast


def is_asking_too_fast(request: HttpRequest) -> bool:
    """Count a question after a username."""
    return not consume(request, USERNAME_CHECKS)


def slow_down_downloading(request: HttpRequest) -> HttpResponse | None:
    """Count a download of all that the site holds about who asks; beyond the limit, return the answer that says so."""
    return None if consume(request, DOWNLOADS) else ratelimit.respond_429(request)


def slow_down_proving(request: HttpRequest, user: User) -> HttpResponse | None:
    """Count a password that a signed-in user proves themselves by; beyond the limit, return the answer that says so."""
    return ratelimit.consume_or_429(request, action="reauthenticate", user=user)


def try_password(request: HttpRequest, *, username: str = "", email: str = "") -> RateLimitUsage | None:
    """Count a wrong password, before it is looked at; None: it may not be tried now.

    The name and the addresses of an account are one, and one that nobody has counts like one that somebody has.
    """
    account = account_of(username=username, email=email)
    if account and (device := known_device(request, account)):
        return consume(request, ON_KNOWN_DEVICE, f"{account.pk.hex}:{device}")
    return consume(request, WRONG_PASSWORDS, account.pk.hex if account else f"name:{fold(username or email)}")


def forget_wrong_passwords(request: HttpRequest, *, email: str) -> None:
    """Let the owner of an account in again, who has just shown by a link in the mail that they are it."""
    if account := account_of(email=email):
        counter.clear(request, app="accounts", action="wrong_password", config=ONLY_ACCOUNT, key=account.pk.hex)


def may_write(request: HttpRequest | None, *, template: str, to: str) -> bool:
    """Count a mail that anybody could have asked for. The answer is the same, whether it goes out or not."""
    thing = "password" if template in ABOUT_PASSWORDS else "address"
    return request is None or bool(consume(request, MAILS, f"{thing}:{to.lower()}"))


def may_tell(request: HttpRequest | None, *, to: str) -> bool:
    """Count a notice to the owner of an account."""
    return request is None or bool(consume(request, NOTICES, to.lower()))
