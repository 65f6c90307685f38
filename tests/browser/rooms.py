"""What people do in a room, at their browsers."""

from copy import copy
from urllib.parse import urlsplit

from playwright.sync_api import Page

from tests.browser.conftest import NewPerson, Person

# Rows as the page shows them: seq and words, in the order of the page.
ROWS = """() => [...document.querySelectorAll("#transcript .log .entry")]
    .filter((entry) => entry.querySelector(".message-body"))
    .map((entry) => [Number(entry.dataset.seq), entry.querySelector(".message-body").innerText.trim()])"""
# The button waits for the page's script, and so must who types as fast as a test does.
READY = ".composer-send:not([disabled])"
UNSENT = "() => document.querySelectorAll('#transcript .sending .entry').length"


def open_room(person: Person, name: str) -> str:
    person.goto("/rooms/new/")
    return fill_in_room(person, name)


def fill_in_room(person: Person, name: str) -> str:
    page = person.page
    page.fill("[name=name]", name)
    page.locator("form:has([name=name]) [type=submit]").click()
    page.wait_for_selector(READY)
    return page.url


def join(person: Person, name: str) -> None:
    page = person.goto("/rooms/")
    page.locator("li, article, .card", has_text=name).get_by_role("button", name="Join").first.click()
    page.wait_for_selector(READY)


def say(page: Page, words: str) -> None:
    page.fill("#composer-field", words)
    page.press("#composer-field", "Enter")


def rows(page: Page) -> list[tuple[int, str]]:
    return [(seq, words) for seq, words in page.evaluate(ROWS)]


def wait_for_words(page: Page, count: int) -> list[tuple[int, str]]:
    """Wait until the page shows so many messages and has none left to send."""
    page.wait_for_function(f"(count) => ({ROWS})().length >= count && ({UNSENT})() === 0", arg=count, timeout=60_000)
    return rows(page)


def wait_for_unsent(page: Page, count: int) -> None:
    """Wait until the page, which draws them on its next frame, shows so many words that have not gone out."""
    page.wait_for_function(f"(count) => ({UNSENT})() === count", arg=count)


def two_in_a_room(new_person: NewPerson, **options: bool) -> tuple[Person, Person]:
    alice, bob = new_person("alice", **options), new_person("bob", **options)
    open_room(alice, "Tea")
    join(bob, "Tea")
    return alice, bob


def go(person: Person, url: str) -> Page:
    page = person.goto(urlsplit(url).path)
    page.wait_for_selector(READY)
    return page


def open_panel(page: Page, tab: str = "people") -> None:
    """Open the panel at the side of the talk, at one of its tabs."""
    if not page.locator("#room-panel").is_visible():
        page.locator("[data-target=panelButton]").press("Enter")
    wait_for_script(page, "panel_tabs")
    page.locator(f"#tab-{tab}").click()


def open_room_menu(page: Page) -> None:
    page.locator("[popovertarget=room-menu]").press("Enter")
    wait_for_popup(page, "#room-menu")


def wait_for_popup(page: Page, popup: str) -> None:
    """Wait until it is open, and what makes its keys work is there."""
    page.locator(popup).wait_for()
    wait_for_script(page, "popups")


def wait_for_script(page: Page, name: str) -> None:
    loaded = "(name) => performance.getEntriesByType('resource').some((entry) => entry.name.includes(`/${name}.`))"
    page.wait_for_function(loaded, arg=name)
    page.wait_for_timeout(100)


def another_device_of(person: Person, new_person: NewPerson, **options: object) -> Person:
    return new_person(person.name, sign_up=False, storage_state=person.context.storage_state(), **options)


def another_tab_of(person: Person) -> Person:
    tab = copy(person)
    tab.page = person.context.new_page()
    return tab


def wait_for_people(page: Page, *names: str) -> None:
    """Wait until the page shows that these, and nobody else, are present."""
    page.wait_for_function(
        """(names) => {
            const shown = [...document.querySelectorAll("#people .person .person-name bdi:first-child")];
            return shown.map((name) => name.textContent).sort().join() === names;
        }""",
        arg=",".join(sorted(names)),
    )
