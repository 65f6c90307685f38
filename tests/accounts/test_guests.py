"""Guests: coming in with a display name alone, by page and by API, and going again."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.core.management import call_command
from django.dispatch import Signal
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts import signals
from accounts.actions import come_in_as_guest, sweep_guests
from accounts.errors import BadDisplayName, GuestsClosed
from accounts.models import User
from accounts.sessions import SEEN_EVERY, SEEN_KEY

pytestmark = [pytest.mark.django_db, pytest.mark.rules]

Hear = Callable[[Signal], list[dict[str, Any]]]


def by_api(client: Client, display_name: str = "Ada", **headers: str) -> Any:
    body = json.dumps({"display_name": display_name})
    return client.post("/api/guests", body, content_type="application/json", headers=headers)


def long_ago(guest: User, days: int = 31) -> User:
    User.objects.filter(pk=guest.pk).update(seen_at=timezone.now() - timedelta(days=days))
    return guest


# --- Coming in -------------------------------------------------------------------------------------------------------


def test_a_name_is_enough(client: Client) -> None:
    response = client.post(reverse("guest"), {"display_name": "  Ada \n Lovelace "})

    assert response["Location"] == reverse("room_list")
    guest = User.objects.get()
    assert guest.is_guest
    assert guest.display_name == "Ada Lovelace"
    assert guest.username.startswith("guest-")
    assert not guest.email
    assert not guest.has_usable_password()
    assert client.session["_auth_user_id"] == str(guest.pk)


def test_a_guest_is_led_where_they_were_going_but_never_to_another_site(client: Client) -> None:
    assert client.post(reverse("guest"), {"display_name": "Ada", "next": "/rooms/new/"})["Location"] == "/rooms/new/"
    response = Client().post(reverse("guest"), {"display_name": "Ada", "next": "https://evil.example/"})
    assert response["Location"] == reverse("room_list")


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "\u202e", "x" * 61])
def test_a_name_that_nobody_could_read_is_refused_everywhere(client: Client, name: str) -> None:
    with pytest.raises(BadDisplayName):
        come_in_as_guest(display_name=name)
    assert client.post(reverse("guest"), {"display_name": name}).context["form"].errors["display_name"]
    answer = by_api(client, name)

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_display_name")
    assert not User.objects.exists()


def test_a_site_may_take_no_guests(client: Client, settings: Settings) -> None:
    settings.GUESTS = False

    with pytest.raises(GuestsClosed):
        come_in_as_guest(display_name="Ada")
    assert client.post(reverse("guest"), {"display_name": "Ada"}).status_code == 403
    assert by_api(client).json()["code"] == "guests_closed"
    assert reverse("guest") not in client.get("/").content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize("page", ["home", "account_login", "account_signup"])
def test_the_pages_for_strangers_offer_it(client: Client, page: str) -> None:
    assert reverse("guest") in client.get(reverse(page)).content.decode()


def test_a_user_who_is_signed_in_becomes_no_guest(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert client.post(reverse("guest"), {"display_name": "Ada"})["Location"] == reverse("room_list")
    assert by_api(client).json()["code"] == "signed_in"
    assert User.objects.count() == 1


def test_coming_in_has_a_limit_and_says_when_to_try_again(client: Client, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"signup": "1/m/ip"}
    client.post(reverse("guest"), {"display_name": "Ada"})

    page, api = Client().post(reverse("guest"), {"display_name": "Bea"}), by_api(Client())

    assert (page.status_code, api.status_code) == (429, 429)
    assert "Wait a minute" in page.content.decode()
    assert api.json()["code"] == "too_fast"
    assert page["Retry-After"] == api["Retry-After"] == str(api.json()["retry_after"])


# --- By the API ------------------------------------------------------------------------------------------------------


def test_a_client_without_cookies_gets_a_token() -> None:
    answer = by_api(Client(enforce_csrf_checks=True))

    assert answer.status_code == 201
    assert not answer.cookies
    me = Client().get("/api/me", headers={"X-Session-Token": answer.json()["session_token"]}).json()
    assert (me["display_name"], me["is_guest"]) == ("Ada", True)


def test_a_page_gets_a_cookie_and_no_token() -> None:
    client = Client(enforce_csrf_checks=True)
    token = client.get("/").cookies["csrftoken"].value

    answer = by_api(client, **{"X-CSRFToken": token})

    assert answer.status_code == 201
    assert answer.json()["session_token"] is None
    assert client.get("/api/me").json()["username"] == answer.json()["username"]


def test_another_sites_page_cannot_sign_its_visitors_in() -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/")

    assert by_api(client).status_code == 403
    assert not User.objects.exists()


# --- Being remembered ------------------------------------------------------------------------------------------------


def test_each_use_gives_the_session_its_two_weeks_anew(client: Client) -> None:
    client.post(reverse("guest"), {"display_name": "Ada"})
    client.get("/rooms/")
    session = client.session
    session[SEEN_KEY] -= SEEN_EVERY
    session.set_expiry(60)
    session.save()
    session.set_expiry(None)
    session.save()

    cookie = client.get("/rooms/").cookies["sessionid"]

    assert cookie["max-age"] == 14 * 24 * 60 * 60
    assert "sessionid" not in client.get("/rooms/").cookies


def test_a_tokens_session_lives_on_too() -> None:
    token = by_api(Client()).json()["session_token"]

    Client().get("/api/me", headers={"X-Session-Token": token, "User-Agent": "terminal"})

    assert UserSession.objects.get(session_key=token).user_agent == "terminal"


# --- Limits ----------------------------------------------------------------------------------------------------------


def test_no_guest_opens_a_room(client: Client) -> None:
    client.post(reverse("guest"), {"display_name": "Ada"})

    page = client.post(reverse("room_new"), {"name": "Lobby"})
    api = client.post("/api/rooms", json.dumps({"name": "Lobby"}), content_type="application/json")

    assert "Guests cannot open rooms" in page.content.decode()
    assert (api.status_code, api.json()["code"]) == (403, "guests_cannot")


@pytest.mark.parametrize("name", ["guest-1234", "Guest-x", "deleted-abc", "ｇｕｅｓｔ-1"])
def test_nobody_chooses_a_name_that_the_site_gives(client: Client, name: str) -> None:
    answers = {"email": "eve@example.org", "username": name, "password1": "another good horse"}

    assert "given by the site" in client.post(reverse("account_signup"), answers).content.decode()


# --- Going -----------------------------------------------------------------------------------------------------------


def test_a_guest_who_left_no_trace_is_swept(alice: User, capsys: pytest.CaptureFixture[str]) -> None:
    long_ago(come_in_as_guest(display_name="Ada"))
    fresh = long_ago(come_in_as_guest(display_name="Bea"), days=29)
    long_ago(alice)

    call_command("sweep_guests")

    assert set(User.objects.all()) == {alice, fresh}
    assert "Guests removed: 1." in capsys.readouterr().out


def test_a_swept_guest_is_signed_out(
    client: Client, hear: Hear, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    heard = hear(signals.signed_out)
    client.post(reverse("guest"), {"display_name": "Ada"})
    key = client.session.session_key
    client.get("/rooms/")
    long_ago(User.objects.get())

    with django_capture_on_commit_callbacks(execute=True):
        assert sweep_guests() == (1, 0)

    assert [what["session_key"] for what in heard] == [key]
    assert client.get("/rooms/").status_code == 302
