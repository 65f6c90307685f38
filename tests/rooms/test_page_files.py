"""The list of a room's files."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.actions import block_user
from accounts.models import User
from rooms.actions.memberships import remove_member
from rooms.actions.messages import post_message
from rooms.models import Room
from rooms.views import files
from tests.rooms.files import picture, posted_file

pytestmark = pytest.mark.django_db


def visit(client: Client, user: User, room: Room, **question: str) -> HttpResponse:
    client.force_login(user)
    return client.get(f"/rooms/{room.pk}/files/", question)  # type: ignore[return-value]


def names(page: HttpResponse) -> list[str]:
    return [shown["file"]["name"] for shown in page.context["files"]]  # type: ignore[attr-defined]


def test_the_newest_file_stands_first_with_its_words(client: Client, room: Room, alice: User, bob: User) -> None:
    posted_file(room, alice, picture(), "sky.png", caption="Look at <this>")
    post_message(room, actor=alice, client_id="words", body="Words are not listed.")
    posted_file(room, bob, b"Hello", "<b>hello.txt")
    page = visit(client, bob, room)
    assert names(page) == ["_b_hello.txt", "sky.png"]
    html = page.content.decode()
    assert "Look at &lt;this&gt;" in html
    assert "Words are not listed." not in html
    assert html.count('class="file-picture"') == 1
    assert html.count("file-save") == 3  # each file's, and the viewer's
    assert len(re.findall(r'<time datetime="[^"]+\+00:00" data-local>[^<]+ UTC</time>', html)) == 2


def test_a_long_list_comes_in_pages(client: Client, room: Room, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "FILES_SHOWN", 2)
    for number in range(5):
        posted_file(room, bob, b"Hello", f"{number}.txt")
    page = visit(client, bob, room)
    found = [names(page)]
    while older := page.context["older"]:  # type: ignore[attr-defined]
        page = visit(client, bob, room, before=str(older))
        found.append(names(page))
    assert found == [["4.txt", "3.txt"], ["2.txt", "1.txt"], ["0.txt"]]


def test_the_way_back_leads_to_where_one_was_reading(client: Client, room: Room, bob: User) -> None:
    room_link = f'href="/rooms/{room.pk}/'
    assert f'{room_link}"' in visit(client, bob, room).content.decode()
    assert f'{room_link}at/42/"' in visit(client, bob, room, at="42", before="7").content.decode()
    assert f'{room_link}"' in visit(client, bob, room, at="x").content.decode()


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 40, "²"])
def test_what_is_no_row_leads_to_the_newest(client: Client, room: Room, bob: User, before: str) -> None:
    posted_file(room, bob)
    assert names(visit(client, bob, room, before=before)) == ["hello.txt"]


def test_files_of_somebody_blocked_are_folded(client: Client, room: Room, alice: User, bob: User) -> None:
    posted_file(room, alice)
    assert b"<details>" not in visit(client, bob, room).content
    block_user(alice, actor=bob)
    assert b"<details>" in visit(client, bob, room).content


def test_who_is_removed_does_not_see_it(client: Client, room: Room, alice: User, bob: User) -> None:
    posted_file(room, alice)
    remove_member(room, actor=alice, user=bob)
    page = visit(client, bob, room)
    assert page.status_code == 403
    assert b"hello.txt" not in page.content
