"""Two people walk through the site, with each of the three engines, and the console has nothing to say."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests import servers
from tests.browser.conftest import PASSWORD
from tests.browser.engines import NAMES, OpenWindow, windows
from tests.browser.engines.window import Window, wait_until
from tests.browser.made import made, picture
from tests.browser.rooms import READY

WORDS = """return [...document.querySelectorAll("#transcript .log .entry .message-body")]
    .map((body) => body.innerText.trim());"""
UNSENT = "return document.querySelectorAll('#transcript .sending .entry').length;"
TEXT = "return document.querySelector(arguments[0])?.innerText ?? '';"
IS_THERE = "return Boolean(document.querySelector(arguments[0])?.checkVisibility());"
PATH = "return document.readyState === 'complete' && location.pathname;"
PICTURES = """return [...document.querySelectorAll("#transcript .log img")]
    .filter((image) => image.complete && image.naturalWidth).length;"""
SCROLL = "document.querySelector('#transcript').scrollTop = arguments[0];"
FROM_THE_END = """const place = document.querySelector("#transcript");
    return Math.round(place.scrollHeight - place.clientHeight - place.scrollTop);"""
TOO_WIDE = "return document.documentElement.scrollWidth - innerWidth;"
SIDEWAYS = (
    "return document.querySelector('#transcript').scrollWidth - document.querySelector('#transcript').clientWidth;"
)


class Walker:
    """Somebody at a window of their own."""

    def __init__(self, name: str, window: Window, site: servers.Site) -> None:
        self.name = name
        self.window = window
        self.site = site

    def sign_up(self) -> None:
        self.window.goto(f"{self.site.url}/accounts/signup/")
        self.window.fill("[name=email]", f"{self.name}@example.org")
        self.window.fill("[name=username]", self.name)
        self.window.fill("[name=password1]", PASSWORD)
        self.window.click("form:has([name=password1]) [type=submit]")
        wait_until("the list of rooms", lambda: self.window.run(PATH) == "/rooms/")

    def open_room(self, name: str) -> None:
        self.window.goto(f"{self.site.url}/rooms/new/")
        self.window.fill("[name=name]", name)
        self.window.click("form:has([name=name]) [type=submit]")
        self.wait_for(READY)

    def join(self) -> None:
        self.window.goto(f"{self.site.url}/rooms/")
        self.window.click("form[action$='/join/'] [type=submit]")
        self.wait_for(READY)

    def say(self, words: str) -> None:
        self.window.fill("#composer-field", words)
        self.window.press_enter("#composer-field")

    def wait_for(self, css: str) -> None:
        wait_until(css, lambda: self.window.run(IS_THERE, css))

    def sees(self, *words: str) -> None:
        """Wait until this is the whole talk, and nothing is on its way."""
        wait_until(f"{words} at {self.name}'s", lambda: self.window.run(WORDS) == list(words))
        wait_until("what is unsent", lambda: self.window.run(UNSENT) == 0)


Two = tuple[Walker, Walker]


@pytest.fixture(params=NAMES)
def open_window(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> Iterator[OpenWindow]:
    with windows(request.param, tmp_path, browser) as open_one:
        yield open_one


@pytest.fixture
def two(open_window: OpenWindow, site: servers.Site) -> Iterator[Two]:
    """Alice and bob, who have signed up and are in a room of alice's; in the end, what the console had to say."""
    alice, bob = Walker("alice", open_window(), site), Walker("bob", open_window(), site)
    alice.sign_up()
    bob.sign_up()
    alice.open_room("Tea")
    bob.join()
    yield alice, bob
    assert alice.window.complaints() + bob.window.complaints() == []


def test_what_the_console_says_is_heard(open_window: OpenWindow, site: servers.Site) -> None:
    window = open_window()
    window.goto(site.url)
    assert window.complaints() == []
    window.run("document.body.append(Object.assign(document.createElement('script'), { textContent: '0' }));")
    wait_until("what is said of the script", window.complaints)
    heard = len(window.complaints())
    window.run("setTimeout(() => { throw new Error('nobody caught it'); });")
    wait_until("what is said of the error", lambda: len(window.complaints()) > heard)


def test_two_people_walk_through_the_site(two: Two, site: servers.Site, tmp_path: Path) -> None:
    alice, bob = two
    alice.say("Hello **bob**")
    bob.sees("Hello bob")
    bob.say("Good morning")
    alice.sees("Hello bob", "Good morning")

    alice.window.choose_file("[data-target=fileField]", made(tmp_path, "tea.png", picture(400, 300)))
    alice.wait_for(".tray-item")
    alice.window.press_enter("#composer-field")
    for walker in two:
        wait_until("the picture", lambda: walker.window.run(PICTURES) == 1)  # noqa: B023

    # The talk is longer than the window: who has scrolled up stays there, who is at its end stays at its end.
    bob.window.resize(1280, 500)
    alice.say("a long message " * 70)
    wait_until("the long message", lambda: len(bob.window.run(WORDS)) == 4)
    bob.window.run(SCROLL, 0)
    said = bob.window.run(WORDS)
    alice.say("At the end")
    wait_until("the end", lambda: bob.window.run(WORDS) == [*said, "At the end"])
    assert bob.window.run(FROM_THE_END) > 100
    wait_until("alice's end", lambda: abs(alice.window.run(FROM_THE_END)) <= 2)

    # The server goes away, words wait, and go out once when it is back.
    site.stop()
    alice.say("Are you there?")
    site.start()
    for walker in two:
        walker.sees(*said, "At the end", "Are you there?")

    # At a phone's width nothing is wider than the window.
    alice.window.resize(390, 844)
    for path in ("/rooms/", "/accounts/profile/"):
        alice.window.goto(site.url + path)
        assert alice.window.run(TOO_WIDE) <= 0
    alice.window.back()
    alice.window.click("a[href*='/rooms/'][href$='/']:not([href='/rooms/']):not([href='/rooms/new/'])")
    alice.wait_for(READY)
    assert max(alice.window.run(TOO_WIDE), alice.window.run(SIDEWAYS)) <= 0
    alice.window.resize(1280, 800)

    # Who has logged out sees nothing by Back.
    alice.window.goto(f"{site.url}/accounts/email/")
    alice.window.goto(f"{site.url}/rooms/")
    alice.window.run("document.querySelector('form[action*=logout]').requestSubmit();")
    wait_until("the way out", lambda: alice.window.run(PATH) == "/")
    alice.window.back()
    wait_until("log-in", lambda: alice.window.run(PATH) == "/accounts/login/")
    assert "alice@example.org" not in alice.window.run(TEXT, "body")


def test_two_people_talk_where_no_socket_opens(two: Two, site: servers.Site) -> None:
    alice, bob = two
    site.env["WEBSOCKETS"] = "off"
    site.stop()
    site.start()
    for walker in two:
        walker.window.goto(walker.window.run("return location.href;"))
        walker.wait_for(READY)
    alice.say("One")
    bob.sees("One")
    bob.say("Two")
    alice.sees("One", "Two")
