from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from rooms.actions.memberships import join_room, leave_room, mark_read
from rooms.actions.messages import post_message
from rooms.actions.rooms import delete_room, open_room
from rooms.models import Room
from rooms.queries.pagination import LAST_PAGE
from rooms.realtime.presence.tracker import presence
from rooms.room_lists import ROOMS_PER_PAGE, ListedRoom, lists_for

pytestmark = pytest.mark.django_db


def listed(user: User, *, words: str = "", number: int = 1) -> list[ListedRoom]:
    """What the page lists: one's own rooms, the direct rooms, those to join."""
    lists = lists_for(user, words, mine=number, directs=number, page=number)
    return [row for name in ("mine", "directs", "page") for row in lists[name].rows]


def names(user: User, *, words: str = "", number: int = 1) -> list[str]:
    return [row.room.name for row in listed(user, words=words, number=number)]


def page(client: Client, **query: object) -> str:
    response = client.get(reverse("room_list"), query)
    assert response.status_code == 200
    return response.text


def open_many(user: User, count: int) -> None:
    Room.objects.bulk_create(
        Room(name=f"Room {n:03}", name_folded=f"room {n:03}", created_by=user) for n in range(count)
    )


def test_the_list_is_for_people_who_are_signed_in(client: Client) -> None:
    response = client.get(reverse("room_list"))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_an_empty_list_invites_to_open_the_first_room(client: Client, alice: User) -> None:
    client.force_login(alice)
    text = page(client)
    assert "Open the first room" in text
    assert reverse("room_new") in text


def test_the_list_is_live_in_each_language(client: Client, alice: User) -> None:
    open_room(actor=alice, name="Tea")
    client.force_login(alice)
    for language in ("en", "de", "ar"):
        response = client.get(reverse("room_list"), headers={"accept-language": language})
        assert 'data-websockets="yes"' in response.text


@pytest.mark.rules
def test_ones_own_rooms_come_first_and_the_newest_talk_before_older(alice: User, bob: User) -> None:
    for name in ("Zebra", "apple", "Mango"):
        open_room(actor=alice, name=name)
    open_room(actor=bob, name="Zoo")
    join_room(Room.objects.get(name="Mango"), actor=bob)
    assert names(bob) == ["Zoo", "Mango", "apple", "Zebra"]


@pytest.mark.rules
def test_a_private_room_is_listed_to_its_members_alone(alice: User, bob: User) -> None:
    open_room(actor=alice, name="Secret", kind=Room.Kind.PRIVATE)
    assert names(alice) == ["Secret"]
    assert names(bob) == []


@pytest.mark.rules
def test_a_deleted_room_is_listed_to_nobody(alice: User, bob: User) -> None:
    delete_room(open_room(actor=alice, name="Tea"), actor=alice)
    assert names(alice) == names(bob) == []


def test_a_room_that_one_has_left_can_be_joined_again(client: Client, alice: User, bob: User) -> None:
    tea = open_room(actor=alice, name="Tea")
    join_room(tea, actor=bob)
    leave_room(tea, actor=bob)
    client.force_login(bob)
    assert reverse("room_join", args=[tea.pk]) in page(client)


@pytest.mark.rules
@pytest.mark.parametrize("words", ["CAFÉ", "cafe\u0301", "af", " café ", "ＣＡＦＥ\u0301"])
def test_search_finds_a_name_in_any_case_and_form(alice: User, words: str) -> None:
    open_room(actor=alice, name="Le Café")
    open_room(actor=alice, name="Tea")
    assert names(alice, words=words) == ["Le Café"]


@pytest.mark.rules
@pytest.mark.parametrize("words", ["%", "_", "\\", "'", "\ud800", "x" * 5_000])
def test_search_takes_any_words(client: Client, alice: User, words: str) -> None:
    open_room(actor=alice, name="Tea")
    client.force_login(alice)
    sent = words.encode("utf-8", "surrogatepass").hex("%")
    assert client.get(f"{reverse('room_list')}?q=%{sent}").status_code == 200


def test_nothing_found_offers_to_open_a_room_of_that_name(client: Client, alice: User) -> None:
    open_room(actor=alice, name="Tea")
    client.force_login(alice)
    text = page(client, q="Jazz & Blues")
    assert "No room found" in text
    assert reverse("room_new") + "?name=Jazz%20%26%20Blues" in text


