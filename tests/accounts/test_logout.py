"""Logging out, from the page and from the head of every other."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User

pytestmark = pytest.mark.django_db


def test_opening_the_page_asks_and_logs_nobody_out(client: Client, alice: User) -> None:
    client.force_login(alice)

    page = client.get(reverse("account_logout"))

    assert "Log out?" in page.content.decode()
    assert "_auth_user_id" in client.session


def test_sending_it_logs_out_and_leads_home(client: Client, alice: User) -> None:
    client.force_login(alice)

    response = client.post(reverse("account_logout"))

    assert response["Location"] == "/"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("page", ["account", "account_email", "account_change_password", "account_reset_password"])
def test_each_page_carries_a_button_that_logs_out(alice: User, page: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    text = client.get(reverse(page)).content.decode()
    assert f'<form method="post" action="{reverse("account_logout")}">' in text
    token = text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]

    client.post(reverse("account_logout"), {"csrfmiddlewaretoken": token})

    assert "_auth_user_id" not in client.session
