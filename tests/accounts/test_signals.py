"""What others hear of accounts, on commit."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.dispatch import Signal
from django.test import Client
from django.urls import reverse

from accounts import signals
from accounts.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

Hear = Callable[[Signal], list[dict[str, Any]]]


def test_logging_out_tells_the_key_that_the_session_had(client: Client, alice: User, hear: Hear) -> None:
    heard = hear(signals.signed_out)
    client.force_login(alice)
    key = client.session.session_key

    client.post(reverse("account_logout"))

    assert [what["session_key"] for what in heard] == [key]


def test_turning_an_account_off_is_told_once(alice: User, hear: Hear) -> None:
    heard = hear(signals.suspended)

    alice.is_active = False
    alice.save()
    alice.save()

    assert [what["user"] for what in heard] == [alice]


def test_nothing_is_told_of_what_is_rolled_back(alice: User, hear: Hear) -> None:
    heard = hear(signals.suspended)
    alice.is_active = False

    with transaction.atomic():
        alice.save(update_fields=["is_active"])
        assert not heard
        transaction.set_rollback(True)

    assert not heard


def test_other_changes_are_not_told(alice: User, hear: Hear) -> None:
    heard = [*hear(signals.suspended), *hear(signals.password_changed)]

    alice.display_name = "Alice"
    alice.save()

    assert not heard


def test_a_changed_password_is_told(client: Client, alice: User, hear: Hear) -> None:
    heard = hear(signals.password_changed)
    client.force_login(alice)

    fields = {"oldpassword": PASSWORD, "password1": "another good horse"}
    client.post(reverse("account_change_password"), fields)

    assert [what["user"] for what in heard] == [alice]


def test_a_password_that_a_site_admin_sets_is_told_too(client: Client, alice: User, dana: User, hear: Hear) -> None:
    heard = hear(signals.password_changed)
    client.force_login(dana)

    fields = {"password1": "another good horse", "password2": "another good horse", "set-password": "Change"}
    client.post(f"/admin/accounts/user/{alice.pk}/password/", fields)

    assert [what["user"] for what in heard] == [alice]


def test_a_new_person_changes_nothing(hear: Hear) -> None:
    heard = [*hear(signals.suspended), *hear(signals.password_changed)]

    User.objects.create_user("eve", "eve@example.org", PASSWORD, is_active=False)

    assert not heard
