"""Changing a password, and choosing a new one by a link in the mail."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

NEW = "another good horse"


def test_changing_it_keeps_this_session_and_ends_the_others(client: Client, alice: User) -> None:
    elsewhere = Client()
    for browser in (client, elsewhere):
        browser.force_login(alice)

    fields = {"oldpassword": PASSWORD, "password1": NEW}
    response = client.post(reverse("account_change_password"), fields, follow=True)

    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert "Your password is changed." in response.content.decode()
    assert client.get(reverse("account")).status_code == 200
    assert elsewhere.get(reverse("account")).status_code == 302


def test_changing_it_needs_the_current_one(client: Client, alice: User) -> None:
    client.force_login(alice)

    page = client.post(reverse("account_change_password"), {"oldpassword": "wrong", "password1": NEW})

    assert "This is not your current password." in page.content.decode()


def test_a_weak_new_one_is_refused(client: Client, alice: User) -> None:
    client.force_login(alice)

    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": "12345678"})

    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_somebody_without_one_sets_one(client: Client, alice: User) -> None:
    alice.set_unusable_password()
    alice.save()
    client.force_login(alice)
    assert client.get(reverse("account_change_password"))["Location"] == reverse("account_set_password")

    client.post(reverse("account_set_password"), {"password1": NEW})

    alice.refresh_from_db()
    assert alice.check_password(NEW)


def test_a_forgotten_one_is_replaced_by_a_link_in_the_mail(client: Client, alice: User) -> None:
    response = client.post(reverse("account_reset_password"), {"email": "Alice@example.org"})
    assert response["Location"] == reverse("account_reset_password_done")
    message = mail.outbox[0]
    assert message.to == ["alice@example.org"]
    assert message.subject == "Choose a new password for Chatsite"
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", message.body)
    assert link

    form = client.get(link[1], follow=True)
    done = client.post(form.redirect_chain[-1][0], {"password1": NEW})

    assert done["Location"] == reverse("account_reset_password_from_key_done")
    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert "This link no longer works" in Client().get(link[1], follow=True).content.decode()


def test_asking_for_an_unknown_address_looks_the_same_and_writes_to_it(client: Client) -> None:
    response = client.post(reverse("account_reset_password"), {"email": "nobody@example.org"})

    assert response["Location"] == reverse("account_reset_password_done")
    assert mail.outbox[0].subject == "No account on Chatsite has this address"
    assert reverse("account_signup") in mail.outbox[0].body
