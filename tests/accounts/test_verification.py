"""Confirming addresses: not asked without a mail server, needed with one, and never in a site admin's way."""

import re
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail_server(settings: Settings) -> None:
    """What a mail server in EMAIL_URL turns on."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


def sign_up(client: Client, **fields: str) -> Any:
    answers = {"email": "eve@example.org", "username": "eve", "password1": PASSWORD, **fields}
    return client.post(reverse("account_signup"), answers)


def log_in(client: Client, login: str) -> Any:
    return client.post(reverse("account_login"), {"login": login, "password": PASSWORD})


def test_without_a_mail_server_nobody_is_asked(client: Client) -> None:
    assert sign_up(client)["Location"] == reverse("room_list")
    assert not mail.outbox


@pytest.mark.usefixtures("mail_server")
def test_with_one_people_come_in_by_the_link_in_the_mail(client: Client) -> None:
    response = sign_up(client)
    assert response["Location"] == reverse("account_email_verification_sent")
    assert "Look into your mail" in client.get(response["Location"]).content.decode()
    assert "_auth_user_id" not in client.session
    message = mail.outbox[0]
    assert message.subject == "Confirm your email address for Chatsite"
    link = re.search(r"http://testserver(/accounts/confirm-email/\S+/)", message.body)
    assert link

    assert "eve@example.org" in client.get(link[1]).content.decode()
    client.post(link[1])

    assert log_in(client, "eve")["Location"] == reverse("room_list")


@pytest.mark.usefixtures("mail_server")
def test_logging_in_unconfirmed_sends_the_message_again(client: Client, alice: User) -> None:
    assert log_in(client, "alice")["Location"] == reverse("account_email_verification_sent")
    assert mail.outbox[0].to == ["alice@example.org"]


@pytest.mark.usefixtures("mail_server")
def test_a_known_address_is_told_to_its_owner_alone(client: Client, alice: User) -> None:
    response = sign_up(client, email="alice@example.org")

    assert response["Location"] == reverse("account_email_verification_sent")
    assert User.objects.count() == 1
    assert mail.outbox[0].subject == "You have an account on Chatsite already"


@pytest.mark.usefixtures("mail_server")
@pytest.mark.parametrize("email", ["dana@example.org", ""])
def test_an_admin_from_the_command_line_is_not_locked_out(
    client: Client, monkeypatch: pytest.MonkeyPatch, email: str
) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", username="dana", email=email, interactive=False, verbosity=0)

    assert log_in(client, "dana")["Location"] == reverse("room_list")
    assert not mail.outbox


@pytest.mark.usefixtures("mail_server")
def test_a_link_that_means_nothing_says_what_to_do(client: Client) -> None:
    page = client.get(reverse("account_confirm_email", args=["nonsense"]))

    assert "Get a new link" in page.content.decode()
