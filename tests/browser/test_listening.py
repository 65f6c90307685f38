"""What people hear who use a screen reader, as far as a browser can tell: live regions, names, the focus."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests import servers
from tests.browser.conftest import NewPerson
from tests.browser.hearing import listen, wait_to_hear
from tests.browser.rooms import open_panel, say as write, two_in_a_room, wait_for_script, wait_for_words

# A region that is not displayed while it is empty is silent when it fills.
UNHEARD = """() => [...document.querySelectorAll("[aria-live]:not([aria-live=off]), [role=status], [role=alert]")]
    .filter((region) => !region.hidden && !region.closest("dialog:not([open])") && !region.getClientRects().length)
    .map((region) => region.outerHTML)"""

# Whether one sees what has the focus.
MARKED = """() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
    const { top, bottom, width } = document.activeElement.getBoundingClientRect();
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && width > 0 && bottom > 0 && top < innerHeight;
}"""


def test_the_hint_of_a_username_and_all_that_is_said_in_a_room_are_heard(new_person: NewPerson) -> None:
    alice, _ = two_in_a_room(new_person)
    assert alice.page.evaluate(UNHEARD) == []
    page = new_person("stranger", sign_up=False).goto("/accounts/signup/")
    assert page.evaluate(UNHEARD) == []
    listen(page)
    page.fill("[name=username]", "alice")
    wait_to_hear(page, "Somebody has this username")


def test_what_is_sent_refused_and_for_whom_it_is_can_be_heard(
    new_person: NewPerson, site: servers.Site, tmp_path: Path
) -> None:
    alice, _ = two_in_a_room(new_person)
    page, field = alice.page, alice.page.locator("#composer-field")
    expect(field).to_have_accessible_description("")
    listen(page)
    # A file that is chosen, and one that all have.
    (tmp_path / "notes.txt").write_text("one\n")
    page.set_input_files("[data-target=fileField]", tmp_path / "notes.txt")
    wait_to_hear(page, "To send: notes.txt")
    field.press("Enter")
    wait_to_hear(page, "Sent: notes.txt")
    # Enter on what is too long says so each time.
    field.fill("x" * 10_001)
    wait_to_hear(page, "at most")
    field.press("Enter")
    wait_to_hear(page, "at most")
    field.fill("")
    # Words for one person alone.
    open_panel(page)
    page.locator("#people [data-user]").first.press("Enter")
    page.get_by_role("menuitem", name="Write to them from here").press("Enter")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description("Privately to bob")
    page.get_by_role("button", name="Write to everyone").press("Enter")
    expect(field).to_have_accessible_description("")
    # The connection goes and comes back.
    site.stop()
    wait_to_hear(page, "Connection lost.")
    site.start()
    wait_to_hear(page, "Connected again.")


def test_the_focus_stays_with_a_message_that_is_folded_away_and_shown(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person)
    page = bob.page
    write(alice.page, "Something tiresome.")
    wait_for_words(page, 1)
    open_menu(page, "Block")
    show = page.get_by_role("button", name="Show")
    expect(show).to_be_focused()
    show.press("Enter")
    expect(page.locator(".message-more").last).to_be_focused()
    open_menu(page, "Unblock")
    expect(page.locator(".fold")).to_have_count(0)
    expect(page.locator(".message-more").last).to_be_focused()


def test_the_talk_is_walked_by_headings_and_messages_and_read_without_marks(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person)
    page, articles = bob.page, bob.page.locator("#transcript .log article")
    listen(page)
    write(alice.page, "Say **yes** to `tea`")
    wait_to_hear(page, "alice: Say yes to tea")
    write(alice.page, "One\ntwo " + "and so on " * 30)
    wait_for_words(page, 2)
    expect(page.locator("#transcript [role=heading][aria-level='2'] time")).to_have_count(1)
    expect(articles.nth(-2)).to_have_accessible_name(re.compile(r"^alice, \S.*: Say yes to tea$"))
    expect(articles.last).to_have_accessible_name(re.compile(r"^alice, \S.*: One two (and so on )+an…$"))
    more = articles.nth(-2).locator(".message-more")
    expect(more).to_have_accessible_name("More about this message of alice: Say yes to tea")
    # The arrows lead from message to message, whose words are read out whole then.
    page.keyboard.press("Escape")
    expect(articles.last).to_be_focused()
    expect(articles.last).to_have_accessible_name(re.compile(r": One two (and so on ){29}and so on$"))
    page.keyboard.press("ArrowUp")
    expect(articles.nth(-2)).to_be_focused()
    assert page.evaluate(MARKED)
    page.keyboard.press("Enter")
    expect(page.locator(".menu-item").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(more).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#transcript .system-message").last).to_be_focused()
    expect(page.locator("#transcript .system-message").last).to_have_accessible_name(re.compile(r"^bob joined\. \S"))


def test_what_is_typed_anywhere_is_written_and_the_focus_is_always_seen(new_person: NewPerson) -> None:
    alice, _ = two_in_a_room(new_person)
    page, field = alice.page, alice.page.locator("#composer-field")
    write(page, "Who is in?")
    wait_for_words(page, 1)
    page.locator(".message-body").click()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    for place in (".message-body", ".message"):
        page.locator(place).click()
        page.keyboard.type("fine, I am in")
        expect(field).to_have_value("fine, I am in")
        field.fill("")
    page.locator("[data-target=attachButton]").focus()
    page.keyboard.type("r?")
    expect(field).to_have_value("r?")
    field.fill("")
    # Around the parts of the page, and back.
    open_panel(page)
    field.focus()
    for part in ("#room-panel", "#room-side", "#transcript .log > :last-child article", "#composer-field"):
        page.keyboard.press("F6")
        expect(page.locator(part)).to_be_focused()
        assert page.evaluate(MARKED), part
    page.keyboard.press("Shift+F6")
    expect(page.locator("#transcript .log > :last-child article")).to_be_focused()
    page.keyboard.press("p")
    expect(page.locator("#room-panel")).to_be_focused()
    # Closed, it is no part of the page.
    page.locator("[data-target=panelClose]").press("Enter")
    expect(page.locator("[data-target=panelButton]")).to_be_focused()
    field.focus()
    page.keyboard.press("F6")
    expect(page.locator("#room-side")).to_be_focused()
    # From one end of the page to the other.
    page.focus(".skip-link")
    unmarked, seen = [], 0
    while True:
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement === document.body") or seen > 60:
            break
        seen += 1
        if not page.evaluate(MARKED):
            unmarked.append(page.evaluate("() => document.activeElement.outerHTML.slice(0, 120)"))
    assert 10 < seen <= 60
    assert unmarked == []


def open_menu(page: Page, item: str) -> None:
    page.locator(".message-more").last.press("Enter")
    page.get_by_role("menuitem", name=item).press("Enter")


def test_a_dialog_says_what_it_is_and_an_ending_why(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person)
    page = bob.page
    write(alice.page, "Something dreadful.")
    wait_for_words(page, 1)
    listen(page)
    for menu, opener, title in [
        ("[popovertarget=you-menu]", "[data-shows=keys]", "Keys"),
        ("[popovertarget=room-menu]", "[data-opens=leave-dialog]", "Leave this room?"),
    ]:
        page.locator(menu).press("Enter")
        wait_for_script(page, "popups")
        page.locator(opener).press("Enter")
        wait_to_hear(page, title)
        page.keyboard.press("Escape")
        expect(page.locator(menu)).to_be_focused()
    open_menu(page, "Report…")
    wait_to_hear(page, "Report this message?")
    page.get_by_role("button", name="Report", exact=True).click()
    wait_to_hear(page, "Thank you.")
    settings = alice.goto(f"{urlsplit(page.url).path}settings/")
    settings.locator("[data-person=bob] .btn-outline-danger").click()
    settings.locator("form [type=submit].btn-danger").click()
    expect(page.locator("#ending")).to_be_visible()
    wait_to_hear(page, f"You are not in this room any more {page.locator('#ending-sentence').inner_text()}")
    assert page.locator("#ending-sentence").inner_text()
