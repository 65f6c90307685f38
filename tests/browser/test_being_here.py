"""Who is here is the truth, and nothing that one has begun to write is lost."""

from playwright.sync_api import expect

from tests import servers
from tests.browser.conftest import NewPerson
from tests.browser.rooms import (
    READY,
    another_device_of,
    go,
    join,
    open_room,
    say,
    two_in_a_room,
    wait_for_people,
    wait_for_words,
)

# Longer than the room waits before it says that somebody has gone.
LONGER_THAN_GRACE_MS = 6_000
NEWS = "[data-target=toast]"
WATCH_NEWS = """() => {
    window.news = [];
    const place = document.querySelector("[data-target=toast]");
    new MutationObserver(() => place.textContent && window.news.push(place.textContent))
        .observe(place, { childList: true });
}"""


def test_three_people_see_who_enters_and_who_leaves_and_nothing_of_a_reload(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person)
    wait_for_people(alice.page, "alice", "bob")
    # Bob's own coming is told, and its sentence gone, before we listen.
    alice.page.wait_for_timeout(2_000)
    alice.page.evaluate(WATCH_NEWS)
    charlie = new_person("charlie")
    join(charlie, "Tea")
    for person in (alice, bob, charlie):
        wait_for_people(person.page, "alice", "bob", "charlie")
    expect(alice.page.locator(NEWS)).to_have_text("charlie came in.")
    bob.page.reload()
    bob.page.wait_for_selector(READY)
    alice.page.wait_for_timeout(LONGER_THAN_GRACE_MS)
    charlie.goto("/rooms/")
    wait_for_people(alice.page, "alice", "bob")
    expect(alice.page.locator(NEWS)).to_have_text("charlie went away.")
    assert alice.page.evaluate("() => window.news") == ["charlie came in.", "charlie went away."]


def test_who_writes_is_seen_writing_until_their_words_come(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person)
    line = alice.page.locator("[data-target=typing]")
    # Typing is shown from the moment that the socket is welcomed.
    wait_for_people(bob.page, "alice", "bob")
    wait_for_people(alice.page, "alice", "bob")
    bob.page.locator("#composer-field").press_sequentially("Hello")
    expect(line).to_have_text("bob is typing…")
    expect(line).to_have_attribute("aria-hidden", "true")
    bob.page.press("#composer-field", "Enter")
    expect(line).to_have_text("")
    expect(bob.page.locator("[data-target=typing]")).to_have_text("")
    # It is told once in three seconds.
    bob.page.wait_for_timeout(3_000)
    bob.page.locator("#composer-field").press_sequentially("And")
    expect(line).to_have_text("bob is typing…")
    expect(line).to_have_text("")


def test_who_looks_at_something_else_is_away(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person)
    hide = """(hidden) => {
        Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    bob.page.evaluate(hide, True)
    bobs = alice.page.locator("#people .person", has_text="bob")
    expect(bobs).to_contain_text("(away)")
    bob.page.evaluate(hide, False)
    expect(bobs).not_to_contain_text("(away)")


def test_another_display_name_is_seen_at_once_wherever_it_stands(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person)
    say(bob.page, "It is me.")
    wait_for_words(alice.page, 1)
    elsewhere = another_device_of(bob, new_person)
    page = elsewhere.goto("/accounts/profile/")
    page.fill("[name=display_name]", "Robert")
    page.locator("main form [type=submit]").first.click()
    expect(alice.page.locator(".message .message-name")).to_have_text("Robert")
    expect(alice.page.locator(".message .message-username")).to_have_text("@bob")
    expect(alice.page.locator("#people")).to_contain_text("Robert @bob")
    expect(alice.page.locator(".system-message", has_text="joined")).to_contain_text("Robert (@bob) joined.")
    expect(bob.page.locator(".message .message-name")).to_have_text("Robert")
    expect(bob.page.locator(".side-you-name")).to_have_text("Robert @bob")


def test_a_draft_is_kept_in_its_room_through_a_reload_and_a_closed_tab(new_person: NewPerson) -> None:
    alice = new_person("alice")
    coffee, tea = open_room(alice, "Coffee"), open_room(alice, "Tea")
    alice.page.fill("#composer-field", "A draft for tea")
    alice.page.reload()
    alice.page.wait_for_selector(READY)
    assert alice.page.input_value("#composer-field") == "A draft for tea"
    go(alice, coffee)
    assert alice.page.input_value("#composer-field") == ""
    alice.page.fill("#composer-field", "A draft for coffee")
    # Longer than the page waits before it keeps a draft: a tab may end without a word.
    alice.page.wait_for_timeout(600)
    alice.page.close(run_before_unload=False)
    alice.page = alice.context.new_page()
    go(alice, coffee)
    assert alice.page.input_value("#composer-field") == "A draft for coffee"
    go(alice, tea)
    assert alice.page.input_value("#composer-field") == "A draft for tea"


def test_unsent_words_are_kept_through_a_closed_tab_and_go_once(new_person: NewPerson, site: servers.Site) -> None:
    alice, bob = two_in_a_room(new_person)
    url = alice.page.url
    site.stop()
    expect(alice.page.get_by_text("Connection lost")).to_be_visible()
    say(alice.page, "Written while nobody listened")
    alice.page.close()
    alice.page = alice.context.new_page()
    site.start()
    go(alice, url)
    assert [words for _, words in wait_for_words(alice.page, 1)] == ["Written while nobody listened"]
    assert len(wait_for_words(bob.page, 1)) == 1


def test_the_title_counts_what_came_while_one_looked_elsewhere(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person)
    title = alice.page.title()
    alice.page.evaluate("() => Object.defineProperty(document, 'hidden', { configurable: true, get: () => true })")
    for number in range(3):
        say(bob.page, f"message {number}")
    expect(alice.page).to_have_title(f"(3) {title}")
    alice.page.evaluate("""() => {
        Object.defineProperty(document, "hidden", { configurable: true, get: () => false });
        document.dispatchEvent(new Event("visibilitychange"));
    }""")
    expect(alice.page).to_have_title(title)


def test_the_side_bar_tells_what_is_unread_in_ones_other_rooms(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person)
    tea = alice.page.url
    open_room(alice, "Coffee")
    say(bob.page, "Where are you?")
    wait_for_words(bob.page, 1)
    link = alice.page.locator(".side-room", has_text="Tea")
    expect(link).to_contain_text("1 unread")
    link.click()
    alice.page.wait_for_url(tea)
    expect(alice.page.locator(".side-room[aria-current=page]")).to_have_text("Tea")


def test_a_guest_comes_in_with_a_name_talks_and_is_remembered(new_person: NewPerson) -> None:
    alice = new_person("alice")
    open_room(alice, "Tea")
    guest = new_person("guest", sign_up=False)
    page = guest.goto("/")
    page.fill("[name=display_name]", "Grace")
    page.locator("form:has([name=display_name]) [type=submit]").click()
    join(guest, "Tea")
    say(page, "Hello from a guest")
    assert [words for _, words in wait_for_words(alice.page, 1)] == ["Hello from a guest"]
    expect(alice.page.locator(".message .message-name")).to_have_text("Grace")
    guest.page.close()
    guest.page = guest.context.new_page()
    page = guest.goto("/")
    expect(page.get_by_role("heading", name="Tea", level=1)).to_be_visible()
