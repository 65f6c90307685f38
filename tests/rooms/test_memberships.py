"""Opening, joining, leaving, removing, granting: each rule, its row and its error."""

import pytest

from accounts.models import User
from rooms import errors
from rooms.actions.memberships import (
    add_member,
    grant_admin,
    join_room,
    leave_room,
    mark_read,
    remove_member,
    revoke_admin,
)
from rooms.actions.messages import post_message
from rooms.actions.rooms import change_room, delete_room, open_room, rename_room, set_topic
from rooms.log.verify import faults_of, miscount_of
from rooms.models import Membership, Room
from tests.rooms.races import at_once

pytestmark = [pytest.mark.rules, pytest.mark.django_db]


def last_row(room: Room) -> tuple[str, str | None, str | None, str]:
    row = room.messages.order_by("-seq").values_list("kind", "author__username", "subject__username", "body")
    return row[0]


def is_whole(room: Room) -> bool:
    room = Room.objects.get(pk=room.pk)
    return not [*faults_of(room)] and miscount_of(room) is None


def test_who_opens_a_room_is_its_first_admin(alice: User) -> None:
    room = open_room(actor=alice, name="  Tea \t room ", topic="Green\nand black")
    assert (room.name, room.topic, room.member_count, room.last_seq) == ("Tea room", "Green and black", 1, 1)
    assert room.memberships.get().is_admin
    assert last_row(room) == ("opened", "alice", None, "Tea room")
    assert is_whole(room)


@pytest.mark.parametrize("name", ["tea room", "TEA ROOM", "ＴＥＡ　ＲＯＯＭ", "Tea  Room"])
def test_a_name_in_use_is_refused_in_any_case_or_form(alice: User, bob: User, name: str) -> None:
    open_room(actor=alice, name="Tea Room")
    with pytest.raises(errors.NameTaken):
        open_room(actor=bob, name=name)
    assert Room.objects.count() == 1


def test_the_name_of_a_deleted_room_is_free_again(alice: User, bob: User) -> None:
    delete_room(open_room(actor=alice, name="Tea"), actor=alice)
    assert open_room(actor=bob, name="Tea").name == "Tea"


@pytest.mark.parametrize("name", ["", "   ", "\u202e\u200b", "\u200d", "tea\u200d room", "x" * 81])
def test_a_room_needs_a_name_that_can_be_seen(alice: User, name: str) -> None:
    with pytest.raises(errors.BadName):
        open_room(actor=alice, name=name)


def test_a_topic_has_its_limit(alice: User) -> None:
    with pytest.raises(errors.BadTopic):
        open_room(actor=alice, name="Tea", topic="x" * 201)
    assert not Room.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_ten_who_open_a_room_of_one_name_at_once_one_does(alice: User) -> None:
    def try_to_open(_number: int) -> bool:
        try:
            open_room(actor=alice, name="Tea")
        except errors.NameTaken:
            return False
        return True

    assert sum(at_once(10, try_to_open)) == 1
    assert Room.objects.count() == 1


def test_joining_is_a_row_and_joining_twice_is_not(room: Room, charlie: User) -> None:
    join_room(room, actor=charlie)
    join_room(room, actor=charlie)
    assert last_row(room) == ("joined", "charlie", None, "")
    assert room.messages.filter(kind="joined", author=charlie).count() == 1
    assert is_whole(room)


@pytest.mark.django_db(transaction=True)
def test_joining_from_ten_tabs_at_once_is_one_membership(room: Room, charlie: User) -> None:
    at_once(10, lambda _: join_room(room, actor=charlie))
    assert room.messages.filter(kind="joined", author=charlie).count() == 1
    assert is_whole(room)


def test_what_was_said_before_joining_is_not_unread(room: Room, alice: User, charlie: User) -> None:
    post_message(room, actor=alice, client_id="1", body="Long ago")
    assert join_room(room, actor=charlie).read_talk == 1


def test_leaving_and_coming_back(room: Room, bob: User) -> None:
    leave_room(room, actor=bob)
    assert last_row(room) == ("left", "bob", "bob", "")
    with pytest.raises(errors.Left):
        leave_room(room, actor=bob)
    assert is_whole(room)
    assert join_room(room, actor=bob).is_active
    assert is_whole(room)


def test_the_only_admin_cannot_leave(room: Room, alice: User) -> None:
    with pytest.raises(errors.LastAdmin):
        leave_room(room, actor=alice)
    assert room.membership_of(alice).is_admin


def test_the_last_admin_keeps_the_role(room: Room, alice: User, bob: User) -> None:
    with pytest.raises(errors.LastAdmin):
        revoke_admin(room, actor=alice, user=alice)
    grant_admin(room, actor=alice, user=bob)
    assert last_row(room) == ("admin_granted", "alice", "bob", "")
    revoke_admin(room, actor=bob, user=alice)
    assert last_row(room) == ("admin_revoked", "bob", "alice", "")
    with pytest.raises(errors.LastAdmin):
        revoke_admin(room, actor=bob, user=bob)


def test_an_admin_gives_up_the_role_before_leaving(room: Room, alice: User, bob: User) -> None:
    grant_admin(room, actor=alice, user=bob)
    with pytest.raises(errors.GiveUpFirst):
        leave_room(room, actor=alice)
    revoke_admin(room, actor=alice, user=alice)
    leave_room(room, actor=alice)
    kinds = list(room.messages.order_by("seq").values_list("kind", flat=True))
    assert kinds[-3:] == ["admin_granted", "admin_revoked", "left"]


