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
def desk(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


def listed(desk: Client, query: str) -> list[int]:
    response = desk.get(f"{MESSAGES}?{query}")
    assert response.status_code == 200
    return [row.seq for row in response.context["cl"].result_list]


def test_a_transcript_is_listed_with_its_newest_row_first(desk: Client, alice: User, tea: Room) -> None:
    open_room(actor=alice, name="Jazz")
    assert listed(desk, f"room__id__exact={tea.pk}") == list(range(61, 11, -1))
    assert listed(desk, f"room__id__exact={tea.pk}&p=2") == list(range(11, 0, -1))


def test_the_list_is_searched_by_text_and_author_and_filtered_by_kind(desk: Client, tea: Room) -> None:
    assert listed(desk, "q=cup+7+of") == [9]
    assert len(listed(desk, "q=Alice")) == 50
    assert listed(desk, "kind__exact=opened") == [1]
    assert listed(desk, "q=coffee") == []


@pytest.mark.rules
def test_the_list_counts_no_messages_and_asks_little(desk: Client, alice: User, tea: Room) -> None:
    open_room(actor=alice, name="Jazz")
    listed(desk, "")  # the first visit notes that the session is in use, and reads the site's settings
    with CaptureQueriesContext(connection) as asked:
        assert len(listed(desk, "")) == 50
    about_messages = [query["sql"] for query in asked if '"rooms_message"' in query["sql"]]
    assert len(about_messages) == 1
    assert "COUNT" not in about_messages[0]
    # In the order of the index, without another column behind it to break ties that cannot be.
    assert about_messages[0].partition("ORDER BY")[2].count(",") == 1
    assert len(asked) <= 5


def test_the_list_says_that_there_are_more_and_on_its_last_page_how_many(desk: Client, tea: Room) -> None:
    assert "There are more." in desk.get(MESSAGES).text
    assert "61 messages" in desk.get(f"{MESSAGES}?p=2").text
    assert desk.get(f"{MESSAGES}?p=3").status_code == 302


def test_nobody_pages_far_back(desk: Client, tea: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.admin.base.LAST_PAGE", 1)
    text = desk.get(MESSAGES).text
    assert "There are more." in text
    assert "?p=2" not in text
    assert desk.get(f"{MESSAGES}?p=2").status_code == 302


def test_only_the_start_of_a_message_is_listed_and_all_of_it_shown(desk: Client, tea: Room) -> None:
    row = tea.messages.newest(1)[0]
    assert row.body not in desk.get(MESSAGES).text
    text = desk.get(f"{MESSAGES}{row.pk}/change/").text
    assert row.body.strip() in text
    assert bytes(row.hash).hex() in text


@pytest.mark.rules
def test_messages_cannot_be_added_changed_or_deleted(desk: Client, tea: Room) -> None:
    row = tea.messages.newest(1)[0]
    assert desk.get(f"{MESSAGES}add/").status_code == 403
    assert desk.post(f"{MESSAGES}{row.pk}/change/", {"body": "changed"}).status_code == 403
    assert desk.post(f"{MESSAGES}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    form = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
    desk.post(MESSAGES, form)
    assert Message.objects.get(pk=row.pk).body == row.body


@pytest.mark.parametrize("query", ["room__id__exact=x", "p=999999", "p=x", "kind__exact=nothing", "o=1.2.3"])
def test_a_strange_query_is_no_error(desk: Client, tea: Room, query: str) -> None:
    assert desk.get(f"{MESSAGES}?{query}", follow=True).status_code == 200