def test_a_card_tells_who_is_here_how_many_belong_and_what_is_unread(client: Client, alice: User, bob: User) -> None:
    tea = open_room(actor=alice, name="Tea", topic="Green & black")
    join_room(tea, actor=bob)
    for n in range(3):
        post_message(tea, actor=alice, client_id=f"m{n}", body="hello")
    presence.enter(tea.pk, alice, "tab")
    (row,) = listed(bob)
    assert (row.here, row.room.member_count, row.unread, bool(row.membership)) == (1, 2, 3, True)
    client.force_login(bob)
    assert "Green &amp; black" in page(client)


@pytest.mark.rules
def test_what_was_read_is_not_unread(alice: User, bob: User) -> None:
    tea = open_room(actor=alice, name="Tea")
    join_room(tea, actor=bob)
    posted = post_message(tea, actor=alice, client_id="m", body="hello")
    mark_read(tea, actor=bob, seq=posted.row.seq)
    assert listed(bob)[0].unread == 0


def test_names_and_topics_are_text_not_markup(client: Client, alice: User) -> None:
    open_room(actor=alice, name="<b>Tea</b>", topic="<script>alert(1)</script>")
    client.force_login(alice)
    text = page(client)
    assert "<b>Tea" not in text
    assert "<script>alert" not in text


@pytest.mark.rules
def test_every_room_is_on_exactly_one_page(alice: User, bob: User) -> None:
    open_many(alice, 2 * ROOMS_PER_PAGE + 5)
    for name in ("Room 003", "Room 077", "Room 104"):
        join_room(Room.objects.get(name=name), actor=bob)
    found = [name for number in (1, 2, 3) for name in names(bob, number=number)]
    assert set(found[:3]) == {"Room 003", "Room 077", "Room 104"}
    assert sorted(found) == [f"Room {n:03}" for n in range(2 * ROOMS_PER_PAGE + 5)]
    assert [lists_for(bob, "", page=number)["page"].has_next for number in (1, 2, 3)] == [True, True, False]


def test_own_rooms_go_on_over_pages(alice: User) -> None:
    for n in range(ROOMS_PER_PAGE + 2):
        open_room(actor=alice, name=f"Room {n:03}")
    assert len(listed(alice)) == ROOMS_PER_PAGE
    assert lists_for(alice, "")["mine"].has_next
    assert not lists_for(alice, "")["page"].has_next
    assert names(alice, number=2) == ["Room 001", "Room 000"]


@pytest.mark.parametrize("number", ["0", "-1", "x", "", "٣", "9" * 5_000, str(LAST_PAGE), "1.5"])
def test_a_page_that_is_not_there_is_no_error(client: Client, alice: User, number: str) -> None:
    open_room(actor=alice, name="Tea")
    client.force_login(alice)
    page(client, page=number)


def test_pages_lead_to_each_other_and_keep_the_search(client: Client, alice: User) -> None:
    open_many(alice, 3 * ROOMS_PER_PAGE)
    client.force_login(alice)
    text = page(client, q="room", page=2)
    assert "?q=room&amp;page=1" in text
    assert "?q=room&amp;page=3" in text


def test_each_list_has_its_own_pages_below_it(client: Client, alice: User) -> None:
    open_many(alice, ROOMS_PER_PAGE + 1)
    for n in range(ROOMS_PER_PAGE + 1):
        open_room(actor=alice, name=f"Mine {n:03}")
    client.force_login(alice)
    text = page(client, page=2)
    mine, discover = text.split('id="discover"')
    # The next page of one's own rooms leaves the others where they are.
    assert 'href="?page=2&amp;mine=2#my-rooms"' in mine
    assert 'href="?page=1#discover-rooms"' in discover
    assert text.count('rel="next"') == text.count('rel="prev"') == 1
    assert "Mine 000" not in text
    assert "Mine 000" in page(client, mine=2)


@pytest.mark.parametrize("name", ["mine", "directs", "page"])
def test_behind_the_end_of_a_list_the_page_does_not_call_the_site_empty(client: Client, alice: User, name: str) -> None:
    client.force_login(alice)
    assert "No more rooms" in page(client, **{name: 2})


def test_the_list_asks_the_database_as_often_for_many_rooms_as_for_few(
    client: Client, alice: User, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    client.force_login(alice)
    open_room(actor=alice, name="Tea")
    # Session, person; one's own rooms, the direct rooms, the others.
    page(client)  # notes, once in a while, that the session is in use, and reads the site's settings
    with django_assert_num_queries(5):
        page(client)
    open_many(alice, 40)
    for n in range(0, 40, 2):
        join_room(Room.objects.get(name=f"Room {n:03}"), actor=alice)
    page(client)
    with django_assert_num_queries(5):
        page(client)
