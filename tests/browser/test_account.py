"""Somebody's account, seen by others while it changes: devices, coming back, keeping it, invitations, deleting it."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import servers
from tests.browser.conftest import DESKTOP, FLAGS, PASSWORD, NewPerson, Person
from tests.browser.rooms import READY, join, open_room, say, two_in_a_room, wait_for_words

pytestmark = pytest.mark.browser


def log_in(person: Person, username: str) -> Page:
    page = person.goto("/accounts/login/")
    page.fill("[name=login]", username)
    page.fill("[name=password]", PASSWORD)
    page.locator("form:has([name=password]) [type=submit]").click()
    page.wait_for_url(lambda url: urlsplit(url).path == "/rooms/")
    return page


def test_one_comes_back_to_the_room_where_one_was_and_logs_in_to_the_list(new_person: NewPerson) -> None:
    alice = new_person("alice")
    url = open_room(alice, "Tea")
    alice.goto("/accounts/profile/")
    alice.goto("/")
    assert alice.page.url == url
    alice.page.locator("[popovertarget=you-menu]").click()
    alice.page.get_by_role("button", name="Log out").click()
    alice.page.wait_for_url(alice.site.url + "/")
    log_in(alice, "alice")


def test_after_logging_out_the_back_button_shows_nothing_of_the_account(browser: Browser, site: servers.Site) -> None:
    # Playwright turns off what a browser keeps of the pages behind, whole.
    usual = ["--disable-back-forward-cache"]
    keeping = browser.browser_type.launch(
        executable_path=servers.need("chromium-headless-shell"), args=FLAGS, ignore_default_args=usual
    )
    try:
        alice = Person("alice", keeping.new_context(**DESKTOP), site)
        alice.sign_up()
        alice.goto("/accounts/email/")
        page = alice.goto("/accounts/profile/")
        # What a browser keeps all the same is not shown before it has come anew: WebKit does so without encryption.
        page.evaluate("() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
        assert page.locator("html").evaluate("(html) => (html.kept = true) && html.hidden")
        page.evaluate("() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
        page.wait_for_function("() => !document.documentElement.kept && !document.documentElement.hidden")
        page.get_by_role("button", name="Log out").click()
        page.wait_for_url(site.url + "/")
        for _ in range(2):
            page.go_back()
            page.wait_for_url(lambda url: urlsplit(url).path == "/accounts/login/")
            expect(page.get_by_role("button", name="Log out")).to_have_count(0)
    finally:
        keeping.close()


def test_ending_a_device_s_session_closes_its_room_at_once(new_person: NewPerson) -> None:
    alice = new_person("alice")
    url = open_room(alice, "Tea")
    phone = new_person("phone", sign_up=False, phone=True)
    log_in(phone, "alice")
    phone.goto(urlsplit(url).path).wait_for_selector(READY)
    page = alice.goto("/accounts/sessions/")
    page.locator("main form [type=submit]").first.click()
    expect(phone.page.locator("#ending")).to_be_visible()
    expect(phone.page.locator("#ending")).to_contain_text("Log in")


def test_a_guest_keeps_the_account_with_rooms_and_words(new_person: NewPerson) -> None:
    alice = new_person("alice")
    url = open_room(alice, "Tea")
    guest = new_person("grace", sign_up=False)
    page = guest.goto("/accounts/guest/")
    page.fill("[name=display_name]", "Grace")
    page.locator("form:has([name=display_name]) [type=submit]").click()
    join(guest, "Tea")
    say(page, "I think I will stay")
    wait_for_words(page, 1)
    page = guest.goto("/accounts/keep/")
    page.fill("[name=email]", "grace@example.org")
    page.fill("[name=username]", "grace")
    page.fill("[name=password1]", PASSWORD)
    page.locator("form:has([name=password1]) [type=submit]").click()
    page.wait_for_url(lambda url: "/keep/" not in url)
    page = guest.goto(urlsplit(url).path)
    assert [words for _, words in wait_for_words(page, 1)] == ["I think I will stay"]
    expect(page.locator(".message .message-head").first).to_contain_text("@grace")


def test_a_deleted_account_s_words_stay_under_nobody_s_name(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person)
    say(bob.page, "Remember me")
    wait_for_words(alice.page, 1)
    page = bob.goto("/accounts/delete/")
    page.fill("main [name=proof]", PASSWORD)
    page.locator("main form [type=submit]").click()
    page.wait_for_url(lambda url: "/delete/" not in url)
    expect(alice.page.locator(".message .message-name")).to_have_text("deleted account")
    assert [words for _, words in wait_for_words(alice.page, 1)] == ["Remember me"]


def test_by_invitation_only_the_link_lets_one_person_in(new_person: NewPerson, site: servers.Site) -> None:
    site.manage(
        "shell",
        "-v0",
        "-c",
        "from accounts.models import Invitation, SiteSettings;"
        "SiteSettings.objects.update_or_create(pk=1, defaults={'sign_up': 'invitation'});"
        "Invitation.objects.create(code='come-in', uses_left=1)",
    )
    alice, bob = new_person("alice", sign_up=False), new_person("bob", sign_up=False)
    sign_up_by(alice, "come-in")
    alice.page.wait_for_url(lambda url: urlsplit(url).path == "/rooms/")
    sign_up_by(bob, "come-in")
    expect(bob.page.get_by_text("This invitation is not good any more")).to_be_visible()


def sign_up_by(person: Person, invitation: str) -> None:
    page = person.goto(f"/accounts/signup/?invitation={invitation}")
    page.fill("[name=email]", f"{person.name}@example.org")
    page.fill("[name=username]", person.name)
    page.fill("[name=password1]", PASSWORD)
    page.locator("form:has([name=password1]) [type=submit]").click()
