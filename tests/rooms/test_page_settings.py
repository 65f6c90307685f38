"""The page of a room's members and settings, and each button on it."""

import re
from urllib.parse import quote

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.actions import block_user
from accounts.models import User
from rooms import errors
from rooms.actions.directs import open_direct
from rooms.actions.invitations import invite
from rooms.actions.memberships import add_member, grant_admin, join_room
from rooms.actions.rooms import open_room
from rooms.models import Invitation, Membership, Message, Room

pytestmark = [pytest.mark.django_db, pytest.mark.rules]


@pytest.fixture
def den(alice: User, bob: User) -> Room:
    """A private room of alice's, in which bob is a member."""
    room = open_room(actor=alice, name="Den", topic="Foxes", kind=Room.Kind.PRIVATE)
    add_member(room, actor=alice, user=bob)
    room.refresh_from_db()
    return room


def look(client: Client, user: User, room: Room, **query: str) -> str:
    client.force_login(user)
    response = client.get(reverse("room_settings", args=[room.pk]), query)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.text)


def press(client: Client, user: User, address: str, *args: object, **words: str) -> HttpResponse:
    client.force_login(user)
    return client.post(reverse(address, args=args), words)  # type: ignore[return-value]


def last(room: Room) -> tuple[str, str | None, str | None, str]:
    row = room.messages.newest(1)[0]
    return (
        row.kind,
        row.author.username if row.author else None,
        row.subject.username if row.subject else None,
        row.body,
    )


def test_members_see_the_members_and_who_is_admin(client: Client, bob: User, den: Room) -> None:
    text = look(client, bob, den)
    assert "alice" in text
    assert "Admin" in text
    for words in ("Make admin", "Remove", "Invitation links", "Save", "Delete the room"):
        assert words not in text
    assert "Leave the room" in text


def test_an_admin_finds_every_button(client: Client, alice: User, den: Room) -> None:
    text = look(client, alice, den)
    for words in ("Make admin", "Remove", "Make a link", "Save", "Make it public", "Delete the room", "Mute"):
        assert words in text
    assert "You are the only admin." in text


def test_ones_own_part_stands_before_the_members(client: Client, alice: User, bob: User, den: Room) -> None:
    for user in (alice, bob):
        text = look(client, user, den)
        assert text.index('id="yours"') < text.index('id="members"')


def test_members_are_found_by_username_and_display_name(client: Client, alice: User, bob: User, den: Room) -> None:
    bob.display_name = "Robert the Brave"
    bob.save()
    for words, found in (("BO", True), ("brave", True), ("nobody", False)):
        assert (f'data-person="{bob.username}"' in look(client, alice, den, q=words)) is found
    assert "No member is called that." in look(client, alice, den, q="nobody")


@pytest.mark.parametrize("address", ["room_settings", "room_kind"])
def test_a_stranger_learns_nothing(client: Client, charlie: User, den: Room, address: str) -> None:
    client.force_login(charlie)
    response = client.get(reverse(address, args=[den.pk]))
    assert response.status_code == 404
    assert "Den" not in response.text


def test_an_admin_renames_the_room_and_sets_its_topic(client: Client, alice: User, den: Room) -> None:
    assert press(client, alice, "room_settings", den.pk, name="Burrow", topic="Badgers").status_code == 302
    den.refresh_from_db()
    assert (den.name, den.topic) == ("Burrow", "Badgers")
    assert [row.kind for row in den.messages.newest(2)] == [Message.Kind.RENAMED, Message.Kind.TOPIC_CHANGED]


def test_what_is_refused_stands_beside_its_field_and_changes_nothing(client: Client, alice: User, den: Room) -> None:
    response = press(client, alice, "room_settings", den.pk, name="Burrow", topic="x" * 201)
    assert response.status_code == errors.BadTopic.status
    assert str(errors.BadTopic()) in response.content.decode()
    den.refresh_from_db()
    assert den.name == "Den"


def test_a_member_cannot_press_an_admins_buttons(client: Client, bob: User, den: Room) -> None:
    answers = [
        press(client, bob, "room_settings", den.pk, name="Mine"),
        press(client, bob, "room_kind", den.pk, kind="public", confirm="yes"),
        press(client, bob, "member_add", den.pk, username="alice"),
        press(client, bob, "member_role", den.pk, bob.pk, role="admin"),
        press(client, bob, "member_remove", den.pk, bob.pk),
        press(client, bob, "invitation_new", den.pk, days="7"),
        press(client, bob, "room_delete", den.pk),
    ]
    assert {answer.status_code for answer in answers} == {errors.NotAdmin.status}
    assert {str(errors.NotAdmin()) in answer.content.decode() for answer in answers} == {True}


