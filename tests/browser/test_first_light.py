"""Two people talk, in two browsers, on a site that was just set up; and nothing that they say is lost or doubled."""

import json
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Response, expect
from websockets.sync.client import connect

from rooms.limits import MAX_SOCKETS
from tests import servers
from tests.browser.conftest import NewPerson
from tests.browser.rooms import (
    ROWS,
    join,
    open_room,
    rows,
    say,
    two_in_a_room,
    wait_for_unsent,
    wait_for_words,
)

pytestmark = pytest.mark.browser

BURST = 200


def test_two_people_sign_up_open_a_room_and_see_the_same_order(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person, sign_up=True)
    for number in range(5):
        say(alice.page, f"alice says {number}")
        say(bob.page, f"bob says {number}")
    hers, his = wait_for_words(alice.page, 10), wait_for_words(bob.page, 10)
    assert hers == his
    assert sorted(words for _, words in hers) == sorted(f"{who} says {n}" for who in ("alice", "bob") for n in range(5))
    assert [seq for seq, _ in hers] == list(range(3, 13))
    for page in (alice.page, bob.page):
        expect(page.locator("#people")).to_contain_text("alice")
        expect(page.locator("#people")).to_contain_text("bob")


def test_a_reload_in_the_middle_of_a_burst_misses_and_doubles_nothing(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person)
    for number in range(BURST):
        say(alice.page, f"message {number}")
        if number == BURST // 2:
            bob.page.reload(wait_until="commit")
    hers, his = wait_for_words(alice.page, BURST), wait_for_words_or_scroll(bob.page, BURST)
    assert [words for _, words in hers] == [f"message {number}" for number in range(BURST)]
    assert hers == his


def wait_for_words_or_scroll(page: Page, count: int) -> list[tuple[int, str]]:
    """Like ``wait_for_words``, scrolling up for what the page's first hundred does not hold."""
    page.wait_for_function(
        f"""(last) => {{
            document.querySelector("#transcript").scrollTop = 0;
            const rows = ({ROWS})();
            return rows.length >= last;
        }}""",
        arg=count,
        polling=200,
        timeout=60_000,
    )
    return rows(page)


def test_what_is_typed_while_the_server_is_away_arrives_once(new_person: NewPerson, site: servers.Site) -> None:
    alice, bob = two_in_a_room(new_person)
    say(alice.page, "before")
    wait_for_words(bob.page, 1)
    site.stop()
    for person in (alice, bob):
        expect(person.page.get_by_text("Connection lost")).to_be_visible()
    say(alice.page, "alice, meanwhile")
    say(bob.page, "bob, meanwhile")
    wait_for_unsent(alice.page, 1)
    # Unsent words survive a reload of the browser's own page too, once the server is back.
    site.start()
    hers, his = wait_for_words(alice.page, 3), wait_for_words(bob.page, 3)
    assert hers == his
    assert sorted(words for _, words in hers) == ["alice, meanwhile", "before", "bob, meanwhile"]
    for person in (alice, bob):
        expect(person.page.get_by_text("Connection lost")).to_be_hidden()
        assert wait_for_words(person.goto(urlsplit(person.page.url).path), 3) == hers


def test_everything_is_still_there_after_a_restart(new_person: NewPerson, site: servers.Site) -> None:
    alice, _ = two_in_a_room(new_person)
    say(alice.page, "Remember this.")
    said = wait_for_words(alice.page, 1)
    site.kill()
    site.start()
    alice.forgive("status of 50")
    assert wait_for_words(alice.goto(urlsplit(alice.page.url).path), 1) == said
    assert "All 1 transcripts verify." in site.manage("verify_transcripts")


def watch_polls(page: Page) -> list[tuple[int, list[int]]]:
    """Collect, of each poll, the seq that it asked after and the seqs that it was answered."""
    polls: list[tuple[int, list[int]]] = []

    def hear(response: Response) -> None:
        if urlsplit(response.url).path == "/api/v1/poll" and response.ok:
            (asked,) = json.loads(response.request.post_data or "")["rooms"]
            rows = [row["seq"] for news in response.json()["rooms"] for row in news["messages"]]
            polls.append((asked["after"], rows))

    page.on("response", hear)
    return polls


