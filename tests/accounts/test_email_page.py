"""The page of one's email addresses."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.models import User
from tests.accounts.doors import reauthenticate

pytestmark = pytest.mark.django_db


def add(user: User, email: str, **fields: bool) -> EmailAddress:
    return EmailAddress.objects.create(user=user, email=email, **fields)


def test_an_address_is_replaced_by_another(client: Client, alice: User) -> None:
    add(alice, "alice@example.org", primary=True)
    client.force_login(alice)
    reauthenticate(client)
    page = reverse("account_email")

    client.post(page, {"action_add": "", "email": "new@example.org"})
    client.post(page, {"action_primary": "", "email": "new@example.org"})
    client.post(page, {"action_remove": "", "email": "alice@example.org"})

    alice.refresh_from_db()
    assert alice.email == "new@example.org"
    assert list(EmailAddress.objects.filter(user=alice).values_list("email", flat=True)) == ["new@example.org"]


def test_the_last_address_stays(client: Client, alice: User) -> None:
    add(alice, "alice@example.org", primary=True)
    client.force_login(alice)
    reauthenticate(client)

    fields = {"action_remove": "", "email": "alice@example.org"}
    page = client.post(reverse("account_email"), fields, follow=True)

    assert "is your main address" in page.content.decode()
    assert EmailAddress.objects.filter(user=alice).exists()


def test_anothers_address_is_refused_while_nobody_confirms_any(client: Client, alice: User, bob: User) -> None:
    client.force_login(alice)

    page = client.post(reverse("account_email"), {"action_add": "", "email": "Bob@example.org"})

    assert "Somebody has an account" in page.content.decode()


def test_anothers_unconfirmed_address_cannot_become_the_main_one(client: Client, alice: User, bob: User) -> None:
    add(alice, "bob@example.org")
    client.force_login(alice)
    reauthenticate(client)

    fields = {"action_primary": "", "email": "bob@example.org"}
    page = client.post(reverse("account_email"), fields, follow=True)

    assert "Somebody has an account" in page.content.decode()
    alice.refresh_from_db()
    assert alice.email == "alice@example.org"


def test_a_site_with_mail_offers_to_send_the_confirmation_again(
    client: Client, alice: User, settings: Settings
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    add(alice, "alice@example.org", primary=True)
    client.force_login(alice)
    assert "Not confirmed" in client.get(reverse("account_email")).content.decode()

    client.post(reverse("account_email"), {"action_send": "", "email": "alice@example.org"})

    assert mail.outbox[0].subject == "Confirm your email address for Chatsite"
