"""The page of the people whom one has blocked."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import block_user
from accounts.models import Block, User

pytestmark = pytest.mark.django_db

PAGE = "/accounts/blocked/"


def test_it_says_when_nobody_is_blocked(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert "You have blocked nobody." in client.get(PAGE).text


def test_it_names_the_blocked_with_their_username(client: Client, alice: User, bob: User, charlie: User) -> None:
    bob.display_name = "Robert"
    bob.save()
    block_user(bob, actor=alice)
    block_user(alice, actor=charlie)
    client.force_login(alice)
    text = client.get(PAGE).text
    assert "Robert" in text
    assert "@bob" in text
    # Who has blocked oneself is nobody's business.
    assert "charlie" not in text


@pytest.mark.rules
def test_its_buttons_block_and_unblock(client: Client, alice: User, bob: User) -> None:
    client.force_login(alice)
    for name, blocked in (("block", [bob.pk]), ("unblock", []), ("unblock", [])):
        response = client.post(PAGE, {name: bob.pk})
        assert response["Location"] == reverse("account_blocks")
        assert Block.objects.blocked_by(alice) == blocked


def test_one_is_led_back_to_where_the_button_was_and_nowhere_else(client: Client, alice: User, bob: User) -> None:
    client.force_login(alice)
    for wanted, led_to in (("/rooms/", "/rooms/"), ("https://elsewhere.example/", PAGE)):
        assert client.post(PAGE, {"block": bob.pk, "next": wanted})["Location"] == led_to


@pytest.mark.parametrize("value", ["", "nobody", "12247d71-1be9-4031-a826-b342194b6746"])
def test_an_unknown_user_changes_nothing(client: Client, alice: User, value: str) -> None:
    client.force_login(alice)
    assert client.post(PAGE, {"block": value}).status_code == 302
    assert not Block.objects.exists()


def test_nobody_blocks_themselves(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert "This is you." in client.post(PAGE, {"block": alice.pk}, follow=True).text
    assert not Block.objects.exists()


def test_a_stranger_is_led_to_the_log_in(client: Client) -> None:
    assert client.get(PAGE)["Location"].startswith(reverse("account_login"))
