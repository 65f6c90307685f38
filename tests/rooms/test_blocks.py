"""Blocking: no private messages, without saying by whom."""

import pytest

from accounts.actions import block_user, delete_account, unblock_user
from accounts.errors import Yourself
from accounts.models import Block, User
from rooms import errors
from rooms.actions.directs import open_direct
from rooms.actions.messages import post_message, post_messages
from rooms.actions.posts import clean_post
from rooms.models import Room
from tests.rooms.facts import is_whole

pytestmark = [pytest.mark.rules, pytest.mark.django_db]


def test_neither_says_anything_in_their_direct_room_any_more(alice: User, bob: User) -> None:
    direct = open_direct(actor=alice, user=bob)
    post_message(direct, actor=alice, client_id="1", body="Before")
    block_user(alice, actor=bob)
    for person in (alice, bob):
        with pytest.raises(errors.Blocked) as refusal:
            post_message(direct, actor=person, client_id="2", body="After")
        assert "bob" not in str(refusal.value)
    assert direct.messages.filter(kind="text").count() == 1
    unblock_user(alice, actor=bob)
    post_message(direct, actor=alice, client_id="2", body="After")
    assert is_whole(direct)


def test_what_was_said_before_is_still_read(alice: User, bob: User) -> None:
    direct = open_direct(actor=alice, user=bob)
    block_user(alice, actor=bob)
    assert direct.admit(alice).is_active
    assert open_direct(actor=alice, user=bob) == direct


def test_in_other_rooms_both_go_on_talking(room: Room, alice: User, bob: User) -> None:
    block_user(alice, actor=bob)
    for person in (alice, bob):
        post_message(room, actor=person, client_id="1", body="Everybody hears this")
    assert room.messages.filter(kind="text").count() == 2


def test_in_one_batch_a_blocked_post_fails_alone(room: Room, alice: User, bob: User, charlie: User) -> None:
    barred, free = open_direct(actor=alice, user=bob), open_direct(actor=alice, user=charlie)
    block_user(alice, actor=bob)
    answers = post_messages(
        [clean_post(room_id=where.pk, author=alice, client_id="1", body="Hello") for where in (barred, free, room)]
    )
    assert [getattr(answer, "code", "stored") for answer in answers] == ["blocked", "stored", "stored"]


def test_a_block_between_others_bars_nobody(alice: User, bob: User, charlie: User, dana: User) -> None:
    direct = open_direct(actor=alice, user=bob)
    for one, other in ((alice, charlie), (charlie, bob), (dana, alice), (bob, dana)):
        block_user(other, actor=one)
    post_message(direct, actor=alice, client_id="1", body="Hello")


def test_blocking_twice_is_blocking_once(alice: User, bob: User) -> None:
    block_user(alice, actor=bob)
    block_user(alice, actor=bob)
    assert Block.objects.count() == 1
    assert Block.objects.stands_between(alice, bob)
    unblock_user(alice, actor=bob)
    unblock_user(alice, actor=bob)
    assert not Block.objects.exists()


def test_one_s_own_unblocking_does_not_lift_the_other_s_block(alice: User, bob: User) -> None:
    block_user(alice, actor=bob)
    block_user(bob, actor=alice)
    unblock_user(bob, actor=alice)
    assert Block.objects.stands_between(alice, bob)


def test_nobody_blocks_themselves(alice: User) -> None:
    with pytest.raises(Yourself):
        block_user(alice, actor=alice)


def test_a_deleted_account_s_blocks_go_with_it(alice: User, bob: User, charlie: User) -> None:
    block_user(alice, actor=bob)
    block_user(bob, actor=charlie)
    delete_account(bob)
    assert not Block.objects.exists()
