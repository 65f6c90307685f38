"""The pages in other languages: words, plurals, and the layout of one that is written from right to left."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import OVERFLOW, complaints_of_axe
from tests.browser.conftest import NewPerson
from tests.browser.pages import come_together, every_page
from tests.browser.rooms import READY, fill_in_room, open_panel, open_room, say, two_in_a_room, wait_for_words


def is_dark(page: Page) -> bool:
    style = "getComputedStyle(document.querySelector('.room-main'))"
    return page.evaluate(f"() => Number({style}.backgroundColor.match(/\\d+/)[0])") < 80


@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desktop"])
def test_every_page_in_arabic_runs_from_right_to_left_and_holds(new_person: NewPerson, phone: bool) -> None:
    cast = come_together(new_person, phone=phone, locale="ar")
    found = {}
    for name, page in every_page(cast):
        assert page.evaluate("() => getComputedStyle(document.body).direction") == "rtl", name
        found[name] = [*complaints_of_axe(page), *filter(None, [page.evaluate(OVERFLOW)])]
    assert {name: complaints for name, complaints in found.items() if complaints} == {}


def test_in_arabic_the_room_is_mirrored(new_person: NewPerson) -> None:
    alice = new_person("alice", locale="ar")
    first = urlsplit(open_room(alice, "شاي")).path
    say(alice.page, "Hello in English")
    wait_for_words(alice.page, 1)
    open_panel(alice.page)
    box = alice.page.evaluate("""() => Object.fromEntries(
        Object.entries({
            rooms: "#room-side", people: "#room-panel", face: ".message > .face", words: ".message-body p",
        })
            .map(([name, selector]) => [name, document.querySelector(selector).getBoundingClientRect().left]),
    )""")
    assert box["people"] < box["words"] < box["face"] < box["rooms"]
    # On a phone its topic stands below its name, whatever language each is in, and a name ends where its own words end.
    page = alice.goto("/rooms/new/")
    page.fill("[name=topic]", "About animals")
    page.check("[name=kind][value=private]")
    page.set_viewport_size({"width": 390, "height": 800})
    name = "The quick brown fox jumps over the lazy dog, and then it sleeps"
    fill_in_room(alice, name)
    box = page.evaluate("""() => {
        const edges = (node) => {
            const range = document.createRange();
            range.selectNodeContents(node);
            const { left, right } = range.getBoundingClientRect();
            return { left, right, start: node.getBoundingClientRect().left };
        };
        const [name, topic] = ["roomName", "roomTopic"].map((name) => document.querySelector(`[data-target=${name}]`));
        const field = getComputedStyle(document.querySelector("#composer-field")).direction;
        return { name: edges(name), topic: edges(topic), title: document.querySelector(".room-titles")
            .getBoundingClientRect(), field };
    }""")
    assert box["topic"]["right"] == pytest.approx(box["title"]["right"], abs=1)
    assert box["name"]["left"] == pytest.approx(box["name"]["start"], abs=1)
    # An empty field begins where the page begins, and words in it where they do.
    assert box["field"] == "rtl"
    page.fill("#composer-field", "Hello")
    assert page.locator("#composer-field").evaluate("(node) => getComputedStyle(node).direction") == "ltr"
    alice.goto(first)
    # What was written keeps the direction of its own language.
    words = alice.page.locator(".message-body p")
    assert words.evaluate("(node) => getComputedStyle(node).unicodeBidi") == "plaintext"


def test_arabic_has_a_form_for_one_for_two_for_few_and_for_many(new_person: NewPerson) -> None:
    alice = new_person("alice", locale="ar")
    open_room(alice, "شاي")
    count = alice.page.locator("#room-panel [data-target=presenceCount]")
    members = alice.page.locator("[data-target=memberCount]")
    expect(count).to_have_text("شخص واحد هنا")
    expect(members).to_have_text("عضو واحد")
    forms = alice.page.evaluate("() => JSON.parse(document.getElementById('strings').textContent).here")
    assert list(forms) == ["zero", "one", "two", "few", "many", "other"]
    assert forms["few"] == "{count} أشخاص هنا"
    assert forms["many"] == "{count} شخصًا هنا"
    assert alice.page.evaluate("() => new Intl.PluralRules('ar').select(11)") == "many"


def test_a_stranger_switches_the_language_and_keeps_it_after_signing_up(new_person: NewPerson) -> None:
    alice = new_person("alice", sign_up=False)
    page = alice.goto("/")
    page.get_by_role("button", name="Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    alice.sign_up()
    expect(page.get_by_role("heading", level=1)).to_have_text("Räume")
    open_room(alice, "Tee")
    expect(page.get_by_role("button", name="Senden", exact=True)).to_be_visible()
    expect(page.locator(".system-message")).to_contain_text("alice hat den Raum eröffnet.")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_pages_follow_the_system_in_light_and_dark(new_person: NewPerson, dark: bool) -> None:
    alice = new_person("alice", dark=dark)
    open_room(alice, "Tea")
    alice.page.wait_for_selector(READY)
    assert is_dark(alice.page) == dark


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_pages_are_as_somebody_chose_whatever_the_system_says(new_person: NewPerson, dark: bool) -> None:
    alice = new_person("alice", dark=not dark)
    page = alice.goto("/accounts/preferences/")
    page.select_option("[name=theme]", "dark" if dark else "light")
    page.locator("main form [type=submit]").first.click()
    open_room(alice, "Tea")
    assert is_dark(alice.page) == dark
    assert alice.page.evaluate("() => getComputedStyle(document.documentElement).colorScheme") == (
        "dark" if dark else "light"
    )


def test_two_people_with_two_languages_see_the_same_words(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person)
    say(alice.page, "مرحبًا!")
    assert wait_for_words(bob.page, 1) == wait_for_words(alice.page, 1)
