"""A room with more unread messages than fill a screen opens where they begin."""

import time

import pytest
from playwright.sync_api import Page, expect

from tests import servers
from tests.browser.axe import complaints_of_axe
from tests.browser.conftest import NewPerson, Person
from tests.browser.rooms import READY, say
from tests.browser.scrolling import ROWS_BELOW_ALL, scroll_until, watch_rows

MESSAGES, UNREAD = 300, 200
# The two first rows tell of the room and of bob.
FIRST = MESSAGES + 2 - UNREAD + 1
LINE = ".new-line"
NEWEST = "[data-target=newestButton]"
# What the server says of bob's own list of rooms.
UNREAD_THERE = """async () => {
    const answer = await fetch("/api/v1/rooms?scope=mine");
    const { rooms } = await answer.json();
    return rooms.find(({ name }) => name === "Room 0").unread;
}"""


def two_in_it(new_person: NewPerson, site: servers.Site, unread: int, **options: bool) -> tuple[Person, Person, str]:
    filled = site.fill("talk", str(MESSAGES), "1", str(unread))
    alice, bob = (new_person(name, sign_up=False, **options) for name in ("alice", "bob"))
    for person in (alice, bob):
        person.come_in(filled["sessions"][person.name])
    return alice, bob, f"/rooms/{filled['room']}/"


def wait_for_unread(page: Page, most: int) -> int:
    """Wait until the server says that no more than this is unread, and return how much is."""
    until = time.monotonic() + 60
    while (unread := int(page.evaluate(UNREAD_THERE))) > most:
        assert time.monotonic() < until, unread
        page.wait_for_timeout(200)
    return unread


def line_of(page: Page) -> int:
    """The row with which the unread begins."""
    return int(page.locator(".entry", has=page.locator(LINE)).get_attribute("data-seq") or 0)


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_it_opens_at_the_first_one_and_reading_goes_on_from_there(
    new_person: NewPerson, site: servers.Site, phone: bool
) -> None:
    alice, bob, path = two_in_it(new_person, site, UNREAD, phone=phone)
    page = bob.goto(path)
    page.wait_for_selector(READY)
    expect(page.locator(LINE)).to_be_in_viewport()
    assert line_of(page) == FIRST
    assert complaints_of_axe(page) == []
    # What is on the screen has been read, and no more.
    assert wait_for_unread(page, UNREAD - 1) > UNREAD - 40
    watch_rows(page)
    # It has to have been on the screen: the rows below come before that.
    row = f"document.getElementById('m{FIRST + 60}')"
    seen = f"{row}?.getBoundingClientRect().bottom < view.getBoundingClientRect().bottom"
    scroll_until(page, "view.scrollTop + 300", seen)
    left = wait_for_unread(page, UNREAD - 50)
    assert left > 0
    page.reload()
    page.wait_for_selector(READY)
    expect(page.locator(LINE)).to_be_in_viewport()
    assert line_of(page) >= MESSAGES + 2 - left + 1
    scroll_until(page, "view.scrollHeight", f"document.querySelector('{NEWEST}').hidden")
    wait_for_unread(page, 0)
    say(alice.goto(path), "Good, you are here.")
    expect(page.locator(".log .message-body", has_text="Good, you are here.")).to_be_in_viewport()
    wait_for_unread(page, 0)
    page.reload()
    page.wait_for_selector(READY)
    expect(page.locator(LINE)).to_have_count(0)


def test_who_goes_to_the_newest_has_read_all(new_person: NewPerson, site: servers.Site) -> None:
    _, bob, path = two_in_it(new_person, site, UNREAD)
    page = bob.goto(path)
    page.wait_for_selector(READY)
    page.click(NEWEST)
    wait_for_unread(page, 0)
    assert page.evaluate(ROWS_BELOW_ALL) == MESSAGES + 2


def test_a_link_into_the_unread_marks_none_of_it_as_read(new_person: NewPerson, site: servers.Site) -> None:
    alice, bob, path = two_in_it(new_person, site, UNREAD)
    page = bob.goto(f"{path}at/{FIRST + 100}/")
    page.wait_for_selector(READY)
    expect(page.locator(".entry[aria-current]")).to_be_in_viewport()
    # Longer than it takes to tell: what alice says afterwards has come.
    for words in ("One more", "And one more"):
        say(alice.goto(path), words)
        expect(page.locator(NEWEST)).to_contain_text("new message")
    assert page.evaluate(UNREAD_THERE) >= UNREAD + 1


def test_few_unread_messages_are_marked_at_the_live_end(new_person: NewPerson, site: servers.Site) -> None:
    _, bob, path = two_in_it(new_person, site, 5)
    page = bob.goto(path)
    page.wait_for_selector(READY)
    expect(page.locator(LINE)).to_be_in_viewport()
    assert line_of(page) == MESSAGES + 2 - 5 + 1
    assert page.evaluate(ROWS_BELOW_ALL) == MESSAGES + 2
    expect(page.locator(NEWEST)).to_be_hidden()
