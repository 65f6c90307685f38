"""The frame of the room's page: the rooms, the head and the panel; on a phone a screen of its own, and a drawer."""

import re

from playwright.sync_api import Page, expect

from tests import servers
from tests.browser.axe import OVERFLOW, complaints_of_axe
from tests.browser.conftest import NewPerson
from tests.browser.rooms import (
    READY,
    another_tab_of,
    fill_in_room,
    go,
    open_room,
    open_room_menu,
    say,
    two_in_a_room,
    wait_for_popup,
    wait_for_script,
)

BACK, PANEL, SIDE = "[data-target=sideButton]", "#room-panel", "#room-side"
SIZES = """() => Object.fromEntries(["side", "conversation", "panel"].map((name) => {
    const { width, height } = document.querySelector(`[data-target=${name}]`).getBoundingClientRect();
    return [name, Math.round(width)];
}))"""
HEIGHT_OF_HEAD = "() => document.querySelector('.room-head').getBoundingClientRect().height"
# Whether the row of the open room is within the list.
IS_IN_VIEW = """() => {
    const list = document.querySelector(".side-list").getBoundingClientRect();
    const row = document.querySelector(".side-room[aria-current]").getBoundingClientRect();
    return row.top >= list.top - 1 && row.bottom <= list.bottom + 1;
}"""


def names(page: Page, section: str) -> list[str]:
    return page.locator(f"#side-{section} .side-room-name").all_inner_texts()


def test_rooms_talk_and_panel_stand_side_by_side_without_a_bar_above(new_person: NewPerson) -> None:
    alice = new_person("alice")
    open_room(alice, "Tea")
    page = alice.page
    expect(page.locator(".site-header")).to_have_count(0)
    assert page.evaluate(SIZES) == {"side": 264, "conversation": 1280 - 264, "panel": 0}
    assert page.evaluate(HEIGHT_OF_HEAD) == 52
    # The panel is closed below 1440 pixels until somebody opens it, and then it stays open.
    page.locator("[data-target=panelButton]").press("Enter")
    expect(page.locator("[data-target=panelButton]")).to_have_attribute("aria-expanded", "true")
    wait_for_script(page, "panel_tabs")
    page.locator("#tab-people").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-files")).to_be_focused()
    expect(page.locator("#panel-files")).to_contain_text("No files have been sent yet.")
    page.keyboard.press("End")
    expect(page.locator("#panel-pinned")).to_be_visible()
    page.reload()
    page.wait_for_selector(READY)
    assert page.evaluate(SIZES) == {"side": 264, "conversation": 1280 - 264 - 280, "panel": 280}
    expect(page.locator("#panel-pinned")).to_contain_text("Nothing is pinned in this room.")
    page.locator("[data-target=panelClose]").click()
    expect(page.locator(PANEL)).to_be_hidden()
    expect(page.locator("[data-target=panelButton]")).to_be_focused()
    page.set_viewport_size({"width": 1600, "height": 900})
    page.reload()
    page.wait_for_selector(READY)
    expect(page.locator(PANEL)).to_be_hidden()


def test_on_a_wide_screen_the_panel_is_open_from_the_beginning(new_person: NewPerson) -> None:
    alice = new_person("alice", viewport={"width": 1440, "height": 900})
    open_room(alice, "Tea")
    expect(alice.page.locator(PANEL)).to_be_visible()
    expect(alice.page.locator("[data-target=panelButton]")).to_have_attribute("aria-expanded", "true")


def test_on_a_phone_the_rooms_are_a_screen_and_back_leads_out_of_it(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person, phone=True)
    tea = bob.page.url
    coffee = fill_in_room(bob, "Coffee") if bob.goto("/rooms/new/") else ""
    page = bob.page
    say(alice.page, "Hello")
    expect(page.locator(f"{BACK} .pill")).to_have_text("1")
    assert page.evaluate(HEIGHT_OF_HEAD) == 52
    page.locator(BACK).tap()
    expect(page.locator(SIDE)).to_be_visible()
    expect(page.locator(".side-room", has_text="Tea").locator(".pill")).to_have_text("1")
    assert page.locator(".side-room").first.evaluate("(row) => row.offsetHeight") >= 44
    assert page.evaluate(OVERFLOW) == 0
    assert complaints_of_axe(page) == []
    page.go_back()
    expect(page.locator(SIDE)).to_be_hidden()
    assert page.url == coffee
    page.locator(BACK).tap()
    page.locator(".side-room", has_text="Tea").tap()
    expect(page.locator("[data-target=roomName]")).to_have_text("Tea")
    expect(page.locator(SIDE)).to_be_hidden()
    assert page.url == tea
    # The list is no step of its own on the way back.
    page.go_back()
    expect(page.locator("[data-target=roomName]")).to_have_text("Coffee")
    expect(page.locator(SIDE)).to_be_hidden()


def test_on_a_phone_the_rooms_say_when_something_was_said(new_person: NewPerson) -> None:
    alice = new_person("alice", phone=True)
    open_room(alice, "Tea")
    alice.page.locator(BACK).tap()
    expect(alice.page.locator(".side-room-time")).to_have_text(re.compile(r"^\d+:\d\d [AP]M$"))


