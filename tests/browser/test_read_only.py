"""The site is read-only for a while: two people in a room, by a socket and by polling, lose no word and see why."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import servers
from tests.browser.conftest import NewPerson
from tests.browser.rooms import READY, say, two_in_a_room, wait_for_unsent, wait_for_words

pytestmark = pytest.mark.browser

KEPT = "Kept until the site takes messages again"


@pytest.mark.parametrize("websockets", [True, False])
def test_words_wait_while_the_site_is_read_only(new_person: NewPerson, site: servers.Site, *, websockets: bool) -> None:
    alice, bob = two_in_a_room(new_person, websockets=websockets)
    assert not banner(bob.page).is_visible()

    bob.forgive("status of 503")
    site.manage("readonly", "on")
    for page in (alice.page, bob.page):
        expect(banner(page)).to_be_visible()
    say(bob.page, "Written meanwhile")
    wait_for_unsent(bob.page, 1)
    expect(bob.page.locator("#transcript .is-unsent .message-status > span")).to_have_text(KEPT)
    # The words are in the browser's keeping, and the page can be read from anew.
    bob.page.reload()
    bob.page.wait_for_selector(READY)
    expect(banner(bob.page)).to_be_visible()
    wait_for_unsent(bob.page, 1)
    assert "Written meanwhile" not in alice.page.inner_text("#transcript .log")

    site.manage("readonly", "off")
    for page in (alice.page, bob.page):
        assert wait_for_words(page, 1)[-1][1] == "Written meanwhile"
        expect(banner(page)).to_be_hidden()


def banner(page: Page) -> Locator:
    return page.locator("[data-target=readOnly]")
