"""The first site admin, made by a link that works once."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.core.signing import BadSignature, TimestampSigner
from django.db import connection, transaction
from django.urls import reverse

from accounts.errors import LinkExpired, LinkUsed
from accounts.models import User

SETUP_LINK_AGE = timedelta(days=1)
# A number for PostgreSQL's advisory locks that nothing else here uses.
SETUP_LOCK = 1_347_571
SIGNER = TimestampSigner(salt="accounts.first_admin")


def needs_first_admin() -> bool:
    """Return whether the site has no admin who can log in."""
    return not User.objects.filter(is_superuser=True, is_active=True).exists()


def first_admin_link() -> str:
    """Return the path of the page that makes the first site admin: good for a day, and until there is one."""
    return reverse("first_admin", args=[SIGNER.sign("admin")])


def require_setup_token(token: str) -> None:
    """Raise ``LinkExpired`` or ``LinkUsed`` unless ``token``, from ``first_admin_link``, still opens the set-up."""
    try:
        SIGNER.unsign(token, max_age=SETUP_LINK_AGE)
    except BadSignature:  # an expired signature is one too
        raise LinkExpired from None
    if not needs_first_admin():
        raise LinkUsed


@transaction.atomic
def create_first_admin(*, token: str, username: str, email: str, password: str) -> User:
    """Make the site's first admin, whose address is taken as confirmed; of two calls at once, one makes it."""
    wait_for_setup()
    require_setup_token(token)
    user = User.objects.create_superuser(username=username, email=email, password=password)
    vouch_for_email(user)
    return user


@transaction.atomic
def vouch_for_email(user: User) -> None:
    """Make the person's ``email`` their one confirmed address, because a site admin typed it in."""
    EmailAddress.objects.filter(user=user).delete()
    if user.email:
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


def wait_for_setup() -> None:
    """Hold others back until this transaction ends. On SQLite, BEGIN IMMEDIATE has done so already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SETUP_LOCK])