def test_somebody_is_added_by_username(client: Client, alice: User, charlie: User, den: Room) -> None:
    response = press(client, alice, "member_add", den.pk, username="@Charlie")
    assert response["Location"].endswith("#members")
    assert last(den) == (Message.Kind.ADDED, "alice", "charlie", "")


def test_a_username_of_nobody_is_refused_on_the_field(client: Client, alice: User, den: Room) -> None:
    response = press(client, alice, "member_add", den.pk, username="nobody")
    assert response.status_code == errors.NoSuchPerson.status
    assert str(errors.NoSuchPerson()) in response.content.decode()


def test_roles_are_granted_and_taken(client: Client, alice: User, bob: User, den: Room) -> None:
    press(client, alice, "member_role", den.pk, bob.pk, role="admin")
    assert last(den) == (Message.Kind.ADMIN_GRANTED, "alice", "bob", "")
    press(client, bob, "member_role", den.pk, alice.pk, role="member")
    assert last(den) == (Message.Kind.ADMIN_REVOKED, "bob", "alice", "")


def test_removing_asks_first(client: Client, alice: User, bob: User, den: Room) -> None:
    client.force_login(alice)
    assert "Remove bob from “Den”?" in client.get(reverse("member_remove", args=[den.pk, bob.pk])).text
    assert den.membership_of(bob).is_active
    press(client, alice, "member_remove", den.pk, bob.pk)
    assert den.membership_of(bob).is_removed
    assert press(client, alice, "member_remove", den.pk, bob.pk).status_code == errors.NotMember.status


def test_a_room_becomes_public_only_after_a_page_that_says_what_it_means(
    client: Client, alice: User, den: Room
) -> None:
    client.force_login(alice)
    assert "The whole transcript becomes readable" in client.get(reverse("room_kind", args=[den.pk])).text
    response = press(client, alice, "room_kind", den.pk, kind="public")
    assert response.status_code == errors.ConfirmPublic.status
    assert "The whole transcript becomes readable" in response.content.decode()
    press(client, alice, "room_kind", den.pk, kind="public", confirm="yes")
    assert last(den) == (Message.Kind.KIND_CHANGED, "alice", None, "public")
    press(client, alice, "room_kind", den.pk, kind="private")
    assert last(den) == (Message.Kind.KIND_CHANGED, "alice", None, "private")


def test_a_name_in_use_keeps_a_room_private(client: Client, alice: User, bob: User, den: Room) -> None:
    open_room(actor=bob, name="DEN")
    response = press(client, alice, "room_kind", den.pk, kind="public", confirm="yes")
    assert response.status_code == errors.NameTaken.status
    assert str(errors.NameTaken()) in response.content.decode()


def test_a_link_is_made_shown_and_revoked(client: Client, alice: User, den: Room) -> None:
    press(client, alice, "invitation_new", den.pk, days="30", uses="2")
    made = Invitation.objects.get()
    assert made.uses_left == 2
    text = look(client, alice, den)
    assert reverse("invitation", args=[made.code]) in text
    # A script puts it into the reader's own zone; without one it says which it is in.
    assert re.search(r'Until <time datetime="[^"]+\+00:00" data-local>[^<]+ UTC</time>\. ', text)
    press(client, alice, "invitation_revoke", den.pk, made.pk)
    assert reverse("invitation", args=[made.code]) not in look(client, alice, den)


def test_a_link_for_too_many_people_is_refused(client: Client, alice: User, den: Room) -> None:
    response = press(client, alice, "invitation_new", den.pk, days="7", uses="0")
    assert response.status_code == errors.BadInvitationTerms.status
    assert not Invitation.objects.exists()


def test_an_admin_gives_up_the_role_and_leaves_in_one_step(client: Client, alice: User, bob: User, den: Room) -> None:
    grant_admin(den, actor=alice, user=bob)
    refused = press(client, alice, "room_leave", den.pk)
    assert refused.status_code == errors.GiveUpFirst.status
    assert "Give up the role and leave" in refused.content.decode()
    assert press(client, alice, "room_leave", den.pk, give_up="yes").status_code == 302
    assert den.membership_of(alice).state == Membership.State.LEFT
    assert [row.kind for row in den.messages.newest(2)] == [Message.Kind.ADMIN_REVOKED, Message.Kind.LEFT]


