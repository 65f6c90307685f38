"""Display names: changed on the profile page and by API, and never without the username."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.dispatch import Signal
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts import signals
from accounts.actions import come_in_as_guest, set_display_name
from accounts.errors import BadDisplayName
from accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.rules]

Hear = Callable[[Signal], list[dict[str, Any]]]


def by_api(client: Client, display_name: str) -> Any:
    body = json.dumps({"display_name": display_name})
    return client.patch("/api/me", body, content_type="application/json")


def test_a_new_name_is_shown_beside_the_username_and_told(
    client: Client, alice: User, hear: Hear, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    heard = hear(signals.renamed)
    client.force_login(alice)

    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(reverse("account_profile"), {"display_name": " Alice  Liddell "}, follow=True)

    page = response.content.decode()
    header = page[page.index("<header") : page.index("</header>")]
    assert "Alice Liddell" in header
    assert ">alice<" in header
    assert [what["user"].display_name for what in heard] == ["Alice Liddell"]


def test_the_api_changes_it_too(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert by_api(client, "Alice Liddell").json()["display_name"] == "Alice Liddell"
    assert by_api(client, "").json()["display_name"] == "alice"


@pytest.mark.parametrize("name", ["\u202e", "x" * 61])
def test_a_name_that_nobody_could_read_is_refused(client: Client, alice: User, name: str) -> None:
    client.force_login(alice)

    with pytest.raises(BadDisplayName):
        set_display_name(alice, display_name=name)
    assert client.post(reverse("account_profile"), {"display_name": name}).context["form"].errors["display_name"]
    assert by_api(client, name).json()["code"] == "bad_display_name"


def test_a_guest_always_has_one() -> None:
    with pytest.raises(BadDisplayName):
        set_display_name(come_in_as_guest(display_name="Ada"), display_name="")


def test_the_same_name_again_is_not_told(
    alice: User, hear: Hear, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    heard = hear(signals.renamed)

    with django_capture_on_commit_callbacks(execute=True):
        set_display_name(alice, display_name="")

    assert not heard
