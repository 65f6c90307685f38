"""Rooms change in place: no page is loaded, nothing is lost, and one connection carries it all."""

from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route, expect

from tests import servers
from tests.browser.conftest import NewPerson, Person
from tests.browser.made import made
from tests.browser.rooms import (
    READY,
    fill_in_room,
    go,
    join,
    rows,
    say,
    two_in_a_room,
    wait_for_people,
    wait_for_words,
)
from tests.browser.scrolling import scroll_until
from tests.browser.sending import ON_THE_WAY, PARTS, SENT, send

NAME = "[data-target=roomName]"
FIELD = "#composer-field"
# The seq of the first row in view, and how far below the top of the view it is.
PLACE = """() => {
    const view = document.querySelector("#transcript");
    const top = view.getBoundingClientRect().top;
    const entries = [...view.querySelectorAll(".log .entry")];
    const first = entries.find((entry) => entry.getBoundingClientRect().bottom > top);
    return [Number(first.dataset.seq), Math.round(first.getBoundingClientRect().top - top)];
}"""


def change_to(page: Page, room: str) -> None:
    page.locator(".side-room", has_text=room).click()
    expect(page.locator(NAME)).to_have_text(room)


def watch(person: Person) -> list[str]:
    """Note each socket from now on, and mark the page: one that is loaded has no mark."""
    sockets: list[str] = []
    person.page.on("websocket", lambda socket: sockets.append(socket.url))
    person.page.evaluate("() => { window.isSamePage = true; }")
    return sockets


def expect_to_be_in(page: Page, room: str) -> None:
    """All that tells of the room tells of this one, and it is ready for words."""
    expect(page).to_have_title(f"{room} · Chatsite")
    expect(page.locator("[data-target=roomNews]")).to_have_text(room)
    expect(page.locator(".side-room[aria-current=page]")).to_have_text(room)
    expect(page.locator(FIELD)).to_be_focused()
    expect(page.locator(FIELD)).to_have_value("")
    settings = page.locator("[data-target=settingsLink]").get_attribute("href")
    assert settings == f"{urlsplit(page.url).path}settings/"


def talk_in_both(alice: Person, bob: Person) -> None:
    for times in range(3):
        for person in (alice, bob):
            say(person.page, f"{person.name} {times} in Room 1")
            change_to(person.page, "Room 0")
            say(person.page, f"{person.name} {times} in Room 0")
            change_to(person.page, "Room 1")
    assert wait_for_words(alice.page, 8) == wait_for_words(bob.page, 8)
    for person in (alice, bob):
        change_to(person.page, "Room 0")
        person.page.wait_for_function("() => document.querySelectorAll('#transcript .sending .entry').length === 0")