def test_the_keyboard_of_a_phone_never_hides_the_composer(new_person: NewPerson) -> None:
    """As Safari tells of it: the window is as large as before, and less of it is seen."""
    alice = new_person("alice", phone=True)
    open_room(alice, "Tea")
    page = alice.page
    show = """(height) => {
        Object.defineProperty(visualViewport, "height", { configurable: true, get: () => height });
        visualViewport.dispatchEvent(new Event("resize"));
    }"""
    bottom = "() => document.querySelector('.composer-place').getBoundingClientRect().bottom"
    wait_for_script(page, "keyboard_space")
    page.evaluate(show, 500)
    assert page.evaluate(bottom) <= 500
    assert page.evaluate("() => document.querySelector('.room-head').getBoundingClientRect().top") == 0
    page.evaluate(show, 844)
    assert page.evaluate(bottom) == 844


def test_on_a_phone_the_panel_is_a_drawer_that_goes_by_a_tap_outside_escape_and_back(new_person: NewPerson) -> None:
    alice = new_person("alice", phone=True)
    url = open_room(alice, "Tea")
    page = alice.page
    for close in (lambda: page.touchscreen.tap(20, 400), lambda: page.keyboard.press("Escape"), page.go_back):
        page.locator("[data-target=panelButton]").tap()
        expect(page.locator(PANEL)).to_be_focused()
        close()
        expect(page.locator(PANEL)).to_be_hidden()
        expect(page.locator("[data-target=panelButton]")).to_be_focused()
        assert page.url == url
        page.wait_for_function("() => history.state === null")


def test_favourites_stand_above_the_others_in_all_tabs(new_person: NewPerson) -> None:
    alice = new_person("alice")
    open_room(alice, "Coffee")
    url = open_room(alice, "Tea")
    tab = go(another_tab_of(alice), url)
    page = alice.page
    assert names(page, "rooms") == ["Tea", "Coffee"]
    open_room_menu(page)
    page.get_by_role("button", name="Favourite", exact=True).press("Enter")
    expect(page.locator("[popovertarget=room-menu]")).to_be_focused()
    for one in (page, tab):
        expect(one.locator("#side-favourites .side-room")).to_have_text("Tea")
        expect(one.locator("#side-rooms .side-room")).to_have_text("Coffee")
    page.reload()
    page.wait_for_selector(READY)
    assert names(page, "favourites") == ["Tea"]
    open_room_menu(page)
    page.get_by_role("button", name="Favourite", exact=True, pressed=True).click()
    expect(tab.locator("[data-section=favourites]")).to_be_hidden()


def test_sections_fold_and_are_filtered_and_the_open_room_stays_in_view(
    new_person: NewPerson, site: servers.Site
) -> None:
    filled = site.fill("talk", "10", "60")
    alice = new_person("alice", sign_up=False)
    alice.come_in(filled["sessions"]["alice"])
    page = go(alice, f"/rooms/{filled['room']}/")
    expect(page.locator("#side-rooms .side-room")).to_have_count(61)
    assert page.evaluate(IS_IN_VIEW)
    for top in (0, 500, 100_000):
        page.locator(".side-list").evaluate("(list, top) => { list.scrollTop = top; }", top)
        assert page.evaluate(IS_IN_VIEW), top
    fold = page.locator("[data-section=rooms] button")
    fold.click()
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(page.locator("#side-rooms .side-room[aria-current]")).to_be_visible()
    assert page.locator("#side-rooms .side-room").count() < 61
    page.reload()
    page.wait_for_selector(READY)
    expect(fold).to_have_attribute("aria-expanded", "false")
    assert page.locator("#side-rooms .side-room").count() < 61
    # Whatever is folded is found.
    field = page.get_by_role("searchbox", name="Filter your rooms")
    field.fill("room 4")
    expect(page.locator("#side-rooms .side-room")).to_have_count(11)
    field.fill("nothing of this name")
    expect(page.locator("[data-target=sideNothing]")).to_have_text("None of your rooms is called that.")
    field.fill("room 44")
    field.press("Enter")
    expect(page.locator("[data-target=roomName]")).to_have_text("Room 44")
    expect(field).to_have_value("")


def test_ones_own_menu_has_what_the_bar_of_the_site_had(new_person: NewPerson) -> None:
    alice = new_person("alice")
    open_room(alice, "Tea")
    page = alice.page
    page.locator("[popovertarget=you-menu]").press("Enter")
    menu = page.locator("#you-menu")
    wait_for_popup(page, "#you-menu")
    expect(menu.get_by_role("link")).to_have_text(["Your account", "Language and look"])
    page.keyboard.press("ArrowDown")
    expect(menu.get_by_role("link", name="Your account")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(menu.get_by_role("button", name="Log out")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("[popovertarget=you-menu]")).to_be_focused()
    page.locator("[popovertarget=you-menu]").click()
    menu.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in").first).to_be_visible()
