"""The first page of the Django admin shows how the site is doing."""

import re
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from rooms.actions.messages import post_message
from rooms.actions.rooms import open_room
from rooms.models import Room
from rooms.queries.activity import DAYS, KEPT_SECONDS, activity, count_activity

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    cache.delete("rooms:activity")


def say_at(room: Room, author: User, instant: datetime, count: int) -> None:
    with patch.object(timezone, "now", return_value=instant):
        for n in range(count):
            post_message(room, actor=author, client_id=f"{instant:%d}-{n}", body="Hello")


@pytest.fixture
def old_room(alice: User) -> Room:
    """A room with messages of three days, one of them long ago."""
    with patch.object(timezone, "now", return_value=NOW - timedelta(days=40)):
        room = open_room(actor=alice, name="Tea")
    say_at(room, alice, NOW - timedelta(days=30), 80)
    say_at(room, alice, NOW - timedelta(days=DAYS - 1, hours=12), 3)
    say_at(room, alice, NOW, 2)
    return room


@pytest.mark.rules
def test_messages_are_counted_by_day_and_older_ones_only_in_the_total(old_room: Room) -> None:
    with patch("rooms.queries.activity.datetime", wraps=datetime) as clock:
        clock.now.return_value = NOW
        messages = count_activity().messages
    assert messages.total == 85
    assert messages.a_day == [3, *[0] * (DAYS - 2), 2]


@pytest.mark.rules
def test_users_and_rooms_are_counted_but_no_guests_deleted_or_direct_rooms(room: Room, alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_guest=True)
    Room.objects.create(name="Gone", kind=Room.Kind.PUBLIC, created_by=alice, deleted_at=timezone.now())
    found = activity()
    assert (found.users.total, found.users.a_day[-1]) == (User.objects.count() - 1, User.objects.count() - 1)
    assert (found.rooms.total, found.rooms.a_day[-1]) == (1, 1)


def test_it_is_counted_once_in_a_while(room: Room) -> None:
    before = activity()
    open_room(actor=room.created_by, name="Another")
    assert activity() == before
    assert KEPT_SECONDS <= 600


def test_the_first_page_shows_plots_disk_and_versions(client: Client, dana: User, room: Room, alice: User) -> None:
    post_message(room, actor=alice, client_id="1", body="Hello")
    client.force_login(dana)
    text = client.get("/admin/").text
    assert len(re.findall("<rect ", text)) == 3 * DAYS
    assert "Messages<b>1</b>" in text
    assert "1 new today (UTC)" in text
    assert "Free on the disk" in text
    assert re.search(r"Chatsite [\d.]+\S* · Django 5\.2", text)


def test_who_may_not_see_users_and_rooms_is_shown_no_numbers(client: Client, bob: User) -> None:
    bob.is_staff = True
    bob.save()
    bob.user_permissions.add(Permission.objects.get(codename="view_room"))
    client.force_login(bob)
    assert "overview" not in client.get("/admin/").text


def test_groups_are_listed_only_where_there_are_some(client: Client, dana: User) -> None:
    client.force_login(dana)
    assert "/admin/auth/group/" not in client.get("/admin/").text
    Group.objects.create(name="Moderators")
    assert "/admin/auth/group/" in client.get("/admin/").text
