import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from rooms.actions.memberships import join_room, leave_room
from rooms.actions.rooms import delete_room, open_room

pytestmark = pytest.mark.django_db


def where_home_leads(client: Client) -> str:
    response = client.get(reverse("home"))
    assert response.status_code == 302
    return response["Location"]


def test_a_stranger_is_welcomed(client: Client) -> None:
    response = client.get(reverse("home"))
    assert response.status_code == 200
    assert reverse("account_signup") in response.text


def test_who_was_in_no_room_gets_the_list(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert where_home_leads(client) == reverse("room_list")


@pytest.mark.rules
def test_home_leads_to_the_room_that_was_visited_last(client: Client, alice: User) -> None:
    tea, jazz = open_room(actor=alice, name="Tea"), open_room(actor=alice, name="Jazz")
    client.force_login(alice)
    client.get(reverse("room", args=[jazz.pk]))
    client.get(reverse("room", args=[tea.pk]))
    assert where_home_leads(client) == reverse("room", args=[tea.pk])


@pytest.mark.rules
def test_home_forgets_a_room_that_one_has_left(client: Client, alice: User, bob: User) -> None:
    tea = open_room(actor=alice, name="Tea")
    join_room(tea, actor=bob)
    client.force_login(bob)
    client.get(reverse("room", args=[tea.pk]))
    leave_room(tea, actor=bob)
    assert where_home_leads(client) == reverse("room_list")


def test_home_forgets_a_deleted_room(client: Client, alice: User) -> None:
    delete_room(open_room(actor=alice, name="Tea"), actor=alice)
    client.force_login(alice)
    assert where_home_leads(client) == reverse("room_list")
