import uuid

import pytest
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from rooms import errors
from rooms.actions.memberships import give_up_and_leave, grant_admin, join_room, leave_room, remove_member
from rooms.actions.messages import post_message
from rooms.actions.rooms import delete_room, open_room
from rooms.models import PAGE_SIZE, Room

pytestmark = pytest.mark.django_db


@pytest.fixture
def tea(alice: User, bob: User) -> Room:
    """A public room of alice's, in which bob is a member."""
    room = open_room(actor=alice, name="Tea", topic="Green and black")
    join_room(room, actor=bob)
    post_message(room, actor=alice, client_id="first", body="The kettle is on.")
    return room


def visit(client: Client, user: User, room_id: object) -> HttpResponse:
    client.force_login(user)
    return client.get(f"/rooms/{room_id}/")  # type: ignore[return-value]


def test_a_member_gets_the_newest_page_of_the_transcript(client: Client, bob: User, tea: Room) -> None:
    response = visit(client, bob, tea.pk)
    data = response.context["page_data"]  # type: ignore[attr-defined]
    assert response.status_code == 200
    assert [(row["seq"], row["kind"], row["body"]) for row in data["messages"]] == [
        (1, "opened", "Tea"),
        (2, "joined", ""),
        (3, "text", "The kettle is on."),
    ]
    # What no script reads stays here; the page goes on from the head of the log.
    assert not any("hash" in row for row in data["messages"])
    assert (data["room"]["head"], data["hash"]) == (3, bytes(tea.messages.get(seq=3).hash).hex())
    assert data["more"] is False
    assert data["you"]["username"] == "bob"
    assert (data["room"]["name"], data["room"]["role"], data["room"]["member_count"]) == ("Tea", "member", 2)
    assert data["urls"] == {
        "list": "/rooms/",
        "room": f"/rooms/{tea.pk}/",
        "socket": "/ws/",
        "poll": "/api/v1/poll",
        "messages": f"/api/v1/rooms/{tea.pk}/messages",
        "read": f"/api/v1/rooms/{tea.pk}/read",
        "files": f"/api/v1/rooms/{tea.pk}/files",
        "rooms": "/api/v1/rooms",
        "directs": "/api/v1/directs",
        "blocks": "/api/v1/blocks",
        "members": f"/api/v1/rooms/{tea.pk}/members",
        "pins": f"/api/v1/rooms/{tea.pk}/pins",
        "mine": f"/api/v1/rooms/{tea.pk}/mine",
        "settings": f"/rooms/{tea.pk}/settings/",
    }


def test_the_page_knows_the_limits_of_files(client: Client, alice: User, tea: Room, settings: LazySettings) -> None:
    limits = visit(client, alice, tea.pk).context["page_data"]["files"]  # type: ignore[attr-defined]
    assert (limits["max_size"], limits["allowed"]) == (100 * 1024 * 1024, None)
    assert ".exe" in limits["refused"]
    settings.FILES_ALLOWED = frozenset({"txt", "md"})
    limits = visit(client, alice, tea.pk).context["page_data"]["files"]  # type: ignore[attr-defined]
    assert limits["allowed"] == [".md", ".txt"]


def test_a_long_transcript_begins_at_its_newest_hundred(client: Client, alice: User, tea: Room) -> None:
    for n in range(PAGE_SIZE):
        post_message(tea, actor=alice, client_id=f"m{n}", body=f"{n}")
    data = visit(client, alice, tea.pk).context["page_data"]  # type: ignore[attr-defined]
    assert [row["seq"] for row in data["messages"]] == list(range(4, 4 + PAGE_SIZE))
    assert data["more"] is True


@pytest.mark.rules
def test_the_page_has_ones_own_rooms_with_what_is_unread(client: Client, alice: User, bob: User, tea: Room) -> None:
    coffee = open_room(actor=bob, name="Coffee")
    deleted = open_room(actor=bob, name="Milk")
    delete_room(deleted, actor=bob)
    open_room(actor=alice, name="Water")
    data = visit(client, bob, tea.pk).context["page_data"]  # type: ignore[attr-defined]
    assert [(room["id"], room["name"], room["unread"]) for room in data["rooms"]] == [
        (str(coffee.pk), "Coffee", 0),
        (str(tea.pk), "Tea", 1),
    ]


@pytest.mark.rules
def test_a_visit_is_remembered(client: Client, bob: User, tea: Room) -> None:
    assert tea.membership_of(bob).visited_at is None
    visit(client, bob, tea.pk)
    assert tea.membership_of(bob).visited_at is not None


def leave_dialog(client: Client, user: User, room: Room) -> str:
    return visit(client, user, room.pk).content.decode().partition('id="leave-dialog"')[2].partition("</dialog>")[0]


