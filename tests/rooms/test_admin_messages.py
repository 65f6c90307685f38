import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from rooms.actions.messages import post_message
from rooms.actions.rooms import open_room
from rooms.models import Message, Room

pytestmark = pytest.mark.django_db

MESSAGES = "/admin/rooms/message/"


@pytest.fixture
def tea(alice: User) -> Room:
    room = open_room(actor=alice, name="Tea")
    for n in range(60):
        post_message(room, actor=alice, client_id=f"m{n}", body=f"cup {n} " + "of tea " * 30)
    return room


@pytest.fixture
def staff(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


def listed(staff: Client, query: str) -> list[int]:
    response = staff.get(f"{MESSAGES}?{query}")
    assert response.status_code == 200
    return [row.seq for row in response.context["cl"].result_list]


def test_a_transcript_is_listed_with_its_newest_row_first(staff: Client, alice: User, tea: Room) -> None:
    open_room(actor=alice, name="Jazz")
    assert listed(staff, f"room__id__exact={tea.pk}") == list(range(61, 11, -1))
    assert listed(staff, f"room__id__exact={tea.pk}&p=2") == list(range(11, 0, -1))


def test_the_list_is_searched_by_text_and_author_and_filtered_by_kind(staff: Client, tea: Room) -> None:
    assert listed(staff, "q=cup+7+of") == [9]
    assert len(listed(staff, "q=Alice")) == 50
    assert listed(staff, "kind__exact=opened") == [1]
    assert listed(staff, "q=coffee") == []


@pytest.mark.rules
def test_the_list_counts_no_messages_and_asks_little(staff: Client, alice: User, tea: Room) -> None:
    open_room(actor=alice, name="Jazz")
    listed(staff, "")  # the first visit notes that the session is in use, and reads the site's settings
    with CaptureQueriesContext(connection) as asked:
        assert len(listed(staff, "")) == 50
    about_messages = [query["sql"] for query in asked if '"rooms_message"' in query["sql"]]
    assert len(about_messages) == 1
    assert "COUNT" not in about_messages[0]
    # In the order of the index, without another column behind it to break ties that cannot be.
    assert about_messages[0].partition("ORDER BY")[2].count(",") == 1
    assert len(asked) <= 5


def test_the_list_says_that_there_are_more_and_on_its_last_page_how_many(staff: Client, tea: Room) -> None:
    assert "There are more." in staff.get(MESSAGES).text
    assert "61 messages" in staff.get(f"{MESSAGES}?p=2").text
    assert staff.get(f"{MESSAGES}?p=3").status_code == 302


def test_nobody_pages_far_back(staff: Client, tea: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.admin.base.LAST_PAGE", 1)
    text = staff.get(MESSAGES).text
    assert "There are more." in text
    assert "?p=2" not in text
    assert staff.get(f"{MESSAGES}?p=2").status_code == 302


def test_only_the_start_of_a_message_is_listed_and_all_of_it_shown(staff: Client, tea: Room) -> None:
    row = tea.messages.newest(1)[0]
    assert row.body not in staff.get(MESSAGES).text
    text = staff.get(f"{MESSAGES}{row.pk}/change/").text
    assert row.body.strip() in text
    assert bytes(row.hash).hex() in text


@pytest.mark.rules
def test_messages_cannot_be_added_changed_or_deleted(staff: Client, tea: Room) -> None:
    row = tea.messages.newest(1)[0]
    assert staff.get(f"{MESSAGES}add/").status_code == 403
    assert staff.post(f"{MESSAGES}{row.pk}/change/", {"body": "changed"}).status_code == 403
    assert staff.post(f"{MESSAGES}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    form = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
    staff.post(MESSAGES, form)
    assert Message.objects.get(pk=row.pk).body == row.body


@pytest.mark.parametrize("query", ["room__id__exact=x", "p=999999", "p=x", "kind__exact=nothing", "o=1.2.3"])
def test_a_strange_query_is_no_error(staff: Client, tea: Room, query: str) -> None:
    assert staff.get(f"{MESSAGES}?{query}", follow=True).status_code == 200
