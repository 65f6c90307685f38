"""Which of the sessions that are connected here have ended, asked for all of them in one statement."""

from datetime import UTC, datetime

from django.db import connection
from django.utils import timezone

from accounts.models import User
from rooms.realtime import json_tables

# So many characters of the end of a password's hash tell whether it is another one, and let nobody guess it.
PASSWORD_END = 8

ENDED = """
SELECT here.key, session.session_key IS NOT NULL AND person.id IS NOT NULL FROM {each} AS here
LEFT JOIN django_session AS session ON session.session_key = here.key AND session.expire_date > %s
LEFT JOIN accounts_user AS person ON person.id = {person} AND person.is_active
WHERE session.session_key IS NULL OR person.id IS NULL
OR substr(person.password, length(person.password) - {before_end}) <> substr(here.value, 33)
"""
NEXT_EXPIRY = """
SELECT MIN(session.expire_date) FROM {each} AS here JOIN django_session AS session ON session.session_key = here.key
"""


def fingerprint_of(user: User) -> str:
    """Return what ``ended`` compares: the user's id, and the end of their password's hash."""
    return user.pk.hex + user.password[-PASSWORD_END:]


def ended(here: str) -> dict[str, bool]:
    """Return which of these sessions (JSON: session key → ``fingerprint_of``) may not be connected any more.

    True: the password is another one, and only the handshake finds out whether the session still holds. False: the
    session has ended, or the account is inactive.
    """
    dialect = json_tables.dialect()
    sql = ENDED.format(
        each=dialect.each, person=dialect.uuid.format("substr(here.value, 1, 32)"), before_end=PASSWORD_END - 1
    )
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(sql, [here, now])
        return {session_key: bool(may_hold) for session_key, may_hold in cursor.fetchall()}


def next_expiry(here: str) -> datetime | None:
    """Return when the first of these sessions expires, of which no commit tells; None if none of them is there."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT_EXPIRY.format(each=json_tables.dialect().each), [here])
        at = cursor.fetchone()[0]
    # SQLite returns a text without a zone, which is UTC.
    return datetime.fromisoformat(at).replace(tzinfo=UTC) if isinstance(at, str) else at