def test_a_removed_member_cannot_join_until_an_admin_adds_them(room: Room, alice: User, bob: User) -> None:
    remove_member(room, actor=alice, user=bob)
    assert last_row(room) == ("removed", "alice", "bob", "")
    with pytest.raises(errors.Removed):
        join_room(room, actor=bob)
    add_member(room, actor=alice, user=bob)
    assert last_row(room) == ("added", "alice", "bob", "")
    assert room.membership_of(bob).is_active
    assert is_whole(room)


def test_an_admin_cannot_get_around_giving_up_the_role_by_removing_themselves(
    room: Room, alice: User, bob: User
) -> None:
    grant_admin(room, actor=alice, user=bob)
    with pytest.raises(errors.GiveUpFirst):
        remove_member(room, actor=alice, user=alice)
    assert room.membership_of(alice).is_admin


def test_an_outsider_learns_nothing_of_a_suspended_person(room: Room, bob: User, charlie: User) -> None:
    bob.is_active = False
    bob.save()
    with pytest.raises(errors.JoinFirst):
        add_member(room, actor=charlie, user=bob)


def test_the_only_admin_cannot_remove_themselves(room: Room, alice: User) -> None:
    with pytest.raises(errors.LastAdmin):
        remove_member(room, actor=alice, user=alice)


@pytest.mark.parametrize("outsider", ["bob", "charlie"])
def test_only_admins_look_after_a_room(room: Room, bob: User, charlie: User, outsider: str) -> None:
    actor = {"bob": bob, "charlie": charlie}[outsider]
    refusal = errors.NotAdmin if actor == bob else errors.JoinFirst
    before = room.last_seq
    for act in (
        lambda: rename_room(room, actor=actor, name="Mine"),
        lambda: set_topic(room, actor=actor, topic="Mine"),
        lambda: delete_room(room, actor=actor),
        lambda: add_member(room, actor=actor, user=charlie),
        lambda: remove_member(room, actor=actor, user=bob),
        lambda: grant_admin(room, actor=actor, user=bob),
        lambda: revoke_admin(room, actor=actor, user=bob),
    ):
        with pytest.raises(refusal):
            act()
    room.refresh_from_db()
    assert room.last_seq == before


def test_a_site_admin_may_look_after_any_room(room: Room, dana: User) -> None:
    rename_room(room, actor=dana, name="Renamed by the site")
    assert last_row(room) == ("renamed", "dana", None, "Renamed by the site")


def test_nobody_removes_or_promotes_who_is_not_a_member(room: Room, alice: User, charlie: User) -> None:
    for act in (remove_member, grant_admin, revoke_admin):
        with pytest.raises(errors.NotMember):
            act(room, actor=alice, user=charlie)
    with pytest.raises(errors.NoSuchPerson):
        add_member(room, actor=alice, user=None)


def test_renaming_and_a_new_topic_are_rows_and_repeating_them_is_not(room: Room, alice: User) -> None:
    rename_room(room, actor=alice, name="Hall")
    assert last_row(room) == ("renamed", "alice", None, "Hall")
    assert rename_room(room, actor=alice, name="Hall") is None
    set_topic(room, actor=alice, topic="")
    assert last_row(room) == ("topic_changed", "alice", None, "")
    assert set_topic(room, actor=alice, topic="") is None
    rename_room(room, actor=alice, name="HALL")
    assert Room.objects.get(pk=room.pk).name == "HALL"


def test_renaming_onto_another_room_s_name_is_refused(room: Room, alice: User) -> None:
    open_room(actor=alice, name="Tea")
    with pytest.raises(errors.NameTaken):
        rename_room(room, actor=alice, name="TEA")
    assert is_whole(room)


def test_of_a_change_of_which_a_part_is_refused_nothing_is_done(room: Room, alice: User) -> None:
    with pytest.raises(errors.BadTopic):
        change_room(room, actor=alice, name="Hall", topic="x" * 201)
    assert Room.objects.get(pk=room.pk).name == "Lobby"


def test_a_deleted_room_is_closed_to_its_members_and_unknown_to_others(
    room: Room, alice: User, bob: User, charlie: User
) -> None:
    delete_room(room, actor=alice)
    for person, refusal in ((alice, errors.RoomDeleted), (bob, errors.RoomDeleted), (charlie, errors.NoSuchRoom)):
        with pytest.raises(refusal):
            Room.objects.get(pk=room.pk).admit(person)
        with pytest.raises(refusal):
            join_room(room, actor=person)
    with pytest.raises(errors.RoomDeleted):
        delete_room(room, actor=alice)


def test_reading_never_goes_back(room: Room, alice: User, bob: User) -> None:
    seqs = [post_message(room, actor=alice, client_id=str(number), body="x").row.seq for number in range(3)]
    mark_read(room, actor=bob, seq=seqs[1])
    mark_read(room, actor=bob, seq=seqs[0])
    mark_read(room, actor=bob, seq=1)
    assert Membership.objects.get(room=room, user=bob).read_talk == 2
    mark_read(room, actor=bob, seq=10**18)
    assert Membership.objects.get(room=room, user=bob).read_talk == 3
