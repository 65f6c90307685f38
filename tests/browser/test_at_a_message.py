"""What can be done about a message: by the bar over it, by its menu, and on a phone by a sheet."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPerson
from tests.browser.rooms import say, two_in_a_room, wait_for_words

BAR = ".message-bar"
SHEET = ".menu.is-sheet"
# Where the rows of the log stand.
PLACES = """() => [...document.querySelectorAll("#transcript .entry")].map((entry) => {
    const { top, height } = entry.getBoundingClientRect();
    return [top, height];
})"""
LONG_PRESS_MS = 900


def tools(page: Page) -> list[str]:
    names = page.locator(f"{BAR} button").evaluate_all("(tools) => tools.map((tool) => tool.ariaLabel)")
    return [str(name) for name in names]


def message(page: Page, words: str) -> Locator:
    return page.locator("#transcript .log .message", has_text=words)


def long_press(page: Page, place: Locator) -> None:
    """Rest a finger on the words of a message, and lift it."""
    box = place.locator(".message-body").bounding_box()
    assert box is not None
    point = {"x": box["x"] + 20, "y": box["y"] + box["height"] / 2}
    wire = page.context.new_cdp_session(page)
    wire.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    page.wait_for_timeout(LONG_PRESS_MS)
    wire.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_bar_comes_to_the_message_under_the_pointer_and_moves_nothing(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person)
    page = alice.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    say(page, "Mine, with *marks*")
    say(bob.page, "His")
    wait_for_words(page, 2)
    places = page.evaluate(PLACES)
    message(page, "Mine").hover()
    expect(page.locator(BAR)).to_be_visible()
    assert tools(page) == ["Copy text", "Copy link", "Pin"]
    page.locator(f"{BAR} button").first.click()
    expect(page.locator("[data-target=toast]")).to_have_text("The text is copied.")
    assert page.evaluate("() => navigator.clipboard.readText()") == "Mine, with *marks*"
    message(page, "His").hover()
    expect(page.locator(f"{BAR} + .message-more")).to_have_accessible_name("More about this message of bob: His")
    assert tools(page) == ["Copy text", "Copy link", "Pin", "Message privately"]
    assert page.evaluate(PLACES) == places
    page.locator("#composer-field").click()
    expect(page.locator(BAR)).to_have_count(0)

    # By keys: from the message to what can be done, and to the rest of it.
    page.keyboard.press("Escape")
    expect(page.locator("article:focus")).to_contain_text("Mine")
    page.keyboard.press("ArrowDown")
    expect(page.locator("article:focus")).to_contain_text("His")
    expect(page.locator(f"{BAR} + .message-more")).to_have_accessible_name("More about this message of bob: His")
    expect(page.locator(BAR)).to_be_visible()
    for name in tools(page):
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_accessible_name(name)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Report…")).to_be_visible()
    page.keyboard.press("Escape")

    # Words to him alone, without a page that is loaded.
    page.evaluate("() => { window.isSamePage = true; }")
    page.get_by_role("button", name="Message privately").click()
    expect(page.locator("[data-target=roomName]")).to_have_text("bob")
    expect(page.locator("#side-directs [aria-current=page] .side-room-name")).to_have_text("bob")
    assert page.evaluate("() => window.isSamePage")
    say(page, "Only for you.")
    wait_for_words(page, 1)
    message(page, "Only for you").hover()
    assert tools(page) == ["Copy text", "Copy link"]


def test_on_a_phone_a_finger_that_stays_opens_a_sheet_which_a_tap_beside_it_and_back_close(
    new_person: NewPerson,
) -> None:
    alice, bob = two_in_a_room(new_person, phone=True)
    page = bob.page
    say(alice.page, "Press me")
    wait_for_words(page, 1)
    room = page.url
    long_press(page, message(page, "Press me"))
    items = page.locator(f"{SHEET} .menu-item")
    expect(items).to_have_text(
        ["Copy text", "Copy link", "Message privately", "Write to them from here", "Block", "Report…"]
    )
    # The finger was lifted over it, and chose nothing.
    page.wait_for_timeout(300)
    expect(items.first).to_be_visible()
    assert min(item["height"] for item in map(Locator.bounding_box, items.all()) if item) >= 44
    page.touchscreen.tap(180, 100)
    expect(page.locator("[data-target=menu]")).to_be_hidden()
    long_press(page, message(page, "Press me"))
    expect(items.first).to_be_visible()
    page.evaluate("() => history.back()")
    expect(page.locator("[data-target=menu]")).to_be_hidden()
    assert page.url == room

    # What leads away leaves no sheet in the history.
    long_press(page, message(page, "Press me"))
    page.get_by_role("menuitem", name="Message privately").tap()
    expect(page.locator("[data-target=roomName]")).to_have_text("alice")
    page.evaluate("() => history.back()")
    expect(page.locator("[data-target=roomName]")).to_have_text("Tea")
    assert page.url == room
    # A finger that moves scrolls.
    expect(page.locator("[data-target=menu]")).to_be_hidden()
