"""The sessions in which people are signed in: that they live on while they are used, and how they end."""

import time
from collections.abc import Iterable
from functools import partial

from allauth.account.adapter import get_adapter
from allauth.headless.internal.sessionkit import new_session
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts import signals
from accounts.models import User
from accounts.sessionstore import BEGUN_KEY
from chatsite.ops import logs

# Seconds between two notes of the same session: a page that polls each second may not write each second.
SEEN_EVERY = 300
SEEN_KEY = "seen"


def note_seen(request: HttpRequest, *, user: User, session: SessionBase) -> None:
    """Note that the session is in use, now and then; that gives it its two weeks anew, up to SESSION_MAX_AGE."""
    logs.note(user_id=str(user.pk))
    now = int(time.time())
    if now - session.get(SEEN_KEY, 0) < SEEN_EVERY:
        return
    session[SEEN_KEY] = now
    # A session from before there was an end to them.
    session.setdefault(BEGUN_KEY, now)
    if session is not request.session:  # which its middleware saves
        try:
            session.save()
        except UpdateError:  # it has ended in this very moment
            return
    User.objects.filter(pk=user.pk).update(seen_at=timezone.now())
    UserSession.objects.update_or_create(
        session_key=session.session_key,
        defaults={
            "user": user,
            "ip": get_adapter().get_client_ip(request),
            "user_agent": get_adapter().get_http_user_agent(request)[
                : UserSession._meta.get_field("user_agent").max_length
            ],
            "last_seen_at": timezone.now(),
        },
    )


def begin(request: HttpRequest, user: User) -> None:
    """Sign a user in without a password: a guest, or the first admin."""
    get_adapter().login(request, user)


def begin_apart(request: HttpRequest, user: User) -> str:
    """Sign somebody in to a session of its own, for a client that keeps no cookies; its key is the client's token."""
    apart = HttpRequest()
    # A copy: signing in marks cookies to be set, and this request shall set none.
    apart.META = {**request.META}
    apart.session = new_session()
    apart.user = AnonymousUser()
    begin(apart, user)
    apart.session.save()
    key = apart.session.session_key
    assert key
    return key


def end_others(request: HttpRequest, user: User) -> None:
    """End all of somebody's sessions but the one of this request, if it is theirs."""
    sessions = UserSession.objects.filter(user=user)
    if request.user.pk == user.pk:
        sessions = sessions.exclude(session_key=request.session.session_key)
    end_sessions(sessions)


def end_sessions(sessions: Iterable[UserSession]) -> None:
    """End these sessions, and have the sockets that were opened with them closed."""
    for session in sessions:
        key = session.session_key
        session.end()
        transaction.on_commit(partial(signals.signed_out.send, sender=User, session_key=key))
