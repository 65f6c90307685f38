"""Pinned messages, with two people in two browsers, live over sockets and by polling."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import servers
from tests.browser.axe import OVERFLOW, complaints_of_axe
from tests.browser.conftest import NewPerson, Person
from tests.browser.rooms import READY, open_panel, say, two_in_a_room, wait_for_words

pytestmark = pytest.mark.browser

ERASE = """
from accounts.models import User
from rooms.actions.moderation import redact_message
from rooms.models import Message
dana = User.objects.create_superuser("dana", "dana@example.org", None)
row = Message.objects.get(body="We meet at eight.")
redact_message(row.room, actor=dana, seq=row.seq)
"""

TITLE = "[data-target=pinnedTitle]"
# What the line of news has said, each sentence for some seconds.
HEAR = """() => {
    window.said = [];
    const news = document.querySelector(".news");
    new MutationObserver(() => window.said.push(news.textContent)).observe(news, { childList: true });
}"""


def entry(page: Page, words: str) -> Locator:
    return page.locator("#transcript .log .entry", has_text=words)


def open_menu(page: Page, words: str) -> None:
    more = entry(page, words).locator(".message-more")
    more.focus()
    more.press("Enter")


def choose(page: Page, words: str, item: str) -> None:
    """By the keyboard alone."""
    open_menu(page, words)
    wanted = page.get_by_role("menuitem", name=item, exact=True)
    while not wanted.evaluate("(item) => item === document.activeElement"):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def mark(page: Page, words: str) -> Locator:
    return entry(page, words).locator(".pin-mark")


def pins(page: Page) -> Locator:
    return page.locator(".pins .pin")


def open_list(page: Page) -> None:
    open_panel(page, "pinned")


def talk(new_person: NewPerson, **options: bool) -> tuple[Person, Person]:
    alice, bob = two_in_a_room(new_person, **options)
    say(bob.page, "We meet at eight.")
    say(bob.page, "Bring tea.")
    wait_for_words(alice.page, 2)
    wait_for_words(bob.page, 2)
    return alice, bob


@pytest.mark.parametrize("websockets", [True, False])
def test_what_one_pins_all_see_at_once(new_person: NewPerson, websockets: bool) -> None:
    alice, bob = talk(new_person, websockets=websockets)
    for page in (alice.page, bob.page):
        page.evaluate(HEAR)
    choose(alice.page, "We meet at eight.", "Pin")
    for page in (alice.page, bob.page):
        expect(mark(page, "We meet at eight.")).to_have_text("Pinned")
        page.wait_for_function("() => window.said.includes('alice pinned a message.')")
        expect(page.locator(TITLE)).to_have_text("1 pinned message")
        # No line of its own.
        expect(page.locator("#transcript .log .system-message", has_text="pinned")).to_have_count(0)
        open_list(page)
        expect(pins(page)).to_have_text([re.compile(r"bob\s+We meet at eight\..*Pinned by alice", re.DOTALL)])
    choose(alice.page, "Bring tea.", "Pin")
    for page in (alice.page, bob.page):
        expect(pins(page)).to_have_text([re.compile("Bring tea"), re.compile("We meet at eight")])
    # Messages still come, each once: a row that is not drawn leaves no gap.
    say(bob.page, "And cups.")
    assert [words for _, words in wait_for_words(alice.page, 3)] == ["We meet at eight.", "Bring tea.", "And cups."]
    # In the list, too, by the keyboard.
    unpin = alice.page.get_by_role("button", name="Unpin the message of bob").first
    unpin.press("Enter")
    for page in (alice.page, bob.page):
        expect(pins(page)).to_have_text([re.compile("We meet at eight")])
        expect(mark(page, "Bring tea.")).to_have_count(0)
    choose(alice.page, "We meet at eight.", "Unpin")
    for page in (alice.page, bob.page):
        expect(page.locator(TITLE)).to_have_text("Nothing is pinned in this room.")


def test_who_comes_later_sees_it_and_is_led_to_it(new_person: NewPerson) -> None:
    alice, bob = talk(new_person)
    choose(alice.page, "We meet at eight.", "Pin")
    expect(mark(bob.page, "We meet at eight.")).to_be_visible()
    page = bob.page
    page.reload()
    page.wait_for_selector(READY)
    expect(mark(page, "We meet at eight.")).to_be_visible()
    open_list(page)
    pins(page).get_by_role("link").press("Enter")
    expect(entry(page, "We meet at eight.").locator("article")).to_be_focused()
    # Only an admin changes pins.
    expect(page.get_by_role("button", name="Unpin")).to_have_count(0)
    open_menu(page, "We meet at eight.")
    expect(page.get_by_role("menuitem", name="Copy link")).to_be_visible()
    expect(page.get_by_role("menuitem", name="Pin")).to_have_count(0)
    expect(page.get_by_role("menuitem", name="Unpin")).to_have_count(0)


def test_what_is_erased_is_pinned_no_more(new_person: NewPerson, site: servers.Site) -> None:
    alice, bob = talk(new_person)
    choose(alice.page, "We meet at eight.", "Pin")
    expect(mark(bob.page, "We meet at eight.")).to_be_visible()
    open_list(bob.page)
    expect(pins(bob.page)).to_have_count(1)
    site.manage("shell", "-c", ERASE)
    for page in (alice.page, bob.page):
        expect(entry(page, "This message was erased")).to_be_visible()
        expect(page.locator(".pin-mark")).to_have_count(0)
        expect(page.locator(TITLE)).to_have_text("Nothing is pinned in this room.")
    assert "We meet at eight." not in bob.page.content()


def test_on_a_phone_the_list_is_in_the_panel(new_person: NewPerson) -> None:
    alice, bob = talk(new_person, phone=True)
    choose(alice.page, "We meet at eight.", "Pin")
    page = bob.page
    expect(mark(page, "We meet at eight.")).to_be_visible()
    open_list(page)
    expect(pins(page)).to_have_count(1)
    assert page.evaluate(OVERFLOW) == 0
    assert complaints_of_axe(page) == []
    pins(page).get_by_role("link").click()
    expect(entry(page, "We meet at eight.")).to_be_in_viewport()
    expect(page.locator(".room-panel")).to_be_hidden()


@pytest.mark.parametrize("dark", [True, False])
def test_axe_finds_nothing_to_complain_of(new_person: NewPerson, dark: bool) -> None:
    alice, bob = talk(new_person, dark=dark)
    for words in ("We meet at eight.", "Bring tea."):
        choose(alice.page, words, "Pin")
        expect(mark(alice.page, words)).to_be_visible()
    open_list(alice.page)
    expect(pins(alice.page)).to_have_count(2)
    assert complaints_of_axe(alice.page) == []
    expect(mark(bob.page, "Bring tea.")).to_be_visible()
    assert complaints_of_axe(bob.page) == []
