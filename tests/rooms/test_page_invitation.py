"""What somebody sees who follows an invitation."""

from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from rooms.actions.invitations import invite, revoke_invitation
from rooms.actions.messages import post_message
from rooms.actions.rooms import open_room
from rooms.models import Invitation, Room
from tests.browser.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def den(alice: User) -> Room:
    room = open_room(actor=alice, name="Den", kind=Room.Kind.PRIVATE, topic="Where we meet")
    post_message(room, actor=alice, client_id="1", body="A secret")
    return room


@pytest.fixture
def link(den: Room, alice: User) -> str:
    return reverse("invitation", args=[invite(den, actor=alice).code])


def test_a_stranger_sees_who_invites_into_which_room_and_nothing_that_was_said(client: Client, link: str) -> None:
    page = client.get(link)
    assert page.status_code == 200
    for words in ("Den", "Where we meet", "One person is a member of this room.", "alice invites you to this room."):
        assert words in page.text
    assert "A secret" not in page.text
    assert "Join this room" not in page.text
    assert "no-store" in page["Cache-Control"]


@pytest.mark.security
def test_a_stranger_is_led_through_sign_up_back_to_the_invitation(client: Client, link: str, den: Room) -> None:
    address = f"{reverse('account_signup')}?next={quote(link, '')}"
    assert f'href="{address}"' in client.get(link).text
    form = {"email": "eve@example.org", "username": "eve", "password1": PASSWORD, "next": link}
    assert client.post(reverse("account_signup"), form)["Location"] == link
    assert "Join this room" in client.get(link).text
    assert client.post(link)["Location"] == reverse("room", args=[den.pk])


def test_who_only_posts_is_led_to_the_log_in_first(client: Client, link: str, den: Room) -> None:
    assert client.post(link)["Location"] == f"{reverse('account_login')}?next={link}"
    assert den.memberships.count() == 1


@pytest.mark.security
def test_a_link_that_has_ended_tells_a_stranger_nothing(client: Client, link: str, den: Room, alice: User) -> None:
    revoke_invitation(den, actor=alice, invitation_id=Invitation.objects.get().pk)
    for address in (link, reverse("invitation", args=["not-a-code"])):
        page = client.get(address)
        assert page.status_code == 410
        assert "Den" not in page.text


@pytest.mark.security
def test_a_stranger_cannot_try_many_links(client: Client, link: str) -> None:
    # From an address of its own, which counts for no other test.
    here = {"REMOTE_ADDR": "10.9.8.7"}
    answers = [client.get(reverse("invitation", args=[f"guess-{n}"]), **here).status_code for n in range(61)]
    assert set(answers[:60]) == {410}
    assert answers[60] == client.get(link, **here).status_code == 429
    assert client.get(link).status_code == 200
