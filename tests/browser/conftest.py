"""People at browsers of their own, on a live site.

These tests leave the ORM alone: Playwright's loop trips its guard.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests import servers
from tests.browser.cast import Cast
from tests.browser.complaints import NETWORK_WEATHER

PASSWORD = "correct horse battery staple"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
# Far more than anything takes: that a machine is busy is no failure.
PATIENCE_MS = 30_000
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}

REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  const { violatedDirective, blockedURI, sourceFile, lineNumber } = event;
  console.error(`CSP: ${violatedDirective} refused ${blockedURI} at ${sourceFile}:${lineNumber}`);
});
"""
# What a page sees behind a proxy that refuses the upgrade: an error, then a close with 1006.
REFUSE_WEBSOCKETS = """
window.WebSocket = class extends EventTarget {
  static CONNECTING = 0; static OPEN = 1; static CLOSING = 2; static CLOSED = 3;
  readyState = 0; bufferedAmount = 0; protocol = ""; extensions = "";
  onopen = null; onmessage = null; onerror = null; onclose = null;
  constructor(url) {
    super();
    this.url = String(url);
    setTimeout(() => {
      this.readyState = 3;
      for (const event of [new Event("error"), new CloseEvent("close", { code: 1006 })]) {
        this.dispatchEvent(event);
        this[`on${event.type}`]?.(event);
      }
    }, 20);
  }
  send() { throw new DOMException("Not connected", "InvalidStateError"); }
  close() {}
};
"""


class Person:
    """Somebody at a browser of their own. What the browser complains of is a failure of the test."""

    def __init__(self, name: str, context: BrowserContext, site: servers.Site) -> None:
        self.name = name
        self.context = context
        self.site = site
        self.complaints: list[str] = []
        self.forgiven: list[str] = []
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.complaints.append(f"uncaught: {error.error}"))
        self.page = context.new_page()

    def _hear(self, message: ConsoleMessage) -> None:
        text = f"{message.text} ({message.location.get('url', '')})"
        if message.type == "error" and not NETWORK_WEATHER.search(text):
            self.complaints.append(text)

    def forgive(self, pattern: str) -> None:
        """Let complaints that match ``pattern`` pass, such as ``status of 403`` where a refusal is the point."""
        self.forgiven.append(pattern)

    def unforgiven(self) -> list[str]:
        return [text for text in self.complaints if not any(re.search(pattern, text) for pattern in self.forgiven)]

    def goto(self, path: str) -> Page:
        self.page.goto(self.site.url + path)
        return self.page

    def come_in(self, session: str) -> None:
        """Be signed in already."""
        self.context.add_cookies([{"name": "sessionid", "value": session, "url": self.site.url}])

    def sign_up(self) -> None:
        page = self.goto("/accounts/signup/")
        page.fill("[name=email]", f"{self.name}@example.org")
        page.fill("[name=username]", self.name)
        page.fill("[name=password1]", PASSWORD)
        page.locator("form:has([name=password1]) [type=submit]").click()
        page.wait_for_url(lambda url: "/accounts/signup/" not in url)


NewPerson = Callable[..., Person]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test in this folder, before ``-m`` chooses."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


# Not of the session: while Playwright runs, its loop keeps asynchronous tests elsewhere from starting theirs.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    chromium = servers.need("chromium-headless-shell")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Cast:
    return Cast(tmp_path_factory.mktemp("cast"))


@pytest.fixture
def new_person(browser: Browser, site: servers.Site, cast: Cast) -> Iterator[NewPerson]:
    """``new_person("alice")`` is alice in a browser of her own, signed in on the test's own site.

    ``sign_up=True`` lets her sign up through the pages, ``sign_up=False`` leaves her a stranger, ``websockets=False``
    refuses her sockets, ``phone=True`` gives her a phone, ``dark=True`` makes her like the dark.
    """
    people: list[Person] = []

    def new(
        name: str, *, sign_up: bool | None = None, websockets: bool = True, phone: bool = False, dark: bool = False,
        **options: Any,
    ) -> Person:  # fmt: skip
        context = browser.new_context(
            **{**(PHONE if phone else DESKTOP), "color_scheme": "dark" if dark else "light", **options}
        )
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(REPORT_VIOLATIONS)
        if not websockets:
            context.add_init_script(REFUSE_WEBSOCKETS)
        person = Person(name, context, site)
        people.append(person)
        if sign_up is None and cast.can_enter(site, name):
            person.come_in(cast.enter(site, name))
        elif sign_up is not False:
            person.sign_up()
        return person

    yield new
    for person in people:
        person.context.close()
    assert {person.name: person.unforgiven() for person in people if person.unforgiven()} == {}
