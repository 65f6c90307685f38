"""The Django admin in a browser: its buttons work under the strict CSP, and axe finds nothing of ours."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPerson, Person
from tests.browser.test_accessibility import complaints_of_axe
from tests.browser.test_first_light import open_room, say, wait_for_words

PAGES = [
    "", "accounts/user/", "accounts/auditentry/", "rooms/room/", "rooms/membership/", "rooms/message/",
    "rooms/invitation/", "rooms/report/", "rooms/report/?outcome=all", "rooms/room/?deleted=yes",
]  # fmt: skip
FIRST_ROW = "#result_list tbody tr:first-of-type th a"
MAKE_ADMIN = """
from accounts.models import User
User.objects.filter(username="alice").update(is_staff=True, is_superuser=True)
"""


# Django's own: the search box is labelled by a picture, and so are the boxes to choose groups from.
DJANGOS = ("label-title-only: #searchbar", "aria-prohibited-attr: label[for", "aria-prohibited-attr: #id_")


@pytest.fixture
def alice(new_person: NewPerson) -> Person:
    """She looks after the site, and has a room in which she has said something."""
    alice = new_person("alice")
    open_room(alice, "Tea")
    say(alice.page, "Hello")
    wait_for_words(alice.page, 1)
    alice.site.manage("shell", "-c", MAKE_ADMIN)
    alice.goto("/admin/")
    return alice


def every_admin_page(desk: Page) -> Iterator[Page]:
    """Lead to each list, and to the page of its first row."""
    root = desk.url
    for path in PAGES:
        desk.goto(root + path)
        yield desk
        if desk.locator(FIRST_ROW).count():
            desk.locator(FIRST_ROW).first.click()
            desk.wait_for_selector("#content-main")
            yield desk


def test_no_browser_complains_of_any_page_of_the_admin(alice: Person) -> None:
    # What a browser complains of, the fixture reports.
    assert sum(1 for _ in every_admin_page(alice.page)) > len(PAGES)


def test_axe_finds_nothing_of_ours_on_the_pages_of_the_admin(alice: Person) -> None:
    # axe looks at style sheets by way of inline ones.
    alice.forgive("inline")
    found = {page.url: complaints_of_axe(page) for page in every_admin_page(alice.page)}
    ours = [f"{url}: {one}" for url, all_of_it in found.items() for one in all_of_it if not one.startswith(DJANGOS)]
    assert ours == []


def test_a_room_is_deleted_and_restored_with_buttons(alice: Person) -> None:
    desk = alice.page
    desk.goto(f"{desk.url}rooms/room/")
    desk.click(FIRST_ROW)
    expect(desk.locator("#members-heading")).to_be_visible()
    page = re.compile(re.escape(desk.url))
    desk.click("input[type=submit][value=Delete]")
    expect(desk.locator("#content")).to_contain_text("Tea")
    desk.click("input[type=submit][value='Delete these rooms']")
    expect(desk).to_have_url(page)
    desk.click("input[type=submit][value=Restore]")
    expect(desk.locator(".messagelist")).to_contain_text("Done for 1 row.")
    expect(desk.locator("input[type=submit][value=Delete]")).to_be_visible()
