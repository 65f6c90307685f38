"""The link that makes the first site admin: once, within a day, and one."""

import time
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from threading import Barrier
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.actions import create_first_admin, first_admin_link
from accounts.errors import LinkUsed
from accounts.models import User
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.rules]

DAY = 24 * 60 * 60


def fill_in(client: Client, link: str, **fields: str) -> Any:
    return client.post(link, {"username": "dana", "email": "Dana@Example.org", "password": PASSWORD, **fields})


def test_the_link_makes_an_admin_who_is_logged_in_and_confirmed(client: Client) -> None:
    link = first_admin_link()
    assert "Welcome to your site" in client.get(link).content.decode()

    response = fill_in(client, link)

    assert response["Location"] == reverse("room_list")
    dana = User.objects.get(username="dana")
    assert dana.is_superuser
    assert dana.is_staff
    assert dana.email == "dana@example.org"
    assert client.session["_auth_user_id"] == str(dana.pk)
    address = EmailAddress.objects.get(user=dana)
    assert (address.email, address.verified, address.primary) == ("dana@example.org", True, True)


def test_the_link_works_once(client: Client) -> None:
    link = first_admin_link()
    fill_in(client, link)

    for response in (Client().get(link), fill_in(Client(), link, username="mallory", email="m@example.org")):
        assert response.status_code == 410
        assert "This site has an admin already" in response.content.decode()
    assert User.objects.count() == 1


def test_a_link_from_before_an_admin_came_another_way_does_not_work(client: Client, dana: User) -> None:
    assert client.get(first_admin_link()).status_code == 410


def test_a_site_whose_only_admin_is_turned_off_gets_a_new_one(client: Client, dana: User) -> None:
    User.objects.filter(pk=dana.pk).update(is_active=False)

    assert client.get(first_admin_link()).status_code == 200


def test_the_link_lasts_a_day(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    with monkeypatch.context() as yesterday:
        yesterday.setattr(time, "time", lambda: now - DAY - 5)
        link = first_admin_link()

    response = client.get(link)

    assert response.status_code == 410
    assert "older than a day" in response.content.decode()


def test_a_forged_link_does_not_work(client: Client) -> None:
    link = first_admin_link()

    assert client.get(reverse("first_admin", args=["admin:1abcde:forged"])).status_code == 410
    assert client.get(f"{link.rstrip('/')}x/").status_code == 410


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "two words"),
        ("username", "ALICE"),
        ("email", ""),
        ("email", "nonsense"),
        ("password", "short"),
        ("password", "dana@example.org"),
    ],
)
def test_the_form_keeps_the_rules_of_every_account(client: Client, alice: User, field: str, value: str) -> None:
    response = fill_in(client, first_admin_link(), **{field: value})

    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert not User.objects.filter(is_superuser=True).exists()


def test_an_address_that_somebody_has_is_refused(client: Client, alice: User) -> None:
    response = fill_in(client, first_admin_link(), email="Alice@example.org")

    assert "Somebody has an account" in response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_eight_at_once_one_makes_the_admin() -> None:
    token = first_admin_link().split("/")[2]
    start = Barrier(8, timeout=20)

    def make(number: int) -> bool:
        start.wait()
        try:
            create_first_admin(
                token=token, username=f"admin{number}", email=f"admin{number}@example.org", password=PASSWORD
            )
        except LinkUsed:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(make, range(8)))

    assert sum(made) == 1
    assert User.objects.filter(is_superuser=True).count() == 1


def test_the_command_prints_the_whole_address(settings: Settings) -> None:
    settings.SITE_URL = "https://chat.example.org"
    out = StringIO()

    call_command("first_admin_link", stdout=out)

    assert out.getvalue().startswith("https://chat.example.org/setup/")


def test_the_command_says_when_there_is_an_admin(dana: User) -> None:
    with pytest.raises(CommandError, match="has an admin already"):
        call_command("first_admin_link")
