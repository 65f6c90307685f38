import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from rooms import errors
from rooms.actions.memberships import join_room
from rooms.actions.rooms import open_room
from rooms.models import Membership, Message, Room

pytestmark = pytest.mark.django_db

MEMBERSHIPS = "/admin/rooms/membership/"


@pytest.fixture
def tea(alice: User, bob: User) -> Room:
    """A room of alice's, in which bob is a member."""
    room = open_room(actor=alice, name="Tea")
    join_room(room, actor=bob)
    return room


@pytest.fixture
def staff(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


def do(staff: Client, action: str, *rows: Membership) -> str:
    """Do an admin action to these memberships, and return the page that follows."""
    form = {"action": action, "_selected_action": [row.pk for row in rows]}
    response = staff.post(MEMBERSHIPS, form, follow=True)
    assert response.status_code == 200
    return response.text


def test_the_list_is_searched_by_person_and_room_and_filtered(staff: Client, alice: User, tea: Room) -> None:
    open_room(actor=alice, name="Jazz")
    for query, count in (("q=bob", 1), ("q=tea", 2), ("role__exact=admin", 2), ("state__exact=left", 0)):
        assert staff.get(f"{MEMBERSHIPS}?{query}").context["cl"].result_count == count


def test_the_list_offers_its_actions(staff: Client, tea: Room) -> None:
    assert '<option value="grant_admins">' in staff.get(MEMBERSHIPS).text


@pytest.mark.rules
def test_an_admin_is_made_through_the_action(staff: Client, bob: User, tea: Room) -> None:
    do(staff, "grant_admins", tea.membership_of(bob))
    assert tea.membership_of(bob).is_admin
    row = tea.messages.newest(1)[0]
    assert (row.kind, row.author.username, row.subject) == (Message.Kind.ADMIN_GRANTED, "dana", bob)


@pytest.mark.rules
def test_the_last_admin_keeps_the_role(staff: Client, alice: User, tea: Room) -> None:
    assert str(errors.LastAdmin()) in do(staff, "revoke_admins", tea.membership_of(alice))
    assert tea.membership_of(alice).is_admin


@pytest.mark.rules
def test_one_refusal_does_not_stop_the_others(staff: Client, alice: User, bob: User, tea: Room) -> None:
    text = do(staff, "remove_members", tea.membership_of(alice), tea.membership_of(bob))
    assert str(errors.LastAdmin()) in text
    assert "Done for 1 row." in text
    assert tea.membership_of(alice).is_active
    assert tea.membership_of(bob).state == Membership.State.REMOVED


def test_who_is_no_member_any_more_is_a_message(staff: Client, bob: User, tea: Room) -> None:
    do(staff, "remove_members", tea.membership_of(bob))
    assert str(errors.NotMember()) in do(staff, "grant_admins", tea.membership_of(bob))


def test_a_membership_is_shown_but_not_typed_over(staff: Client, bob: User, tea: Room) -> None:
    row = tea.membership_of(bob)
    assert staff.get(f"{MEMBERSHIPS}{row.pk}/change/").status_code == 200
    assert staff.post(f"{MEMBERSHIPS}{row.pk}/change/", {"role": "admin"}).status_code == 403
    assert staff.post(f"{MEMBERSHIPS}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert staff.get(f"{MEMBERSHIPS}add/").status_code == 403
    assert not tea.membership_of(bob).is_admin


def test_who_may_only_look_is_offered_no_actions(client: Client, charlie: User, bob: User, tea: Room) -> None:
    charlie.is_staff = True
    charlie.save()
    charlie.user_permissions.add(Permission.objects.get(codename="view_membership"))
    client.force_login(charlie)
    do(client, "remove_members", tea.membership_of(bob))
    assert tea.membership_of(bob).is_active
