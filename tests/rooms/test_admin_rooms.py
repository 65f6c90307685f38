from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from rooms import errors
from rooms.actions.directs import open_direct
from rooms.actions.memberships import join_room
from rooms.actions.rooms import delete_room, open_room
from rooms.admin.rooms import MEMBERS_SHOWN
from rooms.models import KEPT_DELETED, Membership, Message, Room

pytestmark = pytest.mark.django_db

ROOMS = "/admin/rooms/room/"


@pytest.fixture
def tea(alice: User) -> Room:
    return open_room(actor=alice, name="Tea", topic="Green")


@pytest.fixture
def staff(client: Client, dana: User) -> Client:
    """The Django admin, with a site admin at it who is no member of any room."""
    client.force_login(dana)
    return client


def change(staff: Client, room: Room, **words: str) -> HttpResponse:
    form = {"name": room.name, "topic": room.topic, "kind": room.kind, **words}
    return staff.post(f"{ROOMS}{room.pk}/change/", form, follow=True)  # type: ignore[return-value]


def delete(staff: Client, *rooms: Room, **more: str) -> HttpResponse:
    form = {"action": "delete_rooms", "_selected_action": [str(room.pk) for room in rooms], **more}
    return staff.post(ROOMS, form, follow=True)  # type: ignore[return-value]


def restore(staff: Client, room: Room) -> str:
    return staff.post(ROOMS, {"action": "restore_rooms", "_selected_action": [str(room.pk)]}, follow=True).text


def add(staff: Client, room: Room, username: str) -> str:
    return staff.post(f"{ROOMS}{room.pk}/add-member/", {"username": username}, follow=True).text


def listed(staff: Client, query: str = "") -> list[str]:
    response = staff.get(ROOMS + query)
    assert response.status_code == 200
    return [room.name for room in response.context["cl"].result_list]


def test_the_list_shows_every_room_and_leads_to_its_transcript(staff: Client, alice: User, tea: Room) -> None:
    delete_room(open_room(actor=alice, name="Gone"), actor=alice)
    open_room(actor=alice, name="Secret", kind=Room.Kind.PRIVATE)
    assert listed(staff) == ["Gone", "Secret", "Tea"]
    assert f"{reverse('admin:rooms_message_changelist')}?room__id__exact={tea.pk}" in staff.get(ROOMS).text


def test_the_list_is_searched_by_name_and_filtered_by_kind_and_deletion(staff: Client, alice: User, tea: Room) -> None:
    delete_room(open_room(actor=alice, name="Café"), actor=alice)
    assert listed(staff, "?q=CAFÉ") == ["Café"]
    assert listed(staff, "?deleted=yes") == ["Café"]
    assert listed(staff, "?deleted=no&kind__exact=public") == ["Tea"]
    assert listed(staff, "?kind__exact=private") == []


@pytest.mark.rules
def test_a_new_name_and_topic_go_through_the_actions(staff: Client, dana: User, tea: Room) -> None:
    response = change(staff, tea, name="Coffee", topic="Black")
    assert "was changed successfully" in response.content.decode()
    tea.refresh_from_db()
    assert (tea.name, tea.name_folded, tea.topic) == ("Coffee", "coffee", "Black")
    rows = [(row.kind, row.author, row.body) for row in tea.messages.after(1)]
    assert rows == [(Message.Kind.RENAMED, dana, "Coffee"), (Message.Kind.TOPIC_CHANGED, dana, "Black")]


@pytest.mark.rules
def test_a_refused_name_is_a_message_and_changes_nothing(staff: Client, alice: User, tea: Room) -> None:
    open_room(actor=alice, name="Coffee")
    response = change(staff, tea, name="COFFEE", topic="Black")
    assert response.status_code == 200
    assert str(errors.NameTaken()) in response.content.decode()
    tea.refresh_from_db()
    assert (tea.name, tea.topic, tea.last_seq) == ("Tea", "Green", 1)


