"""One is present where one's attention is: in one room at a time, of any number of tabs and devices that all stay live.

To Playwright each page has the focus, all the time: `document.hasFocus()` is true in all of them, and a page hears no
`focus` when another one was used before. So these tests tell a page by themselves that it got the focus, or take it
away before the page is loaded.
"""

import pytest
from playwright.sync_api import Page, expect

from tests import servers
from tests.browser.conftest import NewPerson, Person
from tests.browser.rooms import (
    READY,
    another_device_of,
    another_tab_of,
    fill_in_room,
    go,
    join,
    open_room,
    rows,
    say,
    two_in_a_room,
    wait_for_people,
    wait_for_words,
)

LINE = "[data-target=elsewhere]"
WITHOUT_FOCUS = "document.hasFocus = () => false;"

ways = pytest.mark.parametrize("websockets", [True, False])


def focus(page: Page) -> None:
    page.evaluate("() => dispatchEvent(new Event('focus'))")


def wait_for_line(page: Page, room: str) -> None:
    expect(page.locator(LINE)).to_have_text(f"You are shown in “{room}” now.")


def in_tea_and_coffee(new_person: NewPerson, *, websockets: bool = True) -> tuple[Person, Person, Person, str]:
    """Alice, who is a member of both rooms and in Tea, bob in Tea, charlie in Coffee, and Coffee's address."""
    alice, bob = two_in_a_room(new_person, websockets=websockets)
    tea = alice.page.url
    charlie = new_person("charlie")
    coffee = open_room(charlie, "Coffee")
    join(alice, "Coffee")
    go(alice, tea)
    wait_for_people(bob.page, "alice", "bob")
    wait_for_people(charlie.page, "charlie")
    return alice, bob, charlie, coffee


@ways
def test_two_tabs_in_two_rooms_are_both_live_and_one_is_where_the_focus_is(
    new_person: NewPerson, websockets: bool
) -> None:
    alice, bob, charlie, coffee = in_tea_and_coffee(new_person, websockets=websockets)
    first, second = alice.page, another_tab_of(alice).page
    second.goto(coffee)
    second.wait_for_selector(READY)
    for times in range(3):
        if times:
            focus(second)
        wait_for_line(first, "Coffee")
        expect(second.locator(LINE)).to_be_hidden()
        wait_for_people(charlie.page, "alice", "charlie")
        wait_for_people(bob.page, "bob")
        say(bob.page, f"To Tea, {times}, while alice is in Coffee")
        say(charlie.page, f"To Coffee, {times}, while alice is there")
        assert wait_for_words(first, 2 * times + 1) == rows(bob.page)
        assert wait_for_words(second, 2 * times + 1) == rows(charlie.page)
        focus(first)
        wait_for_line(second, "Tea")
        expect(first.locator(LINE)).to_be_hidden()
        wait_for_people(bob.page, "alice", "bob")
        wait_for_people(charlie.page, "charlie")
        say(bob.page, f"To Tea, {times}, while alice is there")
        say(charlie.page, f"To Coffee, {times}, while alice is in Tea")
        assert wait_for_words(first, 2 * times + 2) == rows(bob.page)
        assert wait_for_words(second, 2 * times + 2) == rows(charlie.page)


