"""Words that wait for some seconds, as one has chosen, can be taken back, and are neither lost nor doubled."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPerson, Person
from tests.browser.rooms import READY, fill_in_room, join, open_room, rows, say, wait_for_unsent, wait_for_words

FIELD = "#composer-field"


def choose_time(person: Person, seconds: int) -> None:
    page = person.goto("/accounts/preferences/")
    page.select_option("[name=undo_seconds]", str(seconds))
    page.locator("form:has([name=undo_seconds]) [type=submit]").click()
    page.wait_for_load_state()


def words_of(page: Page) -> list[str]:
    return [words for _, words in rows(page)]


def test_words_are_taken_back_or_go_when_their_time_is_over(new_person: NewPerson) -> None:
    alice, bob = new_person("alice"), new_person("bob")
    choose_time(alice, 5)
    open_room(alice, "Tea")
    join(bob, "Tea")
    page = alice.page
    say(page, "To be regreted")
    expect(page.locator(".sending")).to_contain_text("Goes in 5 seconds")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(FIELD)).to_have_value("To be regreted")
    expect(page.locator(FIELD)).to_be_focused()
    wait_for_unsent(page, 0)
    page.fill(FIELD, "To be regretted")
    page.press(FIELD, "Enter")
    # By the key of undoing, while nothing is written.
    page.keyboard.press("Control+z")
    expect(page.locator(FIELD)).to_have_value("To be regretted")
    page.press(FIELD, "Enter")
    say(page, "And more")
    assert words_of(page) == []
    assert [words for _, words in wait_for_words(bob.page, 2)] == ["To be regretted", "And more"]
    assert wait_for_words(page, 2) == rows(bob.page)


def test_words_that_wait_go_once_when_one_leaves_the_room_or_the_page(new_person: NewPerson) -> None:
    alice, bob = new_person("alice"), new_person("bob")
    open_room(alice, "Coffee")
    choose_time(alice, 5)
    alice.goto("/rooms/new/")
    tea = fill_in_room(alice, "Tea")
    join(bob, "Tea")
    page = alice.page
    say(page, "Before a reload")
    wait_for_unsent(page, 1)
    page.reload()
    page.wait_for_selector(READY)
    wait_for_words(bob.page, 1)
    say(page, "Before another room")
    wait_for_unsent(page, 1)
    page.locator(".side-room", has_text="Coffee").click()
    expect(page.locator("[data-target=roomName]")).to_have_text("Coffee")
    wait_for_words(bob.page, 2)
    page.goto(tea)
    page.wait_for_selector(READY)
    say(page, "Before the end")
    wait_for_unsent(page, 1)
    page.close()
    wait_for_words(bob.page, 3)
    alice.page = alice.context.new_page()
    alice.page.goto(tea)
    said = ["Before a reload", "Before another room", "Before the end"]
    assert [words for _, words in wait_for_words(alice.page, 3)] == said
    # The server takes each once, however often it was sent.
    alice.page.wait_for_timeout(1000)
    assert words_of(alice.page) == words_of(bob.page) == said
