"""The three engines that people read the pages with, behind one small interface.

Firefox and WebKit are driven by the commands of W3C WebDriver, which both understand: over HTTP, and over Firefox's own
socket. It takes a dozen commands, for which Selenium and Mozilla's client would bring 26 packages.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.display import Display
from tests.browser.engines import chromium, firefox, webkit
from tests.browser.engines.window import Window

NAMES = ("chromium", "firefox", "webkit")
OpenWindow = Callable[[], Window]


@contextmanager
def windows(engine: str, folder: Path, browser: Browser) -> Iterator[OpenWindow]:
    """Return what opens a window of a browser of its own, with nothing in it; all are closed in the end."""
    with ExitStack() as stack:
        display = None if engine == "chromium" else stack.enter_context(Display(folder))

        def open_window() -> Window:
            place = folder / f"window-{len(list(folder.glob('window-*')))}"
            place.mkdir()
            if display is None:
                return stack.enter_context(chromium.window(browser))
            open_one = firefox.window if engine == "firefox" else webkit.window
            return stack.enter_context(open_one(place, display.env))

        yield open_window