def test_two_devices_take_the_presence_from_each_other_and_freeze_nothing(new_person: NewPerson) -> None:
    alice, bob, charlie, coffee = in_tea_and_coffee(new_person)
    laptop, phone = alice.page, another_device_of(alice, new_person, phone=True, websockets=False)
    laptop.fill("#composer-field", "As I was saying")
    go(phone, coffee)
    wait_for_line(laptop, "Coffee")
    wait_for_people(charlie.page, "alice", "charlie")
    wait_for_people(bob.page, "bob")
    # Nothing is taken from the hands of who is busy at the laptop, and what was begun there can be sent.
    expect(laptop.locator("#composer-field")).to_be_focused()
    expect(laptop.locator(".room-banner-place")).to_have_attribute("role", "status")
    laptop.press("#composer-field", "Enter")
    assert [words for _, words in wait_for_words(bob.page, 1)] == ["As I was saying"]
    # Sending alone moves nobody, and losing the focus neither.
    expect(laptop.locator(LINE)).to_be_visible()
    phone.page.evaluate("() => dispatchEvent(new Event('blur'))")
    say(charlie.page, "You are with us")
    wait_for_words(phone.page, 1)
    wait_for_people(charlie.page, "alice", "charlie")
    wait_for_people(bob.page, "bob")
    # Typing does.
    laptop.locator("#composer-field").press_sequentially("Back")
    wait_for_line(phone.page, "Tea")
    expect(laptop.locator(LINE)).to_be_hidden()
    wait_for_people(bob.page, "alice", "bob")
    wait_for_people(charlie.page, "charlie")
    # In one room they are one presence, and neither is sent away.
    go(phone, laptop.url)
    wait_for_people(phone.page, "alice", "bob")
    say(bob.page, "Welcome to both of you")
    for page in (laptop, phone.page):
        wait_for_words(page, 2)
        expect(page.locator(LINE)).to_be_hidden()
    wait_for_people(bob.page, "alice", "bob")


@ways
def test_a_tab_that_is_opened_in_the_background_reads_and_moves_nobody(new_person: NewPerson, websockets: bool) -> None:
    alice, bob, charlie, coffee = in_tea_and_coffee(new_person, websockets=websockets)
    background = another_tab_of(alice).page
    background.add_init_script(WITHOUT_FOCUS)
    background.goto(coffee)
    background.wait_for_selector(READY)
    say(charlie.page, "Is alice here?")
    wait_for_words(background, 1)
    wait_for_people(background, "charlie")
    wait_for_people(charlie.page, "charlie")
    wait_for_people(bob.page, "alice", "bob")
    expect(alice.page.locator(LINE)).to_be_hidden()
    focus(background)
    wait_for_people(charlie.page, "alice", "charlie")
    wait_for_people(background, "alice", "charlie")
    wait_for_line(alice.page, "Coffee")


def test_after_a_restart_one_is_where_one_was(new_person: NewPerson, site: servers.Site) -> None:
    alice, bob, charlie, coffee = in_tea_and_coffee(new_person)
    first, second = alice.page, another_tab_of(alice).page
    second.goto(coffee)
    wait_for_line(first, "Coffee")
    site.stop()
    for page in (first, second, bob.page, charlie.page):
        expect(page.get_by_text("Connection lost")).to_be_visible()
    site.start()
    say(bob.page, "We are back")
    say(charlie.page, "So are we")
    wait_for_words(first, 1)
    wait_for_words(second, 1)
    wait_for_people(charlie.page, "alice", "charlie")
    wait_for_people(bob.page, "bob")
    wait_for_line(first, "Coffee")


def test_a_tab_that_has_moved_and_comes_back_to_the_line_takes_nothing(new_person: NewPerson) -> None:
    alice, bob, charlie, coffee = in_tea_and_coffee(new_person)
    first, second = alice.page, another_tab_of(alice).page
    second.goto(coffee)
    wait_for_line(first, "Coffee")
    with first.expect_websocket():
        first.evaluate("() => dispatchEvent(new Event('online'))")
    # After these words, which came by the new socket, the second tab would have heard that it has moved.
    say(bob.page, "You have a new line")
    wait_for_words(first, 1)
    say(charlie.page, "And you have kept yours")
    wait_for_words(second, 1)
    expect(second.locator(LINE)).to_be_hidden()
    wait_for_line(first, "Coffee")
    wait_for_people(charlie.page, "alice", "charlie")
    wait_for_people(bob.page, "bob")


def test_a_room_that_the_list_does_not_have_yet_is_another_room(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person)
    # The list is asked for, and never answered.
    alice.page.route("**/api/v1/rooms?*", lambda route: None)
    tab = another_tab_of(alice)
    tab.goto("/rooms/new/")
    fill_in_room(tab, "Cocoa")
    expect(alice.page.locator(LINE)).to_have_text("You are shown in another room now.")
    wait_for_people(bob.page, "bob")