@pytest.mark.rules
def test_a_refused_topic_undoes_the_new_name_too(staff: Client, tea: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rooms.actions.rooms.TOPIC_MAX_LENGTH", 3)
    assert str(errors.BadTopic()) in change(staff, tea, name="Coffee", topic="Black").content.decode()
    tea.refresh_from_db()
    assert (tea.name, tea.last_seq) == ("Tea", 1)


def test_counts_cannot_be_typed_over(staff: Client, tea: Room) -> None:
    change(staff, tea, last_seq="9", member_count="9")
    tea.refresh_from_db()
    assert (tea.kind, tea.last_seq, tea.member_count) == ("public", 1, 1)


@pytest.mark.rules
def test_a_public_room_becomes_private_through_the_action(staff: Client, dana: User, tea: Room) -> None:
    change(staff, tea, kind="private")
    tea.refresh_from_db()
    assert tea.kind == Room.Kind.PRIVATE
    row = tea.messages.newest(1)[0]
    assert (row.kind, row.author, row.body) == (Message.Kind.KIND_CHANGED, dana, "private")
    assert AuditEntry.objects.filter(action="kind_changed", actor=dana, target_id=str(tea.pk)).count() == 1


@pytest.mark.rules
def test_a_private_room_becomes_public_only_when_that_is_confirmed(staff: Client, alice: User) -> None:
    den = open_room(actor=alice, name="Den", kind=Room.Kind.PRIVATE)
    assert str(errors.ConfirmPublic()) in change(staff, den, kind="public", topic="Green").text
    den.refresh_from_db()
    assert (den.kind, den.topic) == (Room.Kind.PRIVATE, "")
    change(staff, den, kind="public", confirm="on")
    den.refresh_from_db()
    assert den.kind == Room.Kind.PUBLIC


@pytest.mark.rules
def test_a_direct_room_is_shown_and_never_changed(staff: Client, alice: User, bob: User) -> None:
    direct = open_direct(actor=alice, user=bob)
    assert str(direct) in staff.get(f"{ROOMS}{direct.pk}/change/").text
    assert change(staff, direct, kind="public", confirm="on", name="Open").status_code == 403
    assert str(errors.DirectRoom()) in delete(staff, direct, confirmed="yes").text
    assert str(errors.DirectRoom()) in add(staff, direct, "dana")
    direct.refresh_from_db()
    assert (direct.kind, direct.name, direct.last_seq, direct.deleted_at) == (Room.Kind.DIRECT, "", 1, None)


def test_no_room_becomes_direct(staff: Client, tea: Room) -> None:
    change(staff, tea, kind="direct")
    tea.refresh_from_db()
    assert (tea.kind, tea.last_seq) == (Room.Kind.PUBLIC, 1)


# --- Members ---------------------------------------------------------------------------------------------------------


@pytest.mark.rules
def test_a_member_is_added_by_username_in_any_case(staff: Client, dana: User, bob: User, tea: Room) -> None:
    assert "Done for 1 row." in add(staff, tea, "BOB")
    assert tea.membership_of(bob).is_active
    row = tea.messages.newest(1)[0]
    assert (row.kind, row.author, row.subject) == (Message.Kind.ADDED, dana, bob)


def test_an_unknown_user_cannot_be_added(staff: Client, tea: Room) -> None:
    assert str(errors.NoSuchPerson()) in add(staff, tea, "nobody")
    assert staff.get(f"{ROOMS}{tea.pk}/add-member/").status_code == 403


@pytest.mark.rules
def test_the_page_of_a_room_has_its_members_with_buttons_that_lead_back(staff: Client, bob: User, tea: Room) -> None:
    join_room(tea, actor=bob)
    page = f"{ROOMS}{tea.pk}/change/"
    assert 'value="grant_admins"' in staff.get(page).text
    form = {"action": "grant_admins", "_selected_action": tea.membership_of(bob).pk, "back": page}
    response = staff.post("/admin/rooms/membership/", form, follow=True)
    assert response.redirect_chain == [(page, 302)]
    assert tea.membership_of(bob).is_admin


def test_a_button_leads_back_to_no_other_site(staff: Client, alice: User, tea: Room) -> None:
    form = {"action": "grant_admins", "_selected_action": tea.membership_of(alice).pk, "back": "https://evil.example/"}
    assert staff.post("/admin/rooms/membership/", form)["Location"] == "/admin/rooms/membership/"


def test_the_page_of_a_room_shows_some_members_of_many(staff: Client, tea: Room) -> None:
    people = User.objects.bulk_create(
        [User(username=f"p{n}", username_folded=f"p{n}", email=f"p{n}@example.org") for n in range(60)]
    )
    Membership.objects.bulk_create([Membership(room=tea, user=user) for user in people])
    staff.get(ROOMS)  # the first visit notes that the session is in use, and reads the site's settings
    with CaptureQueriesContext(connection) as asked:
        text = staff.get(f"{ROOMS}{tea.pk}/change/").text
    assert text.count('value="remove_members"') == MEMBERS_SHOWN
    assert text.index(">alice</a>") < text.index(">p1</a>")
    assert len(asked) <= 12


# --- Deleting and restoring ------------------------------------------------------------------------------------------


def test_deleting_asks_first(staff: Client, tea: Room) -> None:
    response = delete(staff, tea)
    assert "Delete these rooms" in response.content.decode()
    tea.refresh_from_db()
    assert not tea.is_deleted


@pytest.mark.rules
def test_deleting_goes_through_the_action_and_is_noted(staff: Client, dana: User, tea: Room) -> None:
    delete(staff, tea, confirmed="yes")
    tea.refresh_from_db()
    assert tea.is_deleted
    assert [row.kind for row in tea.messages.order_by("seq")] == ["opened", "deleted"]
    entry = LogEntry.objects.get(object_id=str(tea.pk))
    assert (entry.user, entry.change_message) == (dana, "Deleted.")


def test_deleting_twice_is_a_message(staff: Client, alice: User, tea: Room) -> None:
    delete_room(tea, actor=alice)
    response = delete(staff, tea, confirmed="yes")
    assert response.status_code == 200
    assert str(errors.RoomDeleted()) in response.content.decode()


def test_a_deleted_room_keeps_its_name(staff: Client, alice: User, tea: Room) -> None:
    delete_room(tea, actor=alice)
    assert change(staff, tea, name="Coffee").status_code == 403
    tea.refresh_from_db()
    assert tea.name == "Tea"


@pytest.mark.rules
def test_a_deleted_room_is_restored_through_the_action(staff: Client, alice: User, dana: User, tea: Room) -> None:
    delete_room(tea, actor=alice)
    assert listed(staff, "?deleted=yes") == ["Tea"]
    text = restore(staff, tea)
    assert "Done for 1 row." in text
    tea.refresh_from_db()
    assert not tea.is_deleted
    row = tea.messages.newest(1)[0]
    assert (row.kind, row.author) == (Message.Kind.RESTORED, dana)
    assert AuditEntry.objects.get(action="restored").actor == dana


@pytest.mark.rules
def test_a_room_whose_name_is_taken_by_now_stays_deleted(staff: Client, alice: User, tea: Room) -> None:
    delete_room(tea, actor=alice)
    open_room(actor=alice, name="TEA")
    assert str(errors.NameTaken()) in restore(staff, tea)
    tea.refresh_from_db()
    assert tea.is_deleted


def test_a_room_that_was_deleted_long_ago_cannot_be_restored(staff: Client, alice: User, tea: Room) -> None:
    delete_room(tea, actor=alice)
    Room.objects.filter(pk=tea.pk).update(deleted_at=timezone.now() - KEPT_DELETED - timedelta(hours=1))
    assert listed(staff, "?deleted=expired") == ["Tea"]
    assert str(errors.GoneForGood()) in restore(staff, tea)


def test_the_days_that_are_left_are_shown(staff: Client, alice: User, tea: Room) -> None:
    delete_room(tea, actor=alice)
    Room.objects.filter(pk=tea.pk).update(deleted_at=timezone.now() - timedelta(days=20, hours=1))
    assert '<td class="field-days_left">9</td>' in staff.get(f"{ROOMS}?deleted=yes").text


def test_no_raw_form_adds_a_room_and_nothing_erases_one(staff: Client, tea: Room) -> None:
    assert staff.get(f"{ROOMS}add/").status_code == 403
    assert staff.post(f"{ROOMS}{tea.pk}/delete/", {"post": "yes"}).status_code == 403
    form = {"action": "delete_selected", "_selected_action": [str(tea.pk)], "post": "yes"}
    staff.post(ROOMS, form)
    assert Room.objects.filter(pk=tea.pk).exists()


@pytest.mark.parametrize("room_id", ["x", "00000000-0000-4000-8000-000000000000"])
def test_an_unknown_room_is_no_error(staff: Client, room_id: str) -> None:
    assert staff.get(f"{ROOMS}{room_id}/change/", follow=True).status_code == 200


def test_the_admin_is_for_site_admins(client: Client, alice: User, tea: Room) -> None:
    client.force_login(alice)
    assert client.get(ROOMS).status_code == 302
