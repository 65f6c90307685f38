import pytest
from django.contrib.admin.models import LogEntry
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from rooms import errors
from rooms.actions.rooms import delete_room, open_room
from rooms.models import Message, Room

pytestmark = pytest.mark.django_db

ROOMS = "/admin/rooms/room/"


@pytest.fixture
def tea(alice: User) -> Room:
    return open_room(actor=alice, name="Tea", topic="Green")


@pytest.fixture
def desk(client: Client, dana: User) -> Client:
    """The Django admin, with a site admin at it who is no member of any room."""
    client.force_login(dana)
    return client


def change(desk: Client, room: Room, **words: str) -> HttpResponse:
    form = {"name": room.name, "topic": room.topic, **words}
    return desk.post(f"{ROOMS}{room.pk}/change/", form, follow=True)  # type: ignore[return-value]


def delete(desk: Client, *rooms: Room, **more: str) -> HttpResponse:
    form = {"action": "delete_rooms", "_selected_action": [str(room.pk) for room in rooms], **more}
    return desk.post(ROOMS, form, follow=True)  # type: ignore[return-value]


def listed(desk: Client, query: str = "") -> list[str]:
    response = desk.get(ROOMS + query)
    assert response.status_code == 200
    return [room.name for room in response.context["cl"].result_list]


def test_the_list_shows_every_room_and_leads_to_its_transcript(desk: Client, alice: User, tea: Room) -> None:
    delete_room(open_room(actor=alice, name="Gone"), actor=alice)
    open_room(actor=alice, name="Secret", kind=Room.Kind.PRIVATE)
    assert listed(desk) == ["Gone", "Secret", "Tea"]
    assert f"{reverse('admin:rooms_message_changelist')}?room__id__exact={tea.pk}" in desk.get(ROOMS).text


def test_the_list_is_searched_by_name_and_filtered_by_kind_and_deletion(desk: Client, alice: User, tea: Room) -> None:
    delete_room(open_room(actor=alice, name="Café"), actor=alice)
    assert listed(desk, "?q=CAFÉ") == ["Café"]
    assert listed(desk, "?deleted=yes") == ["Café"]
    assert listed(desk, "?deleted=no&kind__exact=public") == ["Tea"]
    assert listed(desk, "?kind__exact=private") == []


@pytest.mark.rules
def test_a_new_name_and_topic_go_through_the_actions(desk: Client, dana: User, tea: Room) -> None:
    response = change(desk, tea, name="Coffee", topic="Black")
    assert "was changed successfully" in response.content.decode()
    tea.refresh_from_db()
    assert (tea.name, tea.name_folded, tea.topic) == ("Coffee", "coffee", "Black")
    rows = [(row.kind, row.author, row.body) for row in tea.messages.after(1)]
    assert rows == [(Message.Kind.RENAMED, dana, "Coffee"), (Message.Kind.TOPIC_CHANGED, dana, "Black")]


@pytest.mark.rules
def test_a_refused_name_is_a_message_and_changes_nothing(desk: Client, alice: User, tea: Room) -> None:
    open_room(actor=alice, name="Coffee")
    response = change(desk, tea, name="COFFEE", topic="Black")
    assert response.status_code == 200
    assert str(errors.NameTaken()) in response.content.decode()
    tea.refresh_from_db()
    assert (tea.name, tea.topic, tea.last_seq) == ("Tea", "Green", 1)


@pytest.mark.rules
def test_a_refused_topic_undoes_the_new_name_too(desk: Client, tea: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rooms.actions.rooms.TOPIC_MAX_LENGTH", 3)
    assert str(errors.BadTopic()) in change(desk, tea, name="Coffee", topic="Black").content.decode()
    tea.refresh_from_db()
    assert (tea.name, tea.last_seq) == ("Tea", 1)


def test_kind_and_counts_cannot_be_typed_over(desk: Client, tea: Room) -> None:
    change(desk, tea, kind="private", last_seq="9", member_count="9")
    tea.refresh_from_db()
    assert (tea.kind, tea.last_seq, tea.member_count) == ("public", 1, 1)


def test_deleting_asks_first(desk: Client, tea: Room) -> None:
    response = delete(desk, tea)
    assert "Delete these rooms" in response.content.decode()
    tea.refresh_from_db()
    assert not tea.is_deleted


@pytest.mark.rules
def test_deleting_goes_through_the_action_and_is_noted(desk: Client, dana: User, tea: Room) -> None:
    delete(desk, tea, confirmed="yes")
    tea.refresh_from_db()
    assert tea.is_deleted
    assert tea.messages.count() == 2
    entry = LogEntry.objects.get(object_id=str(tea.pk))
    assert (entry.user, entry.change_message) == (dana, "Deleted.")


def test_deleting_twice_is_a_message(desk: Client, alice: User, tea: Room) -> None:
    delete_room(tea, actor=alice)
    response = delete(desk, tea, confirmed="yes")
    assert response.status_code == 200
    assert str(errors.RoomDeleted()) in response.content.decode()


def test_a_deleted_room_keeps_its_name(desk: Client, alice: User, tea: Room) -> None:
    delete_room(tea, actor=alice)
    assert str(errors.RoomDeleted()) in change(desk, tea, name="Coffee").content.decode()


def test_no_raw_form_adds_a_room_and_nothing_erases_one(desk: Client, tea: Room) -> None:
    assert desk.get(f"{ROOMS}add/").status_code == 403
    assert desk.post(f"{ROOMS}{tea.pk}/delete/", {"post": "yes"}).status_code == 403
    form = {"action": "delete_selected", "_selected_action": [str(tea.pk)], "post": "yes"}
    desk.post(ROOMS, form)
    assert Room.objects.filter(pk=tea.pk).exists()


@pytest.mark.parametrize("room_id", ["x", "00000000-0000-4000-8000-000000000000"])
def test_an_unknown_room_is_no_error(desk: Client, room_id: str) -> None:
    assert desk.get(f"{ROOMS}{room_id}/change/", follow=True).status_code == 200


def test_the_admin_is_for_site_admins(client: Client, alice: User, tea: Room) -> None:
    client.force_login(alice)
    assert client.get(ROOMS).status_code == 302
