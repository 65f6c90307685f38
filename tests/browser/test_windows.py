"""A room opened in the middle of its transcript: by a link to a message, or where the unread begins."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests import servers
from tests.browser.axe import OVERFLOW, complaints_of_axe
from tests.browser.conftest import NewPerson, Person
from tests.browser.long_talk import LongTalk, long_talk_of
from tests.browser.rooms import READY, open_panel, open_room_menu, say
from tests.browser.scrolling import (
    DRAWN,
    MOST_DRAWN,
    ROWS_ABOVE_ALL,
    ROWS_BELOW_ALL,
    jumps_of,
    scroll_until,
    watch_rows,
)

# One site for all of these: filling it takes seconds.
pytestmark = pytest.mark.xdist_group("windows")

# LONG_TALK=100000 takes minutes for the first test alone.
MESSAGES = int(os.environ.get("LONG_TALK", "3000"))
MIDDLE = MESSAGES // 2
LINKED = ".entry[aria-current]"
NEWEST = "[data-target=newestButton]"
LOADED = "[data-target=newerMark]:not([hidden])"
BOTTOM = "view.scrollHeight"
# The row in the middle of what one sees.
SEEN = """() => {
    const { top, height } = document.querySelector("#transcript").getBoundingClientRect();
    const entries = [...document.querySelectorAll("#transcript .log .entry")];
    return Number(entries.find((entry) => entry.getBoundingClientRect().bottom > top + height / 2).dataset.seq);
}"""
IS_LIVE = "() => !document.querySelector('#transcript.is-elsewhere')"


@pytest.fixture(scope="module")
def talk() -> Iterator[LongTalk]:
    with long_talk_of(MESSAGES, rooms=1) as talk:
        yield talk


@pytest.fixture
def site(talk: LongTalk) -> servers.Site:
    """In the place of a fresh one: new people are led to this site."""
    return talk.site


def come_in(new_person: NewPerson, talk: LongTalk, name: str, path: str, **options: object) -> Person:
    person = new_person(name, sign_up=False, **options)
    person.come_in(talk.sessions[name])
    person.goto(path).wait_for_selector(READY)
    return person


def words_are_shown(page: Page, words: str) -> None:
    expect(page.locator(".log .message-body", has_text=words)).to_be_in_viewport()


def test_a_link_is_read_to_both_ends_and_the_live_one_is_joined(new_person: NewPerson, talk: LongTalk) -> None:
    alice = come_in(new_person, talk, "alice", talk.at(MIDDLE)).page
    expect(alice.locator(LINKED)).to_have_attribute("id", f"m{MIDDLE}")
    expect(alice.locator(LINKED)).to_be_in_viewport()
    expect(alice.locator(LINKED).locator("article")).to_be_focused()
    watch_rows(alice)
    scroll_until(alice, "0", f"({ROWS_ABOVE_ALL})() === 1")
    assert alice.locator(".history-beginning").is_visible()
    # Before the very end the button is hidden, too; there, the address is that of the room.
    scroll_until(alice, BOTTOM, f"({IS_LIVE})() && !location.pathname.includes('/at/')")
    expect(alice.locator(NEWEST)).to_be_hidden()
    head = alice.evaluate(ROWS_BELOW_ALL)
    assert head >= MESSAGES + 2
    assert alice.evaluate("() => window.most") <= MOST_DRAWN
    assert alice.evaluate("() => window.gaps") == 0
    assert alice.url == talk.site.url + talk.path
    bob = come_in(new_person, talk, "bob", talk.path).page
    say(bob, "Have you read all of it?")
    words_are_shown(alice, "Have you read all of it?")
    say(alice, "To both ends.")
    words_are_shown(alice, "To both ends.")
    words_are_shown(bob, "To both ends.")
    assert alice.evaluate("() => window.gaps") == 0


def test_the_first_paint_shows_the_message_of_the_link(new_person: NewPerson, talk: LongTalk) -> None:
    alice = new_person("alice", sign_up=False)
    alice.come_in(talk.sessions["alice"])
    alice.page.add_init_script("""
        new PerformanceObserver((list, observer) => {
            observer.disconnect();
            requestAnimationFrame(() => {
                const box = document.querySelector(".entry[aria-current]")?.getBoundingClientRect();
                window.seen = Boolean(box) && box.top > 0 && box.top < innerHeight;
            });
        }).observe({ type: "paint", buffered: true });
    """)
    asked: list[str] = []
    alice.page.on("request", lambda request: asked.append(request.url))
    alice.goto(talk.at(MIDDLE)).wait_for_function("() => window.seen !== undefined")
    assert alice.page.evaluate("() => window.seen")
    # What is far from it is asked for when somebody scrolls.
    assert [url for url in asked if "/messages" in url] == []


def test_what_comes_meanwhile_is_counted_and_the_button_leads_to_it(new_person: NewPerson, talk: LongTalk) -> None:
    alice = come_in(new_person, talk, "alice", talk.at(MIDDLE)).page
    bob = come_in(new_person, talk, "bob", talk.path).page
    expect(alice.locator(NEWEST)).to_have_text("To the newest messages")
    before = alice.evaluate("() => document.querySelector('#transcript').scrollTop")
    for number in range(3):
        say(bob, f"Meanwhile, number {number}")
    expect(alice.locator(NEWEST)).to_have_text("3 new messages")
    assert alice.evaluate("() => document.querySelector('#transcript').scrollTop") == before
    assert alice.evaluate(ROWS_BELOW_ALL) < MESSAGES
    alice.click(NEWEST)
    words_are_shown(alice, "Meanwhile, number 2")
    expect(alice.locator(NEWEST)).to_be_hidden()
    assert alice.url == talk.site.url + talk.path
    say(bob, "And now?")
    words_are_shown(alice, "And now?")
    # Up to where the page was, and further: nothing is missing between.
    watch_rows(alice)
    scroll_until(alice, "0", f"({ROWS_ABOVE_ALL})() < {MIDDLE}")
    assert alice.evaluate("() => window.gaps") == 0


@pytest.mark.parametrize("websockets", [True, False], ids=["socket", "polling"])
def test_who_writes_from_elsewhere_is_led_to_the_end(new_person: NewPerson, talk: LongTalk, websockets: bool) -> None:
    alice = come_in(new_person, talk, "alice", talk.at(MIDDLE), websockets=websockets).page
    words = f"I found it ({websockets})"
    say(alice, words)
    words_are_shown(alice, words)
    expect(alice.locator(".sending .entry")).to_have_count(0)
    assert alice.evaluate(IS_LIVE)
    bob = come_in(new_person, talk, "bob", talk.path).page
    say(bob, f"{words}, you say")
    words_are_shown(alice, f"{words}, you say")


def test_nothing_jumps_while_rows_come_on_both_sides(new_person: NewPerson, talk: LongTalk) -> None:
    alice = come_in(new_person, talk, "alice", talk.at(MIDDLE)).page
    # Until the formatter is there, what one sees changes its height.
    alice.wait_for_function(f"() => ({DRAWN})() >= 100 && !document.querySelector('.log').textContent.includes('**')")
    assert jumps_of(alice) == []


def test_newer_messages_that_do_not_come_can_be_asked_for_again(new_person: NewPerson, talk: LongTalk) -> None:
    person = come_in(new_person, talk, "alice", talk.at(MIDDLE))
    alice, cut_off = person.page, "**/messages?after=*"
    # A connection that comes up asks again by itself.
    expect(alice.locator("#people")).to_contain_text("alice")
    alice.route(cut_off, lambda route: route.abort())
    scroll_until(alice, BOTTOM, f"document.querySelector('{LOADED} button')")
    expect(alice.locator(LOADED)).to_contain_text("Newer messages could not be loaded.")
    last = alice.evaluate(ROWS_BELOW_ALL)
    alice.unroute(cut_off)
    alice.locator(f"{LOADED} button").click()
    alice.wait_for_function(f"(last) => ({ROWS_BELOW_ALL})() > last", arg=last)


def test_a_way_to_the_end_that_fails_says_so_and_is_gone_later(new_person: NewPerson, talk: LongTalk) -> None:
    alice = come_in(new_person, talk, "alice", talk.at(MIDDLE)).page
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.abort()

    alice.route("**/messages?limit=*", refuse)
    alice.click(NEWEST)
    expect(alice.locator("[data-target=toast]")).to_have_text("Newer messages could not be loaded.")
    assert refused
    expect(alice.locator(LINKED)).to_be_in_viewport()
    alice.unroute("**/messages?limit=*")
    alice.click(NEWEST)
    alice.wait_for_function(IS_LIVE)


def test_the_link_to_a_message_is_copied_and_leads_to_it(new_person: NewPerson, talk: LongTalk) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    alice = come_in(new_person, talk, "alice", talk.at(MIDDLE), permissions=permissions).page
    # One's own have a link, too.
    for name in ("alice", "bob"):
        message = alice.locator(".entry:not(.is-continued)", has=alice.locator(".message-name", has_text=name)).first
        seq = int(message.get_attribute("data-seq") or 0)
        alice.locator(f"#m{seq} .message-more").focus()
        alice.keyboard.press("Enter")
        alice.get_by_role("menuitem", name="Copy link").click()
        expect(alice.locator("[data-target=toast]")).to_have_text("The link to this message is copied.")
        link = alice.evaluate("() => navigator.clipboard.readText()")
        assert link == talk.site.url + talk.at(seq)
        alice.goto(link)
        expect(alice.locator(LINKED)).to_have_attribute("id", f"m{seq}")
        expect(alice.locator(LINKED)).to_be_in_viewport()


def test_where_the_clipboard_is_refused_the_link_can_be_copied_by_hand(new_person: NewPerson, talk: LongTalk) -> None:
    person = new_person("alice", sign_up=False)
    person.come_in(talk.sessions["alice"])
    alice = person.page
    alice.add_init_script("""navigator.clipboard.writeText = async () => {
        throw new DOMException("Not allowed", "NotAllowedError");
    }""")
    person.goto(talk.at(MIDDLE)).wait_for_selector(READY)
    alice.locator(f"{LINKED} .message-more").focus()
    alice.keyboard.press("Enter")
    alice.get_by_role("menuitem", name="Copy link").click()
    field = alice.get_by_role("textbox", name="The link to this message")
    expect(field).to_have_value(talk.site.url + talk.at(MIDDLE))
    expect(field).to_be_focused()
    assert alice.evaluate("() => getSelection().toString()") == talk.site.url + talk.at(MIDDLE)
    assert complaints_of_axe(alice) == []


def test_a_link_to_no_message_opens_at_the_nearest_and_says_so(new_person: NewPerson, talk: LongTalk) -> None:
    alice = come_in(new_person, talk, "alice", talk.at(10**9)).page
    expect(alice.locator("[data-target=toast]")).to_have_text(
        "There is no such message in this room. This is the one nearest to it."
    )
    expect(alice.locator(LINKED)).to_be_in_viewport()
    # It is the last one: what comes is shown below it.
    bob = come_in(new_person, talk, "bob", talk.path).page
    say(bob, "Nobody said that.")
    words_are_shown(alice, "Nobody said that.")


def test_reload_and_back_lead_to_where_one_was(new_person: NewPerson, talk: LongTalk) -> None:
    alice = come_in(new_person, talk, "alice", talk.at(MIDDLE)).page
    alice.reload()
    expect(alice.locator(LINKED)).to_be_in_viewport()
    alice.goto(talk.site.url + talk.path + "files/")
    alice.go_back()
    expect(alice.locator(LINKED)).to_have_attribute("id", f"m{MIDDLE}")
    expect(alice.locator(LINKED)).to_be_in_viewport()
    # At the live end the link has been left behind.
    alice.locator(READY).wait_for()
    alice.click(NEWEST)
    alice.wait_for_function(IS_LIVE)
    alice.reload()
    alice.locator(READY).wait_for()
    expect(alice.locator(LINKED)).to_have_count(0)
    assert alice.evaluate(IS_LIVE)


def test_the_files_lead_back_to_where_one_was_reading_and_paper_has_all_that_is_loaded(
    new_person: NewPerson, talk: LongTalk
) -> None:
    alice = come_in(new_person, talk, "alice", talk.path).page
    scroll_until(alice, "view.scrollTop - 300", f"({ROWS_ABOVE_ALL})() < {MESSAGES - 900}")
    expect(alice.locator(NEWEST)).to_be_visible()
    read = alice.evaluate(SEEN)
    open_room_menu(alice)
    alice.click("[data-target=filesLink]")
    alice.get_by_role("link", name="Back to the room").click()
    expect(alice.locator(f"#m{read}")).to_be_in_viewport()
    open_panel(alice, "files")
    alice.get_by_role("link", name="All files").click()
    alice.get_by_role("link", name="Back to the room").wait_for()
    alice.go_back()
    expect(alice.locator(f"#m{read}")).to_be_in_viewport()

    # On paper the rows that are not drawn, as too many are loaded, stand with the others, one page after the other.
    scroll_until(alice, "view.scrollTop - 300", f"({ROWS_ABOVE_ALL})() < {MESSAGES - 2000}")
    assert alice.evaluate(DRAWN) <= MOST_DRAWN
    alice.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert alice.evaluate(DRAWN) > 2 * MOST_DRAWN
    alice.emulate_media(media="print")
    view = alice.evaluate("""() => {
        const view = document.querySelector("#transcript");
        return { inside: view.scrollHeight - view.clientHeight, long: document.documentElement.scrollHeight };
    }""")
    assert view["inside"] == 0
    assert view["long"] > 20 * 2 * MOST_DRAWN
    expect(alice.locator("#composer-field")).to_be_hidden()
    expect(alice.locator(".message-body").first).to_be_visible()
    alice.emulate_media(media="screen")
    scroll_until(alice, "view.scrollTop - 300", f"({DRAWN})() <= {MOST_DRAWN}")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_linked_message_can_be_seen_by_everybody(
    new_person: NewPerson, talk: LongTalk, phone: bool, dark: bool
) -> None:
    alice = come_in(new_person, talk, "alice", talk.at(MIDDLE), phone=phone, dark=dark, reduced_motion="reduce").page
    expect(alice.locator(LINKED)).to_be_in_viewport()
    assert alice.evaluate(OVERFLOW) == 0
    assert complaints_of_axe(alice) == []
