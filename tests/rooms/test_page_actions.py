"""The buttons about a room: join, leave, delete."""

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from rooms import errors
from rooms.actions.memberships import join_room, remove_member
from rooms.actions.rooms import delete_room, open_room
from rooms.models import Membership, Message, Room

pytestmark = [pytest.mark.django_db, pytest.mark.rules]


@pytest.fixture
def tea(alice: User, bob: User) -> Room:
    """A public room of alice's, in which bob is a member."""
    room = open_room(actor=alice, name="Tea")
    join_room(room, actor=bob)
    return room


def press(client: Client, user: User, name: str, room: Room) -> HttpResponse:
    client.force_login(user)
    return client.post(reverse(name, args=[room.pk]), follow=True)  # type: ignore[return-value]


def last_kind(room: Room) -> str:
    return str(room.messages.newest(1)[0].kind)


def test_joining_leads_into_the_room(client: Client, charlie: User, tea: Room) -> None:
    client.force_login(charlie)
    response = client.post(reverse("room_join", args=[tea.pk]))
    assert response["Location"] == reverse("room", args=[tea.pk])
    assert tea.membership_of(charlie).is_active
    assert last_kind(tea) == Message.Kind.JOINED


def test_joining_twice_is_joining_once(client: Client, bob: User, tea: Room) -> None:
    before = tea.messages.count()
    press(client, bob, "room_join", tea)
    assert tea.messages.count() == before


def test_who_was_removed_cannot_join_again(client: Client, alice: User, bob: User, tea: Room) -> None:
    remove_member(tea, actor=alice, user=bob)
    response = press(client, bob, "room_join", tea)
    assert response.status_code == 403
    assert str(errors.Removed()) in response.content.decode()
    assert tea.membership_of(bob).state == Membership.State.REMOVED


def test_a_private_room_cannot_be_joined_nor_told_from_none(client: Client, alice: User, charlie: User) -> None:
    private = open_room(actor=alice, name="Secret", kind=Room.Kind.PRIVATE)
    response = press(client, charlie, "room_join", private)
    assert response.status_code == 404
    assert "Secret" not in response.content.decode()


def test_leaving_leads_to_the_list_which_says_so(client: Client, bob: User, tea: Room) -> None:
    response = press(client, bob, "room_leave", tea)
    assert response.redirect_chain == [(reverse("room_list"), 302)]  # type: ignore[attr-defined]
    assert "You have left “Tea”." in response.content.decode()
    assert tea.membership_of(bob).state == Membership.State.LEFT
    assert last_kind(tea) == Message.Kind.LEFT


def test_the_last_admin_who_leaves_is_told_what_can_be_done(client: Client, alice: User, tea: Room) -> None:
    response = press(client, alice, "room_leave", tea)
    assert response.status_code == 409
    text = response.content.decode()
    assert str(errors.LastAdmin()) in text
    assert reverse("room_delete", args=[tea.pk]) in text
    assert reverse("room", args=[tea.pk]) in text
    assert tea.membership_of(alice).is_admin


def test_an_outsider_has_nothing_to_leave(client: Client, charlie: User, tea: Room) -> None:
    assert press(client, charlie, "room_leave", tea).status_code == 403


@pytest.mark.parametrize("name", ["room_join", "room_leave"])
def test_a_typed_in_button_address_leads_to_the_room(client: Client, bob: User, tea: Room, name: str) -> None:
    client.force_login(bob)
    assert client.get(reverse(name, args=[tea.pk]))["Location"] == reverse("room", args=[tea.pk])
    assert tea.membership_of(bob).is_active


def test_delete_asks_first_and_says_what_will_happen(client: Client, alice: User, tea: Room) -> None:
    client.force_login(alice)
    text = client.get(reverse("room_delete", args=[tea.pk])).text
    assert "all its 2 members" in text
    assert Room.objects.open().filter(pk=tea.pk).exists()


def test_deleting_ends_the_room_and_leads_to_the_list(client: Client, alice: User, bob: User, tea: Room) -> None:
    response = press(client, alice, "room_delete", tea)
    assert response.redirect_chain == [(reverse("room_list"), 302)]  # type: ignore[attr-defined]
    assert "“Tea” has been deleted." in response.content.decode()
    client.force_login(bob)
    assert client.get(reverse("room", args=[tea.pk])).status_code == 410


@pytest.mark.parametrize("method", ["get", "post"])
def test_only_an_admin_may_delete(client: Client, bob: User, charlie: User, tea: Room, method: str) -> None:
    for user, sentence in ((bob, errors.NotAdmin()), (charlie, errors.JoinFirst())):
        client.force_login(user)
        response = getattr(client, method)(reverse("room_delete", args=[tea.pk]))
        assert response.status_code == 403
        assert str(sentence) in response.text
    assert Room.objects.open().filter(pk=tea.pk).exists()


def test_a_room_is_deleted_once(client: Client, alice: User, tea: Room) -> None:
    delete_room(tea, actor=alice)
    assert press(client, alice, "room_delete", tea).status_code == 410


@pytest.mark.parametrize("name", ["room_join", "room_leave", "room_delete"])
def test_a_forged_form_of_another_site_does_nothing(bob: User, tea: Room, name: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)
    assert client.post(reverse(name, args=[tea.pk])).status_code == 403
    assert tea.membership_of(bob).is_active