def test_without_websockets_they_talk_by_polling_and_each_poll_carries_only_what_is_new(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person, websockets=False)
    polls = watch_polls(bob.page)
    for number in range(5):
        say(alice.page, f"alice says {number}")
        say(bob.page, f"bob says {number}")
    hers, his = wait_for_words(alice.page, 10), wait_for_words(bob.page, 10)
    assert hers == his
    expect(alice.page.locator("#people")).to_contain_text("bob")
    bob.page.wait_for_timeout(2_500)
    carried = [seq for _, seqs in polls for seq in seqs]
    assert len(carried) == len(set(carried))
    assert all(seq > after for after, seqs in polls for seq in seqs)
    assert len(polls) >= 3


def test_a_page_beyond_as_many_as_may_be_live_polls_and_says_why(new_person: NewPerson, site: servers.Site) -> None:
    alice, bob = two_in_a_room(new_person)
    room = bob.page.url
    bob.page.goto("about:blank")
    key = next(cookie["value"] for cookie in bob.page.context.cookies() if cookie["name"] == "sessionid")
    with ExitStack() as others:
        for _ in range(MAX_SOCKETS):
            address = site.url.replace("http", "ws", 1) + "/ws/?v=2"
            line = others.enter_context(connect(address, additional_headers={"X-Session-Token": key}))
            assert "welcome" in str(line.recv(timeout=10))
        bob.page.goto(room)
        expect(bob.page.locator("[data-target=pollingNote]")).to_contain_text("once a second. You are connected")
        expect(bob.page.locator("[data-target=banner]")).to_be_hidden()
        say(alice.page, "Are you there?")
        say(bob.page, "Somewhere.")
        assert wait_for_words(alice.page, 2) == wait_for_words(bob.page, 2)


def test_a_burst_by_polling_survives_a_reload_and_a_restart(new_person: NewPerson, site: servers.Site) -> None:
    alice, bob = two_in_a_room(new_person, websockets=False)
    for number in range(30):
        say(alice.page, f"message {number}")
        if number == 15:
            bob.page.reload(wait_until="commit")
    wait_for_words(alice.page, 30)
    site.stop()
    say(alice.page, "meanwhile")
    site.start()
    hers, his = wait_for_words(alice.page, 31), wait_for_words(bob.page, 31)
    assert hers == his
    assert [words for _, words in hers] == [*(f"message {number}" for number in range(30)), "meanwhile"]


@pytest.mark.parametrize("websockets", [True, False])
def test_who_is_in_a_room_that_is_deleted_is_told_and_taken_back(new_person: NewPerson, websockets: bool) -> None:
    alice = new_person("alice")
    bob = new_person("bob", websockets=websockets)
    url = open_room(alice, "Tea")
    join(bob, "Tea")
    bob.forgive("status of 410")
    alice.goto(urlsplit(url).path + "delete/")
    alice.page.locator("main form [type=submit]").click()
    expect(bob.page.get_by_role("heading", name="This room has been deleted")).to_be_visible()
    bob.page.wait_for_url("**/rooms/*")
    bob.page.wait_for_url(lambda url: urlsplit(url).path == "/rooms/")


def test_twenty_clicks_on_send_send_one_message(new_person: NewPerson) -> None:
    alice = new_person("alice")
    open_room(alice, "Tea")
    alice.page.fill("#composer-field", "Once.")
    alice.page.evaluate("() => { for (let i = 0; i < 20; i++) document.querySelector('.composer-send').click(); }")
    assert [words for _, words in wait_for_words(alice.page, 1)] == ["Once."]
    alice.page.wait_for_timeout(500)
    assert len(rows(alice.page)) == 1


def test_older_messages_come_as_one_scrolls_up_and_the_view_does_not_jump(
    new_person: NewPerson, site: servers.Site
) -> None:
    talk = site.fill("talk", "250", "0")
    alice = new_person("alice", sign_up=False)
    alice.come_in(talk["sessions"]["alice"])
    page = alice.goto(f"/rooms/{talk['room']}/")
    page.wait_for_function(f"() => ({ROWS})().length >= 100")
    assert len(rows(page)) == 100
    first = f"#m{rows(page)[0][0]} .message-body"
    # Where the oldest message that is shown stands, before and after older ones were put above it.
    page.evaluate("() => { document.querySelector('#transcript').scrollTop = 40; }")
    before = page.locator(first).bounding_box()
    page.wait_for_function(f"() => ({ROWS})().length >= 200")
    after = page.locator(first).bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 4
    everything = wait_for_words_or_scroll(page, 250)
    assert [int(words.split("(")[-1].rstrip(")`")) for _, words in everything] == list(range(250))
