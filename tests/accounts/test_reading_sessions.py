"""Who a session belongs to is read by queries of our own: they find what Django's would."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.backends import UsernameOrEmailBackend
from accounts.models import User
from accounts.sessionstore import SessionStore
from tests.rooms.conftest import session_of

pytestmark = [pytest.mark.django_db, pytest.mark.rules]


def test_a_session_is_what_django_takes_it_for(bob: User) -> None:
    key = session_of(bob)
    for other in (key, "nobodys", "nobody's", "a\0b", "é"):
        ours = SessionStore(other)
        expected = dict(db.SessionStore(other).items()) if other.isalnum() and other.isascii() else {}
        assert (dict(ours.items()), ours.session_key) == (expected, other if other == key else None)


def test_a_session_that_has_expired_is_none(bob: User) -> None:
    key = session_of(bob)
    Session.objects.filter(session_key=key).update(expire_date=timezone.now() - timedelta(seconds=1))
    session = SessionStore(key)
    assert (dict(session.items()), session.session_key) == ({}, None)


def test_a_user_is_read_with_all_that_the_row_says(bob: User) -> None:
    backend = UsernameOrEmailBackend()
    found, expected = backend.get_user(bob.pk), ModelBackend().get_user(bob.pk)
    assert found is not None
    assert expected is not None
    for field in User._meta.concrete_fields:
        assert getattr(found, field.attname) == getattr(expected, field.attname)
    assert not found.get_deferred_fields()
    assert backend.get_user(uuid4()) is None
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert backend.get_user(bob.pk) is None