@pytest.mark.parametrize(
    ("address", "words"),
    [("room_leave", {"give_up": "yes"}), ("room_leave", {}), ("member_role", {"role": "member"})],
)
def test_the_only_admin_is_offered_the_members_to_appoint(
    client: Client, alice: User, bob: User, den: Room, address: str, words: dict[str, str]
) -> None:
    args = [den.pk, alice.pk] if address == "member_role" else [den.pk]
    response = press(client, alice, address, *args, **words)
    assert response.status_code == errors.LastAdmin.status
    assert str(errors.LastAdmin()) in response.content.decode()
    assert reverse("member_role", args=[den.pk, bob.pk]) in response.content.decode()
    assert den.membership_of(alice).is_admin


def test_a_room_becomes_a_favourite_and_ends_being_one(client: Client, bob: User, den: Room) -> None:
    press(client, bob, "room_favour", den.pk, favourite="yes")
    assert den.membership_of(bob).is_favourite
    assert "Take it from your favourites" in look(client, bob, den)
    press(client, bob, "room_favour", den.pk, favourite="no")
    assert not den.membership_of(bob).is_favourite


def test_a_room_is_muted_and_unmuted(client: Client, bob: User, den: Room) -> None:
    press(client, bob, "room_mute", den.pk, muted="yes")
    assert den.membership_of(bob).is_muted
    assert "Unmute" in look(client, bob, den)
    press(client, bob, "room_mute", den.pk, muted="no")
    assert not den.membership_of(bob).is_muted


def test_message_privately_leads_into_the_direct_room(client: Client, alice: User, bob: User) -> None:
    response = press(client, alice, "direct_open", username="bob")
    direct = Room.objects.get(kind=Room.Kind.DIRECT)
    assert response["Location"] == reverse("room", args=[direct.pk])
    block_user(alice, actor=bob)


def test_a_direct_room_that_is_blocked_is_refused_in_words(client: Client, alice: User, bob: User) -> None:
    block_user(alice, actor=bob)
    response = press(client, alice, "direct_open", username="bob")
    assert response.status_code == errors.Blocked.status
    assert str(errors.Blocked()) in response.content.decode()


def test_a_direct_room_has_no_members_to_manage(client: Client, alice: User, bob: User) -> None:
    direct = open_direct(actor=alice, user=bob)
    text = look(client, alice, direct)
    assert "Put away" in text
    assert "Block" in text
    for words in ("Make admin", "Delete the room", "Invitation links", "Make it public"):
        assert words not in text
    assert press(client, alice, "room_kind", direct.pk, kind="public", confirm="yes").status_code >= 400
    assert press(client, alice, "room_leave", direct.pk)["Location"] == reverse("room_list")
    assert not Membership.objects.shown().filter(user=alice, room=direct).exists()


def test_the_page_takes_few_queries_however_many_members(
    client: Client, alice: User, den: Room, django_assert_max_num_queries: object
) -> None:
    for number in range(12):
        add_member(den, actor=alice, user=User.objects.create_user(f"p{number}"))
    invite(den, actor=alice)
    # The first request of a session has more to write.
    look(client, alice, den)
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        client.get(reverse("room_settings", args=[den.pk]))


def test_an_invitation_leads_in_and_back_after_the_log_in(client: Client, alice: User, charlie: User) -> None:
    room = open_room(actor=alice, name="Den", kind=Room.Kind.PRIVATE)
    address = reverse("invitation", args=[invite(room, actor=alice, uses=1).code])
    assert f"{reverse('account_login')}?next={quote(address, '')}" in client.get(address).text
    client.force_login(charlie)
    assert "invites you" in client.get(address).text
    assert client.post(address)["Location"] == reverse("room", args=[room.pk])


def test_a_used_up_invitation_says_so(client: Client, alice: User, bob: User, charlie: User) -> None:
    room = open_room(actor=alice, name="Den", kind=Room.Kind.PRIVATE)
    invitation = invite(room, actor=alice, uses=1)
    for person in (bob, charlie):
        client.force_login(person)
        response = client.post(reverse("invitation", args=[invitation.code]))
    assert response.status_code == errors.BadInvitation.status
    assert "This invitation has ended" in response.text
    assert not room.memberships.filter(user=charlie).exists()


def test_a_public_room_has_its_members_page_too(client: Client, alice: User, bob: User) -> None:
    tea = open_room(actor=alice, name="Tea")
    join_room(tea, actor=bob)
    assert "This room is public" in look(client, alice, tea)