def test_a_change_of_the_room_loads_no_page_and_loses_nothing(new_person: NewPerson, site: servers.Site) -> None:
    filled = site.fill("talk", "300", "1", "0")
    alice, bob = (new_person(name, sign_up=False) for name in ("alice", "bob"))
    for person in (alice, bob):
        person.come_in(filled["sessions"][person.name])
    join(bob, "Room 1")
    long_room = f"{site.url}/rooms/{filled['room']}/"
    go(bob, long_room)
    page = go(alice, long_room)
    wait_for_people(page, "alice", "bob")
    sockets = watch(alice)
    scroll_until(page, "view.scrollTop - 300", "view.scrollHeight - view.scrollTop - view.clientHeight > 1500")
    place = page.evaluate(PLACE)
    page.fill(FIELD, "Half a thought")

    # A room that was not seen before.
    change_to(page, "Room 1")
    expect_to_be_in(page, "Room 1")
    assert page.url != long_room
    wait_for_people(page, "alice")
    wait_for_people(bob.page, "bob")
    say(page, "Is anybody here?")
    say(bob.page, "Where did you go?")
    say(bob.page, "Hello?")
    expect(page.locator(".side-room", has_text="Room 0").locator(".pill")).to_have_text("2")

    # Back to one that was seen: as it was left, and what was said meanwhile is there.
    page.go_back()
    expect(page.locator(NAME)).to_have_text("Room 0")
    assert page.url == long_room
    expect(page.locator(FIELD)).to_have_value("Half a thought")
    expect(page.locator(".log .entry").last).to_contain_text("Hello?")
    seq, top = page.evaluate(PLACE)
    # Lines are fractions of a pixel high.
    assert (seq, abs(top - place[1]) <= 1) == (place[0], True)
    expect(page.locator(".entry", has=page.locator(".new-line"))).to_contain_text("Where did you go?")
    page.press(FIELD, "Enter")
    wait_for_people(bob.page, "alice", "bob")

    # The other one goes there, too. Both talk in both rooms, and change them as fast as they can.
    change_to(bob.page, "Room 1")
    say(bob.page, "Now I am")
    page.go_forward()
    expect(page.locator(NAME)).to_have_text("Room 1")
    assert [words for _, words in wait_for_words(page, 2)] == ["Is anybody here?", "Now I am"]
    talk_in_both(alice, bob)
    last = [words for _, words in wait_for_words(bob.page, 20)][-9:]
    assert last[:3] == ["Where did you go?", "Hello?", "Half a thought"]
    assert sorted(last[3:]) == sorted(f"{name} {times} in Room 0" for name in ("alice", "bob") for times in range(3))
    assert [words for _, words in wait_for_words(page, 20)][-9:] == last
    for person in (alice, bob):
        seqs = [seq for seq, _ in rows(person.page)]
        assert seqs == sorted(set(seqs))
        expect(person.page.locator(".side-room .pill:visible")).to_have_count(0)
        wait_for_people(person.page, "alice", "bob")
    assert sockets == []
    assert page.evaluate("() => window.isSamePage")
    page.reload()
    page.wait_for_selector(READY)
    assert [words for _, words in wait_for_words(page, 20)][-9:] == last


def test_uploads_go_on_in_the_room_that_was_left_and_a_lost_room_is_gone_to(
    new_person: NewPerson, tmp_path: Path
) -> None:
    alice, bob = two_in_a_room(new_person)
    tea = bob.page.url
    coffee = fill_in_room(bob, "Coffee") if bob.goto("/rooms/new/") else ""
    go(bob, tea)
    watch(bob)
    held: list[Route] = []
    goes_on = False

    def hold(route: Route) -> None:
        if goes_on or route.request.method != "PATCH":
            route.continue_()
        else:
            held.append(route)

    bob.page.route(PARTS, hold)
    content = bytes(range(256)) * 4096
    send(bob.page, made(tmp_path, "large.bin", content), caption="From the road")
    expect(bob.page.locator(ON_THE_WAY)).to_have_count(1)
    change_to(bob.page, "Coffee")
    expect(bob.page.locator(ON_THE_WAY)).to_have_count(0)
    goes_on = True
    for route in held:
        route.continue_()
    expect(alice.page.locator(SENT)).to_have_count(1)
    expect(alice.page.locator(".message-caption")).to_have_text("From the road")
    assert bob.page.url == coffee
    change_to(bob.page, "Tea")
    expect(bob.page.locator(SENT)).to_have_count(1)
    expect(bob.page.locator(ON_THE_WAY)).to_have_count(0)

    # With a key, it is any link: a tab of its own.
    with bob.context.expect_page() as opened:
        bob.page.locator(".side-room", has_text="Coffee").click(modifiers=["Control"])
    opened.value.wait_for_selector(READY)
    opened.value.close()
    expect(bob.page.locator(NAME)).to_have_text("Tea")

    # Taken out of a room that is not shown: it goes from the list, and Back leads to the page that says so.
    change_to(bob.page, "Coffee")
    settings = alice.goto(f"{tea.removeprefix(alice.site.url)}settings/")
    settings.locator("[data-person=bob] .btn-outline-danger").click()
    settings.locator("main form [type=submit]").first.click()
    expect(bob.page.locator(".side-room")).to_have_count(1)
    assert bob.page.evaluate("() => window.isSamePage")
    bob.forgive("status of 403")
    bob.page.go_back()
    expect(bob.page.locator(FIELD)).to_have_count(0)
    assert bob.page.url == tea
    assert not bob.page.evaluate("() => window.isSamePage")
