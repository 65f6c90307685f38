"""The site can be used by everybody: WCAG 2.2 AA, as far as a program can tell, and by keyboard."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import OVERFLOW, complaints_of_axe
from tests.browser.conftest import NewPerson
from tests.browser.pages import come_together, every_page
from tests.browser.rooms import READY, UNSENT, open_room, say, two_in_a_room, wait_for_words


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_axe_finds_nothing_on_any_page(new_person: NewPerson, phone: bool, dark: bool) -> None:
    cast = come_together(new_person, phone=phone, dark=dark, reduced_motion="reduce")
    found = {name: complaints_of_axe(page) for name, page in every_page(cast)}
    assert {name: complaints for name, complaints in found.items() if complaints} == {}


@pytest.mark.parametrize("width", [640, 320])
def test_every_page_holds_at_200_percent_zoom_and_at_320_pixels(new_person: NewPerson, width: int) -> None:
    """A window of 1280 pixels at 200 % has 640 of the style sheets' pixels, and at 400 % it has 320."""
    cast = come_together(new_person, viewport={"width": width, "height": 512})
    wide = {name: page.evaluate(OVERFLOW) for name, page in every_page(cast)}
    assert {name: pixels for name, pixels in wide.items() if pixels} == {}
    page = cast.alice.goto(cast.room)
    page.wait_for_selector(READY)
    expect(page.locator("#composer-field")).to_be_in_viewport()
    expect(page.locator(".composer-send")).to_be_in_viewport()


def test_a_screen_reader_hears_a_number_when_messages_come_quickly(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person)
    bob.page.evaluate("""() => {
        window.heard = [];
        const place = document.querySelector("[data-target=announcer]");
        new MutationObserver(() => window.heard.push(place.textContent)).observe(place, { childList: true });
    }""")
    assert bob.page.locator("[data-target=log]").get_attribute("aria-live") == "off"
    say(alice.page, "The first one.")
    bob.page.wait_for_function("() => window.heard.length === 1")
    for number in range(30):
        say(alice.page, f"message {number}")
    wait_for_words(bob.page, 31)
    bob.page.wait_for_function("() => window.heard.length > 1")
    heard = bob.page.evaluate("() => window.heard")
    assert heard[0] == "alice: The first one."
    assert heard[1].endswith("new messages")
    assert len(heard) <= 4


def test_the_focus_stays_where_it_is_when_messages_arrive(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person)
    say(alice.page, "Look at https://example.org")
    wait_for_words(bob.page, 1)
    bob.page.focus(".message-body a")
    bob.page.evaluate("() => { window.focused = document.activeElement; }")
    for number in range(10):
        say(alice.page, f"message {number}")
    wait_for_words(bob.page, 11)
    assert bob.page.evaluate("() => document.activeElement === window.focused && window.focused.matches('a')")


def test_a_message_can_be_written_sent_and_read_by_keyboard_alone(new_person: NewPerson) -> None:
    alice = new_person("alice")
    open_room(alice, "Tea")
    page = alice.page
    page.keyboard.press("Escape")
    expect(page.locator("#transcript .system-message")).to_be_focused()
    page.keyboard.press("m")
    expect(page.locator("#composer-field")).to_be_focused()
    page.keyboard.type("What? m, n and p are letters here.")
    page.keyboard.press("Enter")
    assert [words for _, words in wait_for_words(page, 1)] == ["What? m, n and p are letters here."]
    assert page.evaluate(UNSENT) == 0


def test_a_question_mark_lists_the_keys_and_they_can_be_turned_off(new_person: NewPerson) -> None:
    alice = new_person("alice")
    open_room(alice, "Tea")
    page, keys = alice.page, alice.page.locator("#keys")
    page.keyboard.type("?")
    expect(keys).to_be_hidden()
    assert page.input_value("#composer-field") == "?"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(keys).to_be_visible()
    expect(page.locator("#keys-title")).to_be_in_viewport()
    page.get_by_label("Use the keys").uncheck()
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.reload()
    page.wait_for_selector(READY)
    page.focus("#transcript")
    page.keyboard.press("?")
    expect(page.locator("#composer-field")).to_have_value("??")
    expect(keys).to_be_hidden()
    page.keyboard.press("Control+/")
    expect(keys).to_be_visible()


def test_the_drawer_opens_and_closes_by_keyboard_and_gives_the_focus_back(new_person: NewPerson) -> None:
    alice = new_person("alice", phone=True)
    open_room(alice, "Tea")
    page = alice.page
    page.focus("[data-target=sideButton]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Your rooms")).to_be_visible()
    expect(page.locator(".side-room[aria-current=page]")).to_have_text("Tea")
    page.keyboard.press("Escape")
    expect(page.locator("#room-side")).to_be_hidden()
    expect(page.locator("[data-target=sideButton]")).to_be_focused()


def test_nothing_moves_for_who_wants_it_still(new_person: NewPerson) -> None:
    alice = new_person("alice", reduced_motion="reduce")
    open_room(alice, "Tea")
    moving = alice.page.evaluate("""() => [...document.querySelectorAll("*")].filter((node) => {
        const { animationDuration, transitionDuration, scrollBehavior } = getComputedStyle(node);
        const longest = Math.max(parseFloat(animationDuration), parseFloat(transitionDuration));
        return longest > 0.001 || scrollBehavior === "smooth";
    }).map((node) => node.outerHTML.slice(0, 80))""")
    assert moving == []