def test_who_cannot_leave_is_told_first_what_to_do(client: Client, alice: User, bob: User, tea: Room) -> None:
    members = f'href="{reverse("room_settings", args=[tea.pk])}#members"'
    for_only_admin = leave_dialog(client, alice, tea)
    assert members in for_only_admin
    assert 'type="submit"' not in for_only_admin

    assert 'type="submit">Leave the room<' in leave_dialog(client, bob, tea)

    grant_admin(tea, actor=alice, user=bob)
    assert 'name="give_up" value="yes"' in leave_dialog(client, alice, tea)

    give_up_and_leave(tea, actor=bob)
    alone = leave_dialog(client, alice, tea)
    assert reverse("room_delete", args=[tea.pk]) in alone
    assert 'type="submit"' not in alone


def test_the_browser_keeps_no_transcript(client: Client, bob: User, tea: Room) -> None:
    assert "no-store" in visit(client, bob, tea.pk)["Cache-Control"]


@pytest.mark.rules
def test_an_outsider_sees_what_a_public_room_is_about_but_nothing_that_was_said(
    client: Client, charlie: User, tea: Room
) -> None:
    text = visit(client, charlie, tea.pk).content.decode()
    assert "Green and black" in text
    assert "2 people are members" in text
    assert reverse("room_join", args=[tea.pk]) in text
    assert "kettle" not in text


@pytest.mark.rules
def test_who_has_left_is_offered_to_join_again(client: Client, bob: User, tea: Room) -> None:
    leave_room(tea, actor=bob)
    text = visit(client, bob, tea.pk).content.decode()
    assert reverse("room_join", args=[tea.pk]) in text
    assert "kettle" not in text


@pytest.mark.rules
def test_who_was_removed_is_told_so(client: Client, alice: User, bob: User, tea: Room) -> None:
    remove_member(tea, actor=alice, user=bob)
    response = visit(client, bob, tea.pk)
    assert response.status_code == 403
    assert str(errors.Removed()) in response.content.decode()
    assert "kettle" not in response.content.decode()


@pytest.mark.rules
def test_a_member_of_a_deleted_room_is_told_so_and_led_to_the_list(
    client: Client, alice: User, bob: User, tea: Room
) -> None:
    delete_room(tea, actor=alice)
    response = visit(client, bob, tea.pk)
    assert response.status_code == 410
    assert str(errors.RoomDeleted()) in response.content.decode()
    assert reverse("room_list") in response.content.decode()


@pytest.mark.rules
def test_an_absent_a_private_and_a_deleted_room_look_the_same_to_a_stranger(
    client: Client, alice: User, charlie: User, tea: Room
) -> None:
    private = open_room(actor=alice, name="Secret", kind=Room.Kind.PRIVATE)
    delete_room(tea, actor=alice)
    pages = {}
    for room_id in (uuid.uuid4(), private.pk, tea.pk):
        response = visit(client, charlie, room_id)
        assert response.status_code == 404
        # The log-out button's token differs from page to page by design.
        pages[room_id] = response.content.decode().split("<main", 1)[1]
    assert len(set(pages.values())) == 1


@pytest.mark.parametrize("room_id", ["x", "1", "00000000-0000-0000-0000-00000000000", "../../etc"])
def test_a_malformed_address_is_not_found(client: Client, alice: User, room_id: str) -> None:
    assert visit(client, alice, room_id).status_code == 404


@pytest.mark.parametrize("name", ["room", "room_join", "room_leave", "room_delete"])
@pytest.mark.parametrize("method", ["head", "put", "patch", "delete", "options", "post", "trace"])
def test_no_method_breaks_a_page(client: Client, bob: User, tea: Room, name: str, method: str) -> None:
    client.force_login(bob)
    assert getattr(client, method)(reverse(name, args=[tea.pk])).status_code in {200, 302, 403, 405}
    assert getattr(client, method)(reverse(name, args=[uuid.uuid4()])).status_code in {302, 404, 405}


@pytest.mark.parametrize("name", ["room", "room_join", "room_leave", "room_delete"])
def test_a_stranger_is_asked_to_log_in(client: Client, tea: Room, name: str) -> None:
    address = reverse(name, args=[tea.pk])
    assert client.get(address)["Location"] == f"{reverse('account_login')}?next={address}"


def test_the_scripts_speak_the_language_of_each_page(client: Client, room: Room, bob: User) -> None:
    client.force_login(bob)
    for language, words in (("en", "(you)"), ("de", "(du)"), ("en", "(you)")):
        page = client.get(f"/rooms/{room.pk}/", headers={"Accept-Language": language}).content.decode()
        assert f'"you": "{words}"' in page
        assert '"nearest_message"' not in page
    assert '"nearest_message"' in client.get(f"/rooms/{room.pk}/at/2/").content.decode()
