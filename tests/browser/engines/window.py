"""A window of a browser, and what somebody does there."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

# Far more than anything takes: that a machine is busy is no failure.
PATIENCE_SECONDS = 60
# By the name that WebDriver gives to an element.
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
ENTER = "\ue007"

SHOWN = "const place = document.querySelector(arguments[0]); return Boolean(place && place.checkVisibility());"
TO_THE_MIDDLE = "document.querySelector(arguments[0]).scrollIntoView({ block: 'center' });"
EMPTY = "document.querySelector(arguments[0]).value = '';"


class Window(Protocol):
    """``css`` names the first element that it fits; who waits, waits for a minute."""

    def goto(self, url: str) -> None: ...

    def back(self) -> None: ...

    def resize(self, width: int, height: int) -> None: ...

    def click(self, css: str) -> None: ...

    def fill(self, css: str, words: str) -> None:
        """Write into a field, in place of what is there."""

    def press_enter(self, css: str) -> None: ...

    def choose_file(self, css: str, path: Path) -> None: ...

    def run(self, script: str, *values: Any) -> Any:
        """Return what the script, the body of a function with these ``arguments``, returns."""

    def complaints(self) -> list[str]:
        """Return what the console has of warnings about our scripts, and of errors."""


class Refused(Exception):
    """What the browser answers to a command that it cannot do, such as to find what is not there, or no more."""


def wait_until(what: str, holds: Callable[[], Any]) -> None:
    """Ask again until it holds; where the page changes at that moment, too."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            if answer := holds():
                return
        except Refused as refusal:
            answer = refusal
        assert time.monotonic() < end, f"This did not come: {what} (but {answer!r})"
        time.sleep(0.1)


class Driven:
    """A window that is driven by WebDriver's commands; how these travel is its own affair."""

    def command(self, name: str, **values: Any) -> Any:
        """Have a command of W3C WebDriver done, by its name there, and return its value."""
        raise NotImplementedError

    def complaints(self) -> list[str]:
        raise NotImplementedError

    def goto(self, url: str) -> None:
        self.command("Navigate", url=url)

    def back(self) -> None:
        self.command("Back")

    def resize(self, width: int, height: int) -> None:
        self.command("SetWindowRect", width=width, height=height)

    def click(self, css: str) -> None:
        self._at(css, "ElementClick")

    def fill(self, css: str, words: str) -> None:
        wait_until(css, lambda: self.run(SHOWN, css))
        self.run(EMPTY, css)
        self._at(css, "ElementSendKeys", text=words)

    def press_enter(self, css: str) -> None:
        self._at(css, "ElementSendKeys", text=ENTER)

    def choose_file(self, css: str, path: Path) -> None:
        self.command("ElementSendKeys", id=self._find(css), text=str(path))

    def run(self, script: str, *values: Any) -> Any:
        return self.command("ExecuteScript", script=script, args=list(values))

    def _at(self, css: str, name: str, **values: Any) -> None:
        """Do it at the element, once it is shown; again where the page changes at that moment."""

        def done() -> bool:
            if not self.run(SHOWN, css):
                return False
            self.run(TO_THE_MIDDLE, css)
            self.command(name, id=self._find(css), **values)
            return True

        wait_until(f"{name} at {css}", done)

    def _find(self, css: str) -> str:
        return str(self.command("FindElement", using="css selector", value=css)[ELEMENT])
