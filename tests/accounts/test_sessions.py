"""The devices on which one is signed in, and how to end a session: by page, and by the app client."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.dispatch import Signal
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts import signals
from accounts.devices import device_of
from accounts.models import User
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.rules]

Hear = Callable[[Signal], list[dict[str, Any]]]
PAGE = "/accounts/sessions/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"


def signed_in(user_agent: str) -> Client:
    client = Client(headers={"User-Agent": user_agent})
    client.post(reverse("account_login"), {"login": "alice", "password": PASSWORD})
    return client


def key_of(client: Client) -> str:
    return str(client.session.session_key)


def end(client: Client, which: str) -> Any:
    return client.post(PAGE, {"session": which})


def test_the_page_names_each_device(alice: User) -> None:
    signed_in(SAFARI).get("/rooms/")
    page = signed_in(FIREFOX).get(PAGE).content.decode()

    assert "Firefox on Linux" in page
    assert "Safari on iPhone" in page
    assert page.count("This one") == 1
    assert page.count("Used just now from 127.0.0.1") == 2
    assert "0 minutes" not in page.replace("\xa0", " ")


def test_the_page_says_how_long_a_device_was_not_used(alice: User) -> None:
    signed_in(SAFARI).get("/rooms/")
    UserSession.objects.update(last_seen_at=timezone.now() - timedelta(hours=3, minutes=1))
    page = signed_in(FIREFOX).get(PAGE).content.decode().replace("\xa0", " ")
    assert "Used 3 hours, 1 minute ago from 127.0.0.1" in page


def test_an_ended_session_is_over_and_told(
    alice: User, hear: Hear, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    here, there = signed_in(FIREFOX), signed_in(SAFARI)
    key = key_of(there)
    heard = hear(signals.signed_out)

    with django_capture_on_commit_callbacks(execute=True):
        end(here, str(UserSession.objects.get(session_key=key).pk))

    assert [what["session_key"] for what in heard] == [key]
    assert there.get("/rooms/").status_code == 302
    assert here.get("/rooms/").status_code == 200


def test_all_others_end_at_once(alice: User) -> None:
    here, *others = (signed_in(agent) for agent in (FIREFOX, SAFARI, FIREFOX))

    end(here, "others")

    assert [client.get("/rooms/").status_code for client in (here, *others)] == [200, 302, 302]


@pytest.mark.security
def test_nobody_ends_the_session_of_another(alice: User, bob: User) -> None:
    there = signed_in(SAFARI)
    bobs = Client()
    bobs.force_login(bob)

    end(bobs, str(UserSession.objects.get(session_key=key_of(there)).pk))

    assert there.get("/rooms/").status_code == 200


def test_the_app_client_ends_sessions_too(
    alice: User, hear: Hear, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    here, there = signed_in(FIREFOX), signed_in(SAFARI)
    session = UserSession.objects.get(session_key=key_of(there))
    heard = hear(signals.signed_out)

    with django_capture_on_commit_callbacks(execute=True):
        Client().delete(
            "/_allauth/app/v1/auth/sessions",
            json.dumps({"sessions": [session.pk]}),
            content_type="application/json",
            headers={"X-Session-Token": key_of(here)},
        )

    assert [what["session_key"] for what in heard] == [session.session_key]
    assert there.get("/rooms/").status_code == 302


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36", "Chrome on Android"),
        ("chatsite-terminal/1.0", "chatsite-terminal"),
        ("", "An unknown device"),
    ],
)
def test_a_device_is_named(user_agent: str, device: str) -> None:
    assert device_of(user_agent) == device
