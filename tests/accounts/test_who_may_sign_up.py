"""Who may sign up, through each door by which one can: the page, the app client, and a guest's page."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import come_in_as_guest
from accounts.models import Invitation, SiteSettings, User
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.rules]

Door = Callable[..., str]


def by_page(**fields: str) -> str:
    answers = {"email": "eve@example.org", "username": "eve", "password1": PASSWORD, **fields}
    return str(Client().post(reverse("account_signup"), answers).content.decode())


def by_app(**fields: str) -> str:
    body = json.dumps({"email": "eve@example.org", "username": "eve", "password": PASSWORD, **fields})
    return str(Client().post("/_allauth/app/v1/auth/signup", body, content_type="application/json").content.decode())


def by_guest(**fields: str) -> str:
    policy, SiteSettings._copy = SiteSettings._copy, None
    guest = User.objects.create(username="guest-1", display_name="Ada", is_guest=True)
    client = Client()
    client.force_login(guest)
    SiteSettings._copy = policy
    answers = {"email": "eve@example.org", "username": "eve", "password1": PASSWORD, **fields}
    page = str(client.post(reverse("account_keep"), answers).content.decode())
    User.objects.filter(username="guest-1").delete()
    return page


@pytest.fixture(params=[by_page, by_app, by_guest])
def door(request: pytest.FixtureRequest) -> Door:
    door: Door = request.param
    return door


def let_in() -> bool:
    return User.objects.filter(username="eve", is_guest=False).exists()


def decide(sign_up: str, **fields: str) -> None:
    SiteSettings.objects.update_or_create(pk=1, defaults={"sign_up": sign_up, **fields})


def invite(**fields: Any) -> str:
    return str(Invitation.objects.create(**fields).code)


def test_everybody_may_unless_somebody_says_otherwise(door: Door) -> None:
    door()

    assert let_in()


def test_a_closed_site_takes_nobody(door: Door) -> None:
    decide("closed")

    answer = door()

    assert not let_in()
    assert door is by_app or "takes no new people" in answer


def test_an_invitation_lets_one_in_and_is_used_up(door: Door) -> None:
    decide("invitation")
    code = invite(uses_left=2)

    door(invitation=code)

    assert let_in()
    assert Invitation.objects.get().uses_left == 1


@pytest.mark.parametrize(
    ("fields", "code", "sentence"),
    [
        ({}, "", "by invitation"),
        ({}, "made-up", "not good any more"),
        ({"uses_left": 0}, None, "not good any more"),
        ({"expires_at": timezone.now() - timedelta(minutes=1)}, None, "not good any more"),
    ],
    ids=["none", "unknown", "used up", "expired"],
)
def test_without_a_good_invitation_nobody_comes_in(
    door: Door, fields: dict[str, Any], code: str | None, sentence: str
) -> None:
    decide("invitation")
    made = invite(**fields)

    answer = door(invitation=made if code is None else code)

    assert sentence in answer
    assert not let_in()


def test_a_refused_form_uses_no_invitation_up(door: Door) -> None:
    decide("invitation")
    door(invitation=invite(), email="no address")

    assert Invitation.objects.get().uses_left == 1


@pytest.mark.parametrize("email", ["eve@example.org", "Eve@Other.Example"])
def test_an_address_at_a_named_domain_is_welcome(door: Door, email: str) -> None:
    decide("domain", email_domains="@Example.org\nother.example")

    door(email=email)

    assert let_in()


@pytest.mark.parametrize(
    "email", ["eve@evil-example.org", "eve@sub.example.org", "eve@example.org.evil", '"a@example.org"@evil.test']
)
def test_no_other_address_is(door: Door, email: str) -> None:
    decide("domain", email_domains="example.org")

    answer = door(email=email)

    assert not let_in()
    assert "Only people with an email address" in answer or "valid email" in answer


def test_a_site_that_chooses_its_people_takes_no_guests(client: Client) -> None:
    decide("invitation")

    assert client.post(reverse("guest"), {"display_name": "Ada"}).status_code == 403
    assert reverse("guest") not in client.get("/").content.decode()


# --- The pages -------------------------------------------------------------------------------------------------------


def test_the_link_fills_in_the_code(client: Client) -> None:
    decide("invitation")
    code = invite()

    page = client.get(reverse("account_signup"), {"invitation": code}).content.decode()

    assert f'value="{code}"' in page
    assert "not good any more" not in page


def test_a_link_that_is_not_good_any_more_says_so_at_once(client: Client) -> None:
    decide("invitation")

    assert "not good any more" in client.get(reverse("account_signup"), {"invitation": "old"}).content.decode()


def test_nobody_is_asked_for_a_code_that_is_not_needed(client: Client) -> None:
    assert "invitation" not in client.get(reverse("account_signup")).content.decode().lower()


def test_an_invited_guest_is_led_to_keeping_the_account(client: Client) -> None:
    client.force_login(come_in_as_guest(display_name="Ada"))

    assert client.get("/accounts/signup/?invitation=abc")["Location"] == "/accounts/keep/?invitation=abc"


def test_a_closed_site_offers_no_signing_up(client: Client) -> None:
    decide("closed")

    assert reverse("account_signup") not in client.get("/").content.decode()
    assert "takes no new people" in client.get(reverse("account_signup")).content.decode()


# --- In the admin ----------------------------------------------------------------------------------------------------


@pytest.fixture
def admin(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


def test_a_site_admin_names_the_site_and_decides_without_a_restart(admin: Client) -> None:
    change = "/admin/accounts/sitesettings/1/change/"
    assert admin.get("/admin/accounts/sitesettings/")["Location"] == change
    fields = {"name": "The Den", "welcome_text": "Come & sit.", "sign_up": "closed", "email_domains": ""}

    assert admin.post(change, fields).status_code == 302

    page = Client().get("/").content.decode()
    assert "<h1>The Den</h1>" in page
    assert "Come &amp; sit." in page
    assert "The Den" in admin.get("/admin/").content.decode()


def test_domains_have_to_be_named(admin: Client) -> None:
    admin.get("/admin/accounts/sitesettings/")
    fields = {"name": "", "welcome_text": "", "sign_up": "domain", "email_domains": " "}

    page = admin.post("/admin/accounts/sitesettings/1/change/", fields).content.decode()

    assert "Name one domain" in page


def test_a_site_admin_makes_an_invitation_and_passes_its_link_on(admin: Client, dana: User) -> None:
    fields = {
        "note": "for Eve",
        "code": "welcome-eve",
        "uses_left": "3",
        "expires_at_0": "2999-01-01",
        "expires_at_1": "00:00",
    }

    assert admin.post("/admin/accounts/invitation/add/", fields).status_code == 302

    assert Invitation.objects.get().created_by == dana
    assert "/accounts/signup/?invitation=welcome-eve" in admin.get("/admin/accounts/invitation/").content.decode()


def test_another_process_knows_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert SiteSettings.current().sign_up == "open"
    SiteSettings(sign_up="closed").save()
    SiteSettings._copy = (0, SiteSettings())  # what another process still has, grown too old

    assert SiteSettings.current().sign_up == "closed"
