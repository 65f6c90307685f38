"""The Django admin in a browser: its buttons work under the strict CSP, and axe finds nothing of ours."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import complaints_of_axe
from tests.browser.conftest import NewPerson, Person
from tests.browser.rooms import open_room, say, wait_for_words

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


def every_admin_page(staff: Page) -> Iterator[Page]:
    """Lead to each list, and to the page of its first row."""
    root = staff.url
    for path in PAGES:
        staff.goto(root + path)
        yield staff
        if staff.locator(FIRST_ROW).count():
            staff.locator(FIRST_ROW).first.click()
            staff.wait_for_selector("#content-main")
            yield staff


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
    staff = alice.page
    staff.goto(f"{staff.url}rooms/room/")
    staff.click(FIRST_ROW)
    expect(staff.locator("#members-heading")).to_be_visible()
    page = re.compile(re.escape(staff.url))
    staff.click("input[type=submit][value=Delete]")
    expect(staff.locator("#content")).to_contain_text("Tea")
    staff.click("input[type=submit][value='Delete these rooms']")
    expect(staff).to_have_url(page)
    staff.click("input[type=submit][value=Restore]")
    expect(staff.locator(".messagelist")).to_contain_text("Done for 1 row.")
    expect(staff.locator("input[type=submit][value=Delete]")).to_be_visible()
