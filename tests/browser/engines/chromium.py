"""Chromium, as in the other tests, so that the walk has one engine in which it is known to go."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Error, Page

from tests.browser.complaints import NETWORK_WEATHER
from tests.browser.engines.window import PATIENCE_SECONDS, Refused


class ChromiumWindow:
    def __init__(self, page: Page) -> None:
        self._page = page
        self._complaints: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._complaints.append(str(error)))

    def goto(self, url: str) -> None:
        self._page.goto(url)

    def back(self) -> None:
        self._page.go_back()

    def resize(self, width: int, height: int) -> None:
        self._page.set_viewport_size({"width": width, "height": height})

    def click(self, css: str) -> None:
        self._page.locator(css).first.click()

    def fill(self, css: str, words: str) -> None:
        self._page.locator(css).first.fill(words)

    def press_enter(self, css: str) -> None:
        self._page.locator(css).first.press("Enter")

    def choose_file(self, css: str, path: Path) -> None:
        self._page.locator(css).first.set_input_files(path)

    def run(self, script: str, *values: Any) -> Any:
        try:
            return self._page.evaluate(f"(values) => (function () {{ {script} }})(...values)", values)
        except Error as error:
            raise Refused(str(error)) from error

    def _hear(self, said: ConsoleMessage) -> None:
        text = f"{said.text} ({said.location.get('url', '')})"
        if said.type == "error" and not NETWORK_WEATHER.search(text):
            self._complaints.append(text)

    def complaints(self) -> list[str]:
        # What has come is handed out while Playwright is asked something.
        self._page.evaluate("0")
        return self._complaints


@contextmanager
def window(browser: Browser) -> Iterator[ChromiumWindow]:
    # The back/forward cache is what WebKit and Firefox have, too.
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        context.set_default_timeout(PATIENCE_SECONDS * 1_000)
        yield ChromiumWindow(context.new_page())
