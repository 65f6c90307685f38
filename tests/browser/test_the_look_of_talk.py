"""How talk is set: who joined in one line, pictures side by side, emoji, days; and a room in which nothing was said."""

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests import servers
from tests.browser.conftest import NewPerson
from tests.browser.made import picture
from tests.browser.rooms import READY, go, join, open_room, say, wait_for_words

LINE = ".gathered"
# The distance between the words of two paragraphs, in lines.
GAP = """(body) => {
    const [one, two] = [...body.querySelectorAll("p")].map((p) => p.getBoundingClientRect());
    return (two.top - one.bottom) / one.height;
}"""


def test_who_joined_is_told_in_one_line_that_opens(new_person: NewPerson) -> None:
    alice = new_person("alice")
    room = open_room(alice, "Tea")
    page = alice.page
    for name in ("bob", "charlie"):
        person = new_person(name)
        join(person, "Tea")
    line = page.locator(LINE)
    expect(line).to_have_text("bob and charlie joined.")
    hidden = page.locator(".system-message", has_text="charlie joined.")
    expect(hidden).to_be_hidden()
    # The arrow keys lead to the line, and over what is in it.
    page.keyboard.press("Escape")
    expect(line).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator(".system-message", has_text="alice opened")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(line).to_have_attribute("aria-expanded", "true")
    expect(hidden).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(hidden).to_be_focused()
    line.click()
    expect(hidden).to_be_hidden()
    say(page, "Welcome, both.")
    wait_for_words(page, 1)
    go(alice, room)
    expect(line).to_have_text("bob and charlie joined.")
    expect(line).to_have_attribute("aria-expanded", "false")


def test_pictures_stand_side_by_side_and_emoji_are_large(new_person: NewPerson) -> None:
    alice = new_person("alice")
    room = open_room(alice, "Tea")
    page = alice.page
    say(page, "👍🏽")
    say(page, "A\n\nB")
    wait_for_words(page, 2)
    expect(page.locator(".is-emoji")).to_have_text("👍🏽")
    size = "(node) => parseFloat(getComputedStyle(node).fontSize)"
    assert page.locator(".is-emoji").evaluate(size) > 1.8 * page.locator(".message-body").last.evaluate(size)
    assert 0.4 < page.locator(".message-body").last.evaluate(GAP) < 1
    files = [{"name": f"{n}.png", "mimeType": "image/png", "buffer": picture(300, 200 + 100 * n)} for n in range(4)]
    page.set_input_files("[data-target=fileField]", files)
    page.locator(".tray-item").nth(3).wait_for()
    page.press("#composer-field", "Enter")
    for _ in range(2):
        pictures = page.locator(".log .file-picture")
        expect(pictures).to_have_count(4)
        boxes = [box for box in (found.bounding_box() for found in pictures.all()) if box]
        assert boxes[0]["y"] == boxes[1]["y"] == boxes[2]["y"] < boxes[3]["y"]
        assert boxes[0]["x"] < boxes[1]["x"] < boxes[2]["x"]
        assert abs(boxes[3]["x"] - boxes[0]["x"]) < 1
        assert all(abs(box["width"] - box["height"]) < 1 for box in boxes)
        page = go(alice, room)
    # What each is called is told where one is at it.
    name = page.locator(".file-card").last
    expect(name).to_have_css("opacity", "0")
    page.locator(".file-picture").last.hover()
    expect(name).to_have_css("opacity", "1")


def test_days_have_names_and_the_one_that_is_read_stays_in_view_while_one_scrolls(
    new_person: NewPerson, site: servers.Site
) -> None:
    filled = site.fill("talk", "200", "1", "0")
    alice = new_person("alice", sign_up=False)
    alice.come_in(filled["sessions"]["alice"])
    page = go(alice, f"/rooms/{filled['room']}/")
    expect(page.locator(".day-on-top")).to_have_count(0)
    page.evaluate("() => { document.querySelector('#transcript').scrollTop -= 900; }")
    day = page.locator(".day-on-top")
    expect(day).to_have_class(re.compile("is-shown"))
    expect(day).to_have_text("Today")
    expect(day).not_to_have_class(re.compile("is-shown"))
    # The clock of the computer goes on.
    page.clock.install(time=datetime.now(UTC) + timedelta(days=1))
    page = go(alice, f"/rooms/{filled['room']}/")
    page.evaluate("() => { document.querySelector('#transcript').scrollTop = 0; }")
    page.clock.run_for(3000)
    expect(page.locator(".day time").first).to_have_text("Yesterday")
    page.clock.fast_forward("24:00:00")
    page.clock.run_for(120_000)
    expect(page.locator(".day time").first).to_have_text(re.compile(r"day, \w+ \d+"))


def test_a_room_in_which_nothing_was_said_invites(new_person: NewPerson) -> None:
    alice = new_person("alice")
    open_room(alice, "Tea")
    page = alice.page
    note = page.locator("[data-target=emptyNote]")
    expect(note).to_contain_text("Everybody on this site can find this room and join it.")
    link = note.get_by_role("link", name="Invite people")
    assert (link.get_attribute("href") or "").endswith("/settings/#invitations")
    note.get_by_role("button", name="Say hello").click()
    expect(page.locator("#composer-field")).to_be_focused()
    expect(page.locator("#composer-field")).to_have_value("Hello!")
    page.keyboard.press("Enter")
    wait_for_words(page, 1)
    expect(note).to_be_hidden()
    bob = new_person("bob")
    join(bob, "Tea")
    expect(bob.page.locator("[data-target=sayHello]")).to_have_count(0)


def test_a_room_that_is_changed_to_is_painted_formatted_and_with_its_times(new_person: NewPerson) -> None:
    alice, bob = new_person("alice"), new_person("bob")
    open_room(alice, "Plain")
    plain = alice.page.url
    open_room(alice, "Marked")
    say(alice.page, "Some **bold** words")
    wait_for_words(alice.page, 1)
    join(bob, "Marked")
    join(bob, "Plain")
    page = bob.page
    page.goto(plain)
    page.wait_for_selector(READY)
    watch_first_frame(page)
    page.locator(".side-room", has_text="Marked").click()
    expect(page.locator("[data-target=roomName]")).to_have_text("Marked")
    page.wait_for_function("() => window.painted.length")
    words, time = page.evaluate("() => window.painted[0]")
    assert words == "Some bold words"
    assert re.search(r"\d:\d\d", time)


def watch_first_frame(page: Page) -> None:
    """Note what the first message says in the first frame that shows it."""
    page.evaluate("""() => {
        window.painted = [];
        const look = () => {
            const message = document.querySelector("#transcript .log .message");
            if (!message) return requestAnimationFrame(look);
            const [words, time] = [".message-body", "time"].map((part) => message.querySelector(part));
            window.painted.push([words.innerText, time.textContent]);
        };
        requestAnimationFrame(look);
    }""")
