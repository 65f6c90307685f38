"""Which devices somebody has signed in from before: a cookie that only a right password gives.

Strangers' wrong guesses slow an account down (limits.py), but not on its owner's own devices; and a log-in without the
cookie is worth a word to the owner. The cookie opens nothing by itself. (OWASP calls it a device cookie.)
"""

import secrets
from typing import NamedTuple

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User

SALT = "accounts.known_devices"
MAX_AGE = 365 * 24 * 60 * 60
# Of one browser, which a family may share; the account that was used longest ago is forgotten first.
MAX_ACCOUNTS = 8
# The cookie has some 100 bytes for each account. A much longer one is not from this site.
MAX_LENGTH = 2_000


class Device(NamedTuple):
    """A device that has signed in to an account. ``mark`` comes from the password, so a new password ends it."""

    account: str
    id: str
    mark: str


def mark_of(user: User) -> str:
    return salted_hmac(SALT, user.password, algorithm="sha256").hexdigest()[:32]


def devices_of(request: HttpRequest) -> list[Device]:
    """Return what the cookie tells, the newest first; nothing where there is none, or it is not ours."""
    cookie = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    if len(cookie) > MAX_LENGTH:
        return []
    try:
        return [Device(*entry) for entry in signing.loads(cookie, salt=SALT, max_age=MAX_AGE)]
    except signing.BadSignature:  # an expired signature is one too
        return []


def known_device(request: HttpRequest, user: User) -> str:
    """Return the id of this device, if the person has signed in from it before with the password that they have now."""
    for device in devices_of(request):
        if device.account == user.pk.hex and constant_time_compare(device.mark, mark_of(user)):
            return device.id
    return ""


def remember_device(request: HttpRequest, user: User) -> None:
    """Have the answer to this request bring the cookie (``DeviceMiddleware``)."""
    request.device_of = user  # type: ignore[attr-defined]


def set_cookie(request: HttpRequest, response: HttpResponseBase) -> None:
    """Put the device of whoever has just logged in with this request, if anybody, first in its cookie."""
    user: User | None = getattr(request, "device_of", None)
    if user is None:
        return
    device = Device(user.pk.hex, known_device(request, user) or secrets.token_hex(8), mark_of(user))
    others = [other for other in devices_of(request) if other.account != device.account]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps([device, *others][:MAX_ACCOUNTS], salt=SALT),
        max_age=MAX_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
